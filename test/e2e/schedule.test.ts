import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { batchSchema } from '../../infra/local/demo/batch.ts';
import type { CallForwardingState } from '../../infra/local/ucwa-simulator/simulator.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const contact = 'sip:assistant@schedule.example';

/** What the users have before: each of five settings is that of a fifth of them. */
const before: readonly Partial<CallForwardingState>[] = [
  { activeSetting: 'ImmediateForward', immediateForward: { target: 'Contact', contact } },
  { activeSetting: 'ImmediateForward', immediateForward: { target: 'Voicemail' } },
  { activeSetting: 'SimultaneousRing', simultaneousRing: { target: 'Delegates', ringDelay: 15 } },
  { unanswered: { target: 'Contact', ringDelay: 25, contact } },
  { activePeriod: 'Workhours' },
];
const addresses = Array.from({ length: 50 }, (_, nth) => `user${nth}@schedule.example`);

const acceptedSchema = z.object({ batch: z.string(), status: z.string() });

async function start(users: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const system = await System.start(
    users.map((address) => localUser(address)),
    settings,
  );
  onTestFinished(() => system.stop());
  return system;
}

/** Waits until a batch has finished, and returns it. */
async function finished(system: System, batch: string, url = system.functions.url) {
  const { body } = await eventually(
    () => system.call('GET', `${url}/api/bulk/${batch}?limit=1000`),
    ({ status, body: shown }) => status === 200 && batchSchema.parse(shown).finished,
  );
  return batchSchema.parse(body);
}

describe('the undo of a batch', () => {
  it('puts back each of fifty users, and leaves alone and tells whom a newer request or the user has changed', async () => {
    const system = await start(addresses);
    const { ucwa } = system.services;
    for (const [nth, user] of addresses.entries()) system.choose(user, before[nth % before.length] ?? {});
    const states = new Map(addresses.map((user) => [user, ucwa.state(`sip:${user}`)]));
    const entries = addresses.map((user, nth) => ({
      user,
      target: '+1 425 555 0123',
      ...(nth % 2 === 0 ? { activePeriod: 'workhours' } : {}),
    }));
    const message = { schema: 'simring/bulk/1', batch: 'move', entries };
    await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
    expect((await finished(system, 'move')).counts).toEqual({ applied: 50 });

    const [newer = '', own = '', ...others] = addresses;
    await system.ring('PUT', newer, { ring: 'team' });
    system.choose(own, {
      activeSetting: 'SimultaneousRing',
      simultaneousRing: { target: 'Team', ringDelay: 3 },
    });
    const rehearsed = acceptedSchema.parse(
      (await system.call('POST', '/api/bulk/move/undo?dryRun=true')).body,
    );
    const wouldBe = await finished(system, rehearsed.batch);
    expect(wouldBe.outcomes.filter(({ would }) => would === 'apply')).toHaveLength(48);
    expect(ucwa.state(`sip:${others[0]}`).simultaneousRing.target).toBe('Contact');

    const undone = acceptedSchema.parse((await system.call('POST', '/api/bulk/move/undo')).body);
    const ended = await finished(system, undone.batch);
    expect(ended.counts).toEqual({ applied: 48, superseded: 2 });
    const told = ended.outcomes.filter(({ outcome }) => outcome === 'superseded');
    expect(told.map(({ user, detail }) => [user, detail])).toEqual([
      [`sip:${newer}`, expect.stringContaining('newer request')],
      [`sip:${own}`, expect.stringContaining('their own client')],
    ]);
    for (const user of others) {
      expect(inForce(ucwa.state(`sip:${user}`)), user).toEqual(
        inForce(states.get(user) ?? ucwa.state(`sip:${user}`)),
      );
    }
    expect(ucwa.state(`sip:${newer}`).simultaneousRing.target).toBe('Team');
    expect(ucwa.state(`sip:${own}`).simultaneousRing).toEqual({ target: 'Team', ringDelay: 3 });
    expect(await system.call('POST', '/api/bulk/move/undo')).toMatchObject({
      status: 202,
      body: { batch: undone.batch, existing: true },
    });
    expect((await system.call('POST', `/api/bulk/${undone.batch}/undo`)).status).toBe(400);
    expect((await system.call('POST', '/api/bulk/unknown/undo')).status).toBe(404);
  });
});

/** What is remembered of a setting that is not on is left out. */
function inForce({ simultaneousRing, immediateForward, ...state }: CallForwardingState): object {
  return {
    ...state,
    ...(state.activeSetting === 'SimultaneousRing' ? { simultaneousRing } : {}),
    ...(state.activeSetting === 'ImmediateForward' ? { immediateForward } : {}),
  };
}

describe('a setting with `from` and `until`', () => {
  it('begins and ends in time, with a restart of the functions in each phase', async () => {
    const [user = ''] = addresses;
    const system = await start([user]);
    const { ucwa } = system.services;
    const ring = () => ucwa.state(`sip:${user}`);
    const ringing = () => ring().simultaneousRing.ringDelay;
    system.choose(user, {
      activeSetting: 'SimultaneousRing',
      simultaneousRing: { target: 'Team', ringDelay: 9 },
    });
    const startMs = Date.now();
    const body = {
      ring: 'team',
      ringDelaySeconds: 20,
      from: new Date(startMs + 6_000).toISOString(),
      until: new Date(startMs + 30_000).toISOString(),
    };
    const scheduled = await system.ring('PUT', user, body);
    expect(scheduled).toMatchObject({ status: 202, body: { outcome: 'scheduled', nextTryAt: body.from } });
    expect(ringing()).toBe(9);
    await system.functions.stop('SIGTERM');

    const second = await system.startInstance();
    await eventually(
      async () => ringing(),
      (delay) => delay === 20,
    );
    expect(Date.now()).toBeGreaterThanOrEqual(startMs + 6_000);
    const path = `/api/users/${user}/simultaneous-ring`;
    expect((await system.call('GET', `${second.url}${path}`)).body).toMatchObject({ until: body.until });
    await second.stop('SIGTERM');

    const third = await system.startInstance();
    onTestFinished(async () => void (await third.stop()));
    await eventually(
      async () => ringing(),
      (delay) => delay === 9,
    );
    expect(Date.now()).toBeGreaterThanOrEqual(startMs + 30_000);
    const { status } = z.object({ status: z.string() }).parse(scheduled.body);
    const shown = await eventually(
      () => system.call('GET', `${third.url}${status}`),
      ({ body: batch }) => batchSchema.parse(batch).finished,
    );
    expect(shown.body).toMatchObject({ counts: { applied: 1 }, undoneBy: expect.stringMatching(/^until-/) });
    expect((await system.call('GET', `${third.url}${path}`)).body).not.toHaveProperty('until');
  });
});
