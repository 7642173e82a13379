import { describe, expect, it } from 'vitest';
import { endpointId } from '../../../../shared/ucwa/application.ts';
import { atWork, openClient, openSession, proven, setRing, unhurried } from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { alice, mobile, sipUri } from '../../../support/ucwa/people.ts';
import { simulate, simulateWith, stepsOf } from '../../../support/ucwa/simulation.ts';

const user = sipUri(alice.sip);

describe('dropping the application', () => {
  it('deletes it and makes one of the other endpoint', async () => {
    const { simulator, session } = await atWork();
    await session.dropApplication();
    await session.readSettings();
    expect(stepsOf(simulator)).toEqual(['delete-application', 'create-application', 'read-settings']);
    expect(simulator.requests.map((request) => request.endpointId)).toEqual([
      undefined,
      endpointId(user, 1),
      undefined,
    ]);
    expect(simulator.requests.map(({ status }) => status)).toEqual([204, 201, 200]);
    expect(simulator.applications(alice.sip)).toBe(1);
  });

  it('twice comes back to the first endpoint', async () => {
    const { simulator, session } = await atWork();
    await session.dropApplication();
    await session.dropApplication();
    await session.readSettings();
    expect(simulator.requests.at(-2)?.endpointId).toBe(endpointId(user, 0));
  });

  it('goes on where deleting it fails', async () => {
    const { simulator, session } = await atWork();
    simulator.fail({ step: 'delete-application', answer: { status: 500 } });
    await session.dropApplication();
    expect(await setRing(session, mobile)).toEqual(proven);
  });

  it('mends one that expired', async () => {
    const { simulator, session } = await atWork();
    simulator.expireApplications(alice.sip);
    expect(await failureOf(session.readSettings())).toMatchObject({ subcode: 'InactiveApplicationExpired' });
    await session.dropApplication();
    expect(await setRing(session, mobile)).toEqual(proven);
  });
});

describe('an application that a crash left behind', () => {
  it('is taken over by the next session of the user', async () => {
    const { simulator } = await atWork();
    const next = openSession(openClient(simulator));
    await next.readSettings();
    expect(simulator.requests.find(({ step }) => step === 'create-application')).toMatchObject({
      status: 200,
    });
    expect(simulator.applications(alice.sip)).toBe(1);
    await next.close(unhurried());
    expect(simulator.applications(alice.sip)).toBe(0);
  });
});

describe('dropping the token', () => {
  it('deletes the application with the old one and gets another', async () => {
    const { simulator, session } = await atWork();
    await session.dropToken();
    await session.readSettings();
    expect(stepsOf(simulator)).toEqual([
      'delete-application',
      'token',
      'create-application',
      'read-settings',
    ]);
    expect(simulator.requests.at(-2)?.endpointId).toBe(endpointId(user, 0));
  });

  it('mends one that was revoked', async () => {
    const { simulator, session } = await atWork();
    simulator.expireTokens(alice.sip);
    expect(await failureOf(session.readSettings())).toMatchObject({ status: 401, hasChallenge: true });
    await session.dropToken();
    expect(await setRing(session, mobile)).toEqual(proven);
  });

  it('mends one that was revoked before there was an application', async () => {
    const simulator = await simulate();
    const client = openClient(simulator);
    const first = openSession(client);
    await first.readSettings();
    await first.close(unhurried());
    simulator.expireTokens(alice.sip);

    const session = openSession(client);
    expect(await failureOf(session.readSettings())).toMatchObject({ step: 'application', status: 401 });
    await session.dropToken();
    expect(await setRing(session, mobile)).toEqual(proven);
  });

  it.each(['link', 'redirect'] as const)(
    'mends one that was revoked before the home pool was known (by %s)',
    async (homePool) => {
      const options = { pools: ['registrar', 'home'], users: [{ ...alice, pool: 'home' }] };
      const simulator = await simulateWith({ homePool }, options);
      const session = openSession(openClient(simulator));
      const skip = homePool === 'redirect' ? 1 : 0;
      simulator.fail({ step: 'home-pool', skip, answer: { status: 503 } });
      expect(await failureOf(session.readSettings())).toMatchObject({ step: 'home-pool', status: 503 });

      simulator.expireTokens(alice.sip);
      await retry(session.readSettings.bind(session), session.dropToken.bind(session));
      expect(await setRing(session, mobile)).toEqual(proven);
    },
  );
});

/** Tries until the user's tokens were refused on no pool any more: as often as there are pools. */
async function retry(work: () => Promise<unknown>, drop: () => Promise<void>): Promise<void> {
  for (let pool = 0; pool < 2; pool++) {
    await work().catch(() => undefined);
    await drop();
  }
}

describe('dropping the way', () => {
  it('starts from discovery, with another token and application', async () => {
    const { simulator, session } = await atWork();
    await session.dropRoute();
    await session.readSettings();
    expect(stepsOf(simulator)).toEqual([
      'delete-application',
      'discovery',
      'challenge',
      'token',
      'home-pool',
      'create-application',
      'read-settings',
    ]);
  });

  it('follows a user who was moved to another pool', async () => {
    const simulator = await simulate({ pools: ['old', 'new'], users: [{ ...alice, pool: 'old' }] });
    const client = openClient(simulator);
    await setRing(openSession(client), mobile);
    simulator.addUsers([{ ...alice, pool: 'new' }]);

    const session = openSession(client);
    expect(await failureOf(session.readSettings())).toMatchObject({ step: 'application', status: 403 });
    await session.dropRoute();
    expect(await setRing(session, mobile)).toEqual(proven);
    expect(simulator.requests.at(-1)?.pool).toBe('new');
  });
});
