import { describe, expect, it } from 'vitest';
import { endpointId } from '../../../../shared/ucwa/application.ts';
import {
  neverAborted,
  openClient,
  openedSession,
  openSession,
  proven,
  setRing,
} from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { simulate, simulateWith, stepsOf } from '../../../support/ucwa/simulation.ts';
import { alice, mobile, sipUri } from '../../../support/ucwa/users.ts';

const user = sipUri(alice.sip);

describe('dropping the application', () => {
  it('deletes it and creates one on the other endpoint', async () => {
    const { simulator, session } = await openedSession();
    await session.dropApplication();
    await session.callForwarding.readSettings();
    expect(stepsOf(simulator)).toEqual(['clean-up', 'application', 'read']);
    expect(simulator.requests.map((request) => request.endpointId)).toEqual([
      undefined,
      endpointId(user, 1),
      undefined,
    ]);
    expect(simulator.requests.map(({ status }) => status)).toEqual([204, 201, 200]);
    expect(simulator.applications(alice.sip)).toBe(1);
  });

  it('twice returns to the first endpoint', async () => {
    const { simulator, session } = await openedSession();
    await session.dropApplication();
    await session.dropApplication();
    await session.callForwarding.readSettings();
    expect(simulator.requests.at(-2)?.endpointId).toBe(endpointId(user, 0));
  });

  it('continues if deleting it fails', async () => {
    const { simulator, session } = await openedSession();
    simulator.fail({ step: 'clean-up', answer: { status: 500 } });
    await session.dropApplication();
    expect(await setRing(session, mobile)).toEqual(proven);
  });

  it('recovers from an expired application', async () => {
    const { simulator, session } = await openedSession();
    simulator.expireApplications(alice.sip);
    expect(await failureOf(session.callForwarding.readSettings())).toMatchObject({
      subcode: 'InactiveApplicationExpired',
    });
    await session.dropApplication();
    expect(await setRing(session, mobile)).toEqual(proven);
  });
});

describe('an application left behind by a crash', () => {
  it('is taken over by the next session of the user', async () => {
    const { simulator } = await openedSession();
    const next = openSession(openClient(simulator));
    await next.callForwarding.readSettings();
    expect(simulator.requests.find(({ step }) => step === 'application')).toMatchObject({
      status: 200,
    });
    expect(simulator.applications(alice.sip)).toBe(1);
    await next.close(neverAborted());
    expect(simulator.applications(alice.sip)).toBe(0);
  });
});

describe('dropping the token', () => {
  it('deletes the application with the old token and requests another', async () => {
    const { simulator, session } = await openedSession();
    await session.dropToken();
    await session.callForwarding.readSettings();
    expect(stepsOf(simulator)).toEqual(['clean-up', 'token', 'application', 'read']);
    expect(simulator.requests.at(-2)?.endpointId).toBe(endpointId(user, 0));
  });

  it('recovers from a revoked token', async () => {
    const { simulator, session } = await openedSession();
    simulator.expireTokens(alice.sip);
    expect(await failureOf(session.callForwarding.readSettings())).toMatchObject({
      status: 401,
      hasChallenge: true,
    });
    await session.dropToken();
    expect(await setRing(session, mobile)).toEqual(proven);
  });

  it('recovers from a token that was revoked before the application was created', async () => {
    const simulator = await simulate();
    const client = openClient(simulator);
    const first = openSession(client);
    await first.callForwarding.readSettings();
    await first.close(neverAborted());
    simulator.expireTokens(alice.sip);

    const session = openSession(client);
    expect(await failureOf(session.callForwarding.readSettings())).toMatchObject({
      step: 'application',
      status: 401,
    });
    await session.dropToken();
    expect(await setRing(session, mobile)).toEqual(proven);
  });

  it.each(['link', 'redirect'] as const)(
    'recovers from a token that was revoked before the home pool was known (by %s)',
    async (homePool) => {
      const options = { pools: ['registrar', 'home'], users: [{ ...alice, pool: 'home' }] };
      const simulator = await simulateWith({ homePool }, options);
      const session = openSession(openClient(simulator));
      const skip = homePool === 'redirect' ? 1 : 0;
      simulator.fail({ step: 'home-pool', operation: 'user', skip, answer: { status: 503 } });
      expect(await failureOf(session.callForwarding.readSettings())).toMatchObject({
        step: 'home-pool',
        status: 503,
      });

      simulator.expireTokens(alice.sip);
      await dropAfterEach(
        () => session.callForwarding.readSettings(),
        () => session.dropToken(),
      );
      expect(await setRing(session, mobile)).toEqual(proven);
    },
  );
});

/** Repeats the work and drops the token after it, once for each of the two pools, until no pool has an old token. */
async function dropAfterEach(work: () => Promise<unknown>, drop: () => Promise<void>): Promise<void> {
  for (let pool = 0; pool < 2; pool++) {
    await work().catch(() => undefined);
    await drop();
  }
}

describe('dropping the route', () => {
  it('starts from discovery, with another token and application', async () => {
    const { simulator, session } = await openedSession();
    await session.dropRoute();
    await session.callForwarding.readSettings();
    expect(stepsOf(simulator)).toEqual([
      'clean-up',
      'discovery',
      'challenge',
      'token',
      'home-pool',
      'application',
      'read',
    ]);
  });

  it('follows a user who was moved to another pool', async () => {
    const simulator = await simulate({ pools: ['old', 'new'], users: [{ ...alice, pool: 'old' }] });
    const client = openClient(simulator);
    await setRing(openSession(client), mobile);
    simulator.addUsers([{ ...alice, pool: 'new' }]);

    const session = openSession(client);
    expect(await failureOf(session.callForwarding.readSettings())).toMatchObject({
      step: 'application',
      status: 403,
    });
    await session.dropRoute();
    expect(await setRing(session, mobile)).toEqual(proven);
    expect(simulator.requests.at(-1)?.pool).toBe('new');
  });
});
