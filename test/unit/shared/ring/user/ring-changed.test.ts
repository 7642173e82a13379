import { describe, expect, it } from 'vitest';
import type { RingEvent } from '../../../../../shared/ring/ports/events.ts';
import {
  StorageRefusedError,
  StorageUnavailableError,
} from '../../../../../shared/ring/ports/storage-error.ts';
import { changeForCaller } from '../../../../../shared/ring/serve-caller.ts';
import { type BatchHarness, openHarness } from '../../../../support/ring/batch-harness.ts';
import { always503 } from '../../../../support/ring/requeued.ts';
import { invocation, teamMessage } from '../../../../support/ring/ring-deps.ts';

function changesOf({ events }: BatchHarness): readonly RingEvent[] {
  return events.filter(({ event }) => event === 'ring-changed');
}

const target = '+1 425 555 0123';

describe('the event of a change', () => {
  it('tells for whom, what kind, the outcome, what was set before, the source and the batch, and no number', async () => {
    const harness = await openHarness();
    const [a, b] = [harness.addUser(), harness.addUser()];
    harness.simulator.setState(b, {
      activeSetting: 'SimultaneousRing',
      simultaneousRing: { target: 'Contact', ringDelay: 0, contact: 'tel:+14255550177' },
    });
    const entries = [
      { user: a, target },
      { user: b, ring: 'off' },
    ];
    await harness.deliver({ schema: 'simring/bulk/1', batch: 'hr', source: 'workday', entries });
    const common = { event: 'ring-changed', level: 'info', correlationId: 'c-1' } as const;
    const effort = { durationMs: expect.any(Number), recovery: [] };
    const sent = { outcome: 'applied', source: 'workday', batch: 'hr', ...effort } as const;
    expect(changesOf(harness)).toHaveLength(2);
    expect(changesOf(harness)).toEqual(
      expect.arrayContaining([
        { ...common, user: a, ring: 'contact', previousRing: 'off', ...sent },
        { ...common, user: b, ring: 'off', previousRing: 'contact', ...sent },
      ]),
    );
    expect(JSON.stringify(changesOf(harness))).not.toMatch(/\d{7}/);
  });

  it('of a caller has the source that the caller told, and the name that its batch would have', async () => {
    const harness = await openHarness();
    const call = invocation({ log: (event) => void harness.events.push(event), correlationId: 'ticket-1' });
    const request = { user: harness.addUser(), desired: { ring: 'team' }, dryRun: false } as const;
    await changeForCaller(harness.deps, call, { ...request, source: 'portal' });
    const told = { correlationId: 'ticket-1', source: 'portal', batch: expect.stringMatching(/^http-/) };
    expect(changesOf(harness)).toMatchObject([told]);
  });

  it('is not logged where nothing was written: unchanged, refused, superseded, a dry run, a read', async () => {
    const harness = await openHarness();
    const [a, b] = [harness.addUser(), harness.addUser()];
    harness.simulator.fail({ user: b, step: 'read', times: 9, answer: { status: 403, code: 'Forbidden' } });
    await harness.deliver(
      teamMessage(
        [
          [a, 1],
          [b, 1],
        ],
        { dryRun: true, batch: 'dry' },
      ),
    );
    const entries = [
      { user: a, ring: 'off' },
      { user: b, ring: 'team' },
      { user: 'nobody@nowhere.example', ring: 'off' },
    ];
    await harness.deliver({ schema: 'simring/bulk/1', batch: 'hr', entries });
    expect(harness.outcomes('hr')).toEqual(['unchanged', 'failed', 'rejected']);
    expect(changesOf(harness)).toEqual([]);
  });

  it('of a failure after a write is logged: the write may have taken effect', async () => {
    const harness = await openHarness();
    const a = harness.addUser();
    harness.simulator.fail({ user: a, step: 'write', answer: { status: 200 } });
    await harness.deliver(teamMessage([[a, 1]]));
    expect(harness.outcomes('hr')).toEqual(['failed']);
    expect(changesOf(harness)).toMatchObject([{ user: a, outcome: 'failed', previousRing: 'off' }]);
  });

  it('of a change that is deferred after its write is logged when it ends', async () => {
    const harness = await openHarness();
    const a = harness.addUser();
    harness.simulator.fail({ user: a, step: 'read-back', ...always503 });
    await harness.deliver(teamMessage([[a, 1]]));
    expect(harness.outcomes('hr')).toEqual(['deferred']);
    expect(changesOf(harness)).toEqual([]);
    harness.simulator.clearFaults();
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied']);
    expect(changesOf(harness)).toMatchObject([{ user: a, outcome: 'applied', previousRing: 'off' }]);
  });

  it('of a change that is given up after a write is logged then', async () => {
    const harness = await openHarness({ maxAttempts: 2 });
    const a = harness.addUser();
    harness.simulator.fail({ user: a, step: 'read-back', ...always503 });
    await harness.deliver(teamMessage([[a, 1]]));
    harness.clock.pass(600_000);
    harness.simulator.fail({ user: a, step: 'read', ...always503 });
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['failed']);
    expect(changesOf(harness)).toMatchObject([{ user: a, outcome: 'failed', previousRing: 'off' }]);
  });

  it('is logged once, whatever fails before it is recorded and however often the message comes', async () => {
    for (let index = 0; ; index++) {
      const harness = await openHarness();
      const a = harness.addUser();
      const message = teamMessage([[a, 1]]);
      let hasFailed = false;
      harness.failStorageCall(index, 'before');
      await harness.deliver(message).catch((error: unknown) => {
        hasFailed = true;
        expect(error).toBeInstanceOf(StorageUnavailableError);
      });
      harness.hooks.before = undefined;
      // Until the claim that the failure left behind has expired.
      harness.clock.pass(121_000);
      await harness.deliver(message, { dequeueCount: 2 });
      await harness.drain();
      await harness.deliver(message, { dequeueCount: 3 });
      expect(harness.outcomes('hr'), `call ${index}`).toEqual(['applied']);
      expect(changesOf(harness), `call ${index}`).toHaveLength(1);
      if (!hasFailed) break;
    }
  });

  it('is logged although storage refuses the details of the outcome', async () => {
    const harness = await openHarness();
    const a = harness.addUser();
    let writes = 0;
    harness.hooks.before = async (call) => {
      if (!call.startsWith('write sip:')) return;
      writes += 1;
      if (writes === 2) throw new StorageRefusedError('Storage refused to write a user (413).');
    };
    await harness.deliver(teamMessage([[a, 1]]));
    expect(changesOf(harness)).toMatchObject([{ user: a, outcome: 'applied' }]);
  });
});
