import { describe, expect, it } from 'vitest';
import { neverAborted, openClient, openSession, proven, setRing } from '../../../support/ucwa/client.ts';
import { simulate, stepsOf } from '../../../support/ucwa/simulation.ts';
import { alice, bob, mobile } from '../../../support/ucwa/users.ts';

const work = ['application', 'read', 'write', 'read-back', 'contact', 'clean-up'] as const;

describe('the requests to set one ring, proof and clean-up included', () => {
  it('are 10 for the first user of a domain', async () => {
    const simulator = await simulate();
    const session = openSession(openClient(simulator));

    expect(await setRing(session, mobile)).toEqual(proven);

    expect(stepsOf(simulator)).toEqual(['discovery', 'challenge', 'token', 'home-pool', ...work]);
    expect(session.requests).toBe(10);
  });

  it('are 8 for the next user, since discovery and challenge are cached', async () => {
    const simulator = await simulate();
    const client = openClient(simulator);
    await setRing(openSession(client, alice), mobile);
    simulator.clearRequests();

    const session = openSession(client, bob);
    expect(await setRing(session, mobile)).toEqual(proven);

    expect(stepsOf(simulator)).toEqual(['token', 'home-pool', ...work]);
    expect(session.requests).toBe(8);
  });

  it('are 6 for the same user again, since token and home pool are cached', async () => {
    const simulator = await simulate();
    const client = openClient(simulator);
    await setRing(openSession(client), mobile);
    simulator.clearRequests();

    const session = openSession(client);
    expect(await setRing(session, mobile)).toEqual(proven);

    expect(stepsOf(simulator)).toEqual(work);
    expect(session.requests).toBe(6);
  });

  it('all carry the correlation id', async () => {
    const simulator = await simulate();
    await setRing(openSession(openClient(simulator), alice, { correlationId: 'one-for-all' }), mobile);
    expect(new Set(simulator.requests.map(({ correlationId }) => correlationId))).toEqual(
      new Set(['one-for-all']),
    );
  });

  it('are reported to the caller by the names of their steps', async () => {
    const simulator = await simulate();
    const steps: string[] = [];
    await setRing(
      openSession(openClient(simulator), alice, { onRequest: (step) => void steps.push(step) }),
      mobile,
    );
    expect(steps).toEqual([
      'discovery',
      'challenge',
      'token',
      'home-pool',
      'application',
      'read',
      'write',
      'read-back',
      'contact',
      'clean-up',
    ]);
  });

  it('leave no application behind', async () => {
    const simulator = await simulate();
    await setRing(openSession(openClient(simulator)), mobile);
    expect(simulator.applications(alice.sip)).toBe(0);
  });

  it('are none for a session that is closed before its first use', async () => {
    const simulator = await simulate();
    await openSession(openClient(simulator)).close(neverAborted());
    expect(simulator.requests).toEqual([]);
  });
});

describe('a probe of discovery', () => {
  it('sends two requests each time, without a user or a password', async () => {
    const simulator = await simulate();
    const client = openClient(simulator);
    await client.probeDiscovery('contoso.com', neverAborted());
    await client.probeDiscovery('contoso.com', neverAborted());
    expect(stepsOf(simulator)).toEqual(['discovery', 'challenge', 'discovery', 'challenge']);
  });

  it('fails as a session does in its discovery step', async () => {
    const simulator = await simulate();
    simulator.fail({ step: 'discovery', answer: { status: 503 } });
    await expect(openClient(simulator).probeDiscovery('contoso.com', neverAborted())).rejects.toMatchObject({
      name: 'UcwaResponseError',
      step: 'discovery',
      status: 503,
    });
  });
});
