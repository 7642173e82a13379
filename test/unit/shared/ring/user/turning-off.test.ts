import { describe, expect, it } from 'vitest';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import type { SipUri } from '../../../../../shared/ucwa/uri.ts';
import { type BatchHarness, openHarness } from '../../../../support/ring/batch-harness.ts';

const unanswered = { target: 'Contact', ringDelay: 25, contact: 'tel:+14255550177' } as const;

/** Opens a harness with a user who has simultaneous ring on and a target of their own for unanswered calls. */
async function openWithUnanswered(): Promise<{ harness: BatchHarness; user: SipUri; message: object }> {
  const harness = await openHarness();
  const user = harness.addUser();
  harness.simulator.setState(user, {
    activeSetting: 'SimultaneousRing',
    simultaneousRing: { target: 'Contact', ringDelay: 0, contact: 'tel:+14255550123' },
    unanswered,
  });
  const message = { schema: 'simring/bulk/1', batch: 'hr', entries: [{ user, ring: 'off' }] };
  return { harness, user, message };
}

/** Runs `act` before the nth write of a user's record takes effect. */
function atWrite(harness: BatchHarness, user: SipUri, nth: number, act: () => Promise<void> | void): void {
  let writes = 0;
  harness.hooks.before = async (call) => {
    if (call !== `write ${user}`) return;
    writes += 1;
    if (writes !== nth) return;
    harness.hooks.before = undefined;
    await act();
  };
}

describe('turning off', () => {
  it('restores the target for unanswered calls after a crash, from the user’s record', async () => {
    const { harness, user, message } = await openWithUnanswered();
    harness.simulator.fail({
      operation: 'unansweredCallToContact',
      times: Number.POSITIVE_INFINITY,
      answer: { status: 500 },
    });
    const release = 3;
    atWrite(harness, user, release, () => {
      throw new StorageUnavailableError('Storage is down.');
    });
    await expect(harness.deliver(message)).rejects.toThrow(StorageUnavailableError);
    expect(harness.simulator.state(user).activeSetting).toBe('None');
    expect(harness.simulator.state(user).unanswered.target).not.toBe('Contact');

    harness.simulator.clearFaults();
    harness.clock.pass(130_000);
    await harness.deliver(message, { dequeueCount: 2 });

    expect(harness.outcomes('hr')).toEqual(['applied']);
    expect(harness.simulator.state(user)).toMatchObject({ activeSetting: 'None', unanswered });
    expect(harness.simulator.count('write', { operation: 'turnOffCallForwarding' })).toBe(1);
  });

  it('keeps the target for unanswered calls when storage fails to record it', async () => {
    const { harness, user, message } = await openWithUnanswered();
    const recording = 2;
    atWrite(harness, user, recording, () => {
      throw new StorageUnavailableError('Storage is down.');
    });
    await expect(harness.deliver(message)).rejects.toThrow(StorageUnavailableError);
    expect(harness.simulator.count('write', { operation: 'turnOffCallForwarding' })).toBe(0);

    harness.clock.pass(130_000);
    await harness.deliver(message, { dequeueCount: 2 });

    expect(harness.outcomes('hr')).toEqual(['applied']);
    expect(harness.simulator.state(user)).toMatchObject({ activeSetting: 'None', unanswered });
  });

  it.each([
    ['that turns off too', { ring: 'off' }, 'None'],
    ['that rings the team', { ring: 'team' }, 'SimultaneousRing'],
  ] as const)(
    'leaves the restoring to a newer request %s, when one comes first',
    async (_name, desired, active) => {
      const { harness, user, message } = await openWithUnanswered();
      harness.simulator.fail({
        operation: 'unansweredCallToContact',
        times: Number.POSITIVE_INFINITY,
        answer: { status: 500 },
      });
      await harness.deliver(message);
      expect(harness.outcomes('hr')).toEqual(['deferred']);
      harness.simulator.clearFaults();

      harness.clock.pass(1_000);
      const changed = await harness.changeForCaller(user, desired);

      expect(changed).toMatchObject({ kind: 'ended', outcome: { outcome: 'applied', verified: true } });
      expect(harness.simulator.state(user)).toMatchObject({ activeSetting: active, unanswered });
      expect(harness.users.peek(user).unansweredToRestore).toBeUndefined();
      await harness.drain();
      expect(harness.outcomes('hr')).toEqual(['superseded']);
    },
  );

  it('records the target once, however many attempts it takes', async () => {
    const { harness, user, message } = await openWithUnanswered();
    harness.simulator.fail({ operation: 'turnOffCallForwarding', times: 2, answer: { status: 500 } });
    await harness.deliver(message);
    expect(harness.outcomes('hr')).toEqual(['applied']);
    expect(harness.users.writes).toBe(3);
    expect(harness.simulator.state(user)).toMatchObject({ activeSetting: 'None', unanswered });
  });

  it('releases the claim when the instance stops before anything was turned off', async () => {
    const { harness, user, message } = await openWithUnanswered();
    const stop = new AbortController();
    const recording = 2;
    atWrite(harness, user, recording, () => stop.abort(new Error('The instance is about to stop.')));
    await expect(harness.deliver(message, { signal: stop.signal })).rejects.toThrow(
      'The instance is about to stop',
    );
    expect(harness.simulator.count('write', { operation: 'turnOffCallForwarding' })).toBe(0);
    expect(harness.users.peek(user)).toMatchObject({ last: { mayHaveWritten: false } });
    expect(harness.users.peek(user).claim).toBeUndefined();
  });

  it('writes nothing to UCWA when the claim was lost before', async () => {
    const { harness, user, message } = await openWithUnanswered();
    const recording = 2;
    atWrite(harness, user, recording, async () => {
      const { etag } = await harness.users.read(user);
      await harness.users.write(
        user,
        { claim: { id: 'other', untilMs: harness.clock.nowMs() + 60_000 } },
        etag,
      );
    });
    await harness.deliver(message);
    expect(harness.outcomes('hr')).toEqual(['deferred']);
    expect(harness.ledger.peek({ batch: 'hr', part: 0 })[0]?.outcome).toMatchObject({
      detail:
        'The time to work for this user ran out before the outcome could be recorded. It will be tried again from the queue.',
    });
    expect(harness.simulator.count('write', { operation: 'turnOffCallForwarding' })).toBe(0);
    expect(harness.events).toContainEqual(expect.objectContaining({ event: 'claim-lost' }));
    harness.clock.pass(60_000);
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied']);
    expect(harness.simulator.state(user)).toMatchObject({ activeSetting: 'None', unanswered });
  });

  it('needs no extra write to storage when there is no target for unanswered calls', async () => {
    const { harness, user, message } = await openWithUnanswered();
    harness.simulator.setState(user, { unanswered: { target: 'None', ringDelay: 0 } });
    await harness.deliver(message);
    expect(harness.outcomes('hr')).toEqual(['applied']);
    expect(harness.users.writes).toBe(2);
  });
});
