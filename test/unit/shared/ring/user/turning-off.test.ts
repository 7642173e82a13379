import { expect, it } from 'vitest';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import type { SipUri } from '../../../../../shared/ucwa/uri.ts';
import { type BulkDesk, openDesk } from '../../../../support/ring/bulk-desk.ts';

const unanswered = { target: 'Contact', ringDelay: 25, contact: 'tel:+14255550177' } as const;

/** Somebody who is rung elsewhere, and has a target of their own for calls that nobody answers. */
async function openWithOne(): Promise<{ desk: BulkDesk; user: SipUri; message: object }> {
  const desk = await openDesk();
  const [user] = desk.hire(1);
  if (user === undefined) throw new Error('Nobody was hired.');
  desk.simulator.setState(user, {
    activeSetting: 'SimultaneousRing',
    simultaneousRing: { target: 'Contact', ringDelay: 0, contact: 'tel:+14255550123' },
    unanswered,
  });
  const message = { schema: 'simring/bulk/1', batch: 'hr', entries: [{ user, ring: 'off' }] };
  return { desk, user, message };
}

/** Calls something at the nth write of a user's record, before it takes effect. */
function atWrite(desk: BulkDesk, user: SipUri, nth: number, act: () => Promise<void> | void): void {
  let writes = 0;
  desk.hooks.before = async (call) => {
    if (call !== `write ${user}`) return;
    writes += 1;
    if (writes !== nth) return;
    desk.hooks.before = undefined;
    await act();
  };
}

it('sets the target for unanswered calls again, though all that was known of it in memory is gone', async () => {
  const { desk, user, message } = await openWithOne();
  desk.simulator.fail({ step: 'set-unanswered', times: Number.POSITIVE_INFINITY, answer: { status: 500 } });
  const release = 3;
  atWrite(desk, user, release, () => {
    throw new StorageUnavailableError('Storage is away.');
  });
  await expect(desk.deliver(message)).rejects.toThrow(StorageUnavailableError);
  expect(desk.simulator.state(user).activeSetting).toBe('None');
  expect(desk.simulator.state(user).unanswered.target).not.toBe('Contact');

  desk.simulator.clearFaults();
  desk.clock.pass(130_000);
  await desk.deliver(message, { dequeueCount: 2 });

  expect(desk.outcomes('hr')).toEqual(['applied']);
  expect(desk.simulator.state(user)).toMatchObject({ activeSetting: 'None', unanswered });
  expect(desk.simulator.count('turn-off')).toBe(1);
});

it('keeps the target where storage fails just when it was to be recorded', async () => {
  const { desk, user, message } = await openWithOne();
  const recording = 2;
  atWrite(desk, user, recording, () => {
    throw new StorageUnavailableError('Storage is away.');
  });
  await expect(desk.deliver(message)).rejects.toThrow(StorageUnavailableError);
  expect(desk.simulator.count('turn-off')).toBe(0);

  desk.clock.pass(130_000);
  await desk.deliver(message, { dequeueCount: 2 });

  expect(desk.outcomes('hr')).toEqual(['applied']);
  expect(desk.simulator.state(user)).toMatchObject({ activeSetting: 'None', unanswered });
});

it.each([
  ['another turning off', { ring: 'off' }, 'None'],
  ['ringing the team', { ring: 'team' }, 'SimultaneousRing'],
] as const)(
  'leaves it to %s to set the target again, where that comes in between',
  async (_what, desired, active) => {
    const { desk, user, message } = await openWithOne();
    desk.simulator.fail({ step: 'set-unanswered', times: Number.POSITIVE_INFINITY, answer: { status: 500 } });
    await desk.deliver(message);
    expect(desk.outcomes('hr')).toEqual(['deferred']);
    desk.simulator.clearFaults();

    desk.clock.pass(1_000);
    const changed = await desk.changeNow(user, desired);

    expect(changed).toMatchObject({ kind: 'ended', outcome: { outcome: 'applied', verified: true } });
    expect(desk.simulator.state(user)).toMatchObject({ activeSetting: active, unanswered });
    expect(desk.users.peek(user).unansweredToRestore).toBeUndefined();
    await desk.drain();
    expect(desk.outcomes('hr')).toEqual(['superseded']);
  },
);

it('records once what is to be set again, however often it takes to turn off', async () => {
  const { desk, user, message } = await openWithOne();
  desk.simulator.fail({ step: 'turn-off', times: 2, answer: { status: 500 } });
  await desk.deliver(message);
  expect(desk.outcomes('hr')).toEqual(['applied']);
  expect(desk.users.writes).toBe(3);
  expect(desk.simulator.state(user)).toMatchObject({ activeSetting: 'None', unanswered });
});

it('holds no claim where it is stopped before anything was turned off', async () => {
  const { desk, user, message } = await openWithOne();
  const stop = new AbortController();
  const recording = 2;
  atWrite(desk, user, recording, () => stop.abort(new Error('The instance stops.')));
  await expect(desk.deliver(message, { signal: stop.signal })).rejects.toThrow('The instance stops');
  expect(desk.simulator.count('turn-off')).toBe(0);
  expect(desk.users.peek(user)).toMatchObject({ last: { mayHaveWritten: false } });
  expect(desk.users.peek(user).claim).toBeUndefined();
});

it('turns nothing off where the claim was lost before', async () => {
  const { desk, user, message } = await openWithOne();
  const recording = 2;
  atWrite(desk, user, recording, async () => {
    const { etag } = await desk.users.read(user);
    await desk.users.write(user, { claim: { id: 'other', untilMs: desk.clock.nowMs() + 60_000 } }, etag);
  });
  await desk.deliver(message);
  expect(desk.outcomes('hr')).toEqual(['deferred']);
  expect(desk.simulator.count('turn-off')).toBe(0);
  expect(desk.events).toContainEqual(expect.objectContaining({ event: 'claim-lost' }));
  desk.clock.pass(60_000);
  await desk.drain();
  expect(desk.outcomes('hr')).toEqual(['applied']);
  expect(desk.simulator.state(user)).toMatchObject({ activeSetting: 'None', unanswered });
});

it('asks storage for no more where there is no such target', async () => {
  const { desk, user, message } = await openWithOne();
  desk.simulator.setState(user, { unanswered: { target: 'None', ringDelay: 0 } });
  await desk.deliver(message);
  expect(desk.outcomes('hr')).toEqual(['applied']);
  expect(desk.users.writes).toBe(2);
});
