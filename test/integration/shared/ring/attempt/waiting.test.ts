import { describe, expect, it } from 'vitest';
import type { Fault, Step } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { openHarness, ringMobile, ringsMobile } from '../../../../support/recovery/recovery-harness.ts';
import { MemoryCredentials } from '../../../../support/ring/memory-credentials.ts';

const endless = Number.POSITIVE_INFINITY;
const startMs = Date.parse('2026-11-23T09:00:00Z');

/** Returns a response that asks for a wait before the next request. */
function asksToWait(retryAfter: string, status = 429): Fault['answer'] {
  return { status, headers: { 'Retry-After': retryAfter } };
}

describe('a Retry-After header', () => {
  it.each([
    ['7', 7_000],
    ['0', 0],
    ['Mon, 23 Nov 2026 09:00:20 GMT', 20_000],
    ['Mon, 23 Nov 2026 08:00:00 GMT', 0],
  ])('of "%s" is honoured', async (retryAfter, delayMs) => {
    for (const status of [429, 503]) {
      const harness = await openHarness();
      harness.simulator.fail({ step: 'read', answer: asksToWait(retryAfter, status) });
      expect(await harness.outcome(harness.addUser('alice'))).toMatchObject({ outcome: 'applied' });
      expect(harness.clock.sleepsMs).toEqual([delayMs]);
    }
  });

  it.each(['1.5', '-1', '1.5 h', 'soon', '2026-11-23T09:00:20Z', '99999999999999999999'])(
    'of "%s" is ignored in favour of our own delay',
    async (retryAfter) => {
      const harness = await openHarness();
      harness.simulator.fail({ step: 'read', answer: asksToWait(retryAfter) });
      await harness.outcome(harness.addUser('alice'));
      expect(harness.clock.sleepsMs).toEqual([125]);
    },
  );

  it.each(['90', '3600', new Date(startMs + 90_000).toUTCString()])(
    'of "%s" goes beyond the deadline and defers the attempt at once',
    async (retryAfter) => {
      const harness = await openHarness();
      harness.simulator.fail({ step: 'write', answer: asksToWait(retryAfter) });
      const alice = harness.addUser('alice');
      expect(await harness.outcome(alice)).toMatchObject({
        outcome: 'deferred',
        code: 'ucwa-unavailable',
        ucwa: { status: 429 },
      });
      expect(harness.clock.sleepsMs).toEqual([]);
      expect(harness.simulator.count('write')).toBe(1);
      expect(harness.simulator.applications(alice)).toBe(0);
    },
  );

  it('of every response defers the attempt once the next wait would go beyond the deadline', async () => {
    const harness = await openHarness();
    harness.simulator.fail({ step: 'write', times: endless, answer: asksToWait('40', 503) });
    expect(await harness.outcome(harness.addUser('alice'))).toMatchObject({ outcome: 'deferred' });
    expect(harness.clock.sleepsMs).toEqual([40_000, 40_000]);
  });

  it('with a date is measured from the time of its response', async () => {
    const harness = await openHarness();
    harness.clock.setBack(5_000);
    harness.simulator.fail({ step: 'write', answer: asksToWait('Mon, 23 Nov 2026 09:00:00 GMT') });
    await harness.outcome(harness.addUser('alice'));
    expect(harness.clock.sleepsMs).toEqual([5_000]);
  });

  it('from the token service is honoured too', async () => {
    const harness = await openHarness();
    harness.simulator.fail({ step: 'token', answer: asksToWait('3') });
    expect(await harness.outcome(harness.addUser('alice'))).toMatchObject({ outcome: 'applied' });
    expect(harness.clock.sleepsMs).toEqual([3_000]);
  });
});

const deferred = { outcome: 'deferred', code: 'interrupted' } as const;

describe('an instance that stops', () => {
  const steps: readonly Step[] = [
    ...(['discovery', 'challenge', 'token', 'home-pool', 'application'] as const),
    ...(['read', 'write', 'contact'] as const),
  ];

  it.each(steps)('defers an attempt at the step %s, after its clean-up', async (step) => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    const controller = new AbortController();
    harness.onHang = () => controller.abort();
    harness.simulator.fail({ step, answer: { kind: 'hang' } });

    expect(await harness.outcome(alice, ringMobile, controller)).toMatchObject({
      ...deferred,
      detail: expect.stringContaining('The instance stopped'),
    });

    expect(harness.simulator.count(step)).toBe(1);
    expect(harness.simulator.applications(alice)).toBe(0);
    expect(ringsMobile(harness.simulator, alice)).toBe(step === 'contact');
  });

  it('defers an attempt that waits for a retry', async () => {
    const controller = new AbortController();
    const clock = new FakeClock({ realTimeouts: true, onSleep: () => controller.abort() });
    const harness = await openHarness({}, { clock });
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step: 'write', answer: { status: 503 } });
    expect(await harness.outcome(alice, ringMobile, controller)).toMatchObject({
      ...deferred,
      attempts: 1,
    });
    expect(harness.simulator.count('write')).toBe(1);
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('defers an attempt that waits to read back once more', async () => {
    const controller = new AbortController();
    const clock = new FakeClock({ realTimeouts: true, onSleep: () => controller.abort() });
    const harness = await openHarness({ variants: { readBackDelayReads: 5 } }, { clock });
    const alice = harness.addUser('alice');
    expect(await harness.outcome(alice, ringMobile, controller)).toMatchObject(deferred);
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('defers an attempt that deletes the old application', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    const controller = new AbortController();
    harness.onHang = () => controller.abort();
    harness.simulator.fail({
      step: 'read',
      answer: { status: 410, subcode: 'TooManyApplications' },
    });
    harness.simulator.fail({ step: 'clean-up', answer: { kind: 'hang' } });
    expect(await harness.outcome(alice, ringMobile, controller)).toMatchObject(deferred);
    expect(harness.simulator.applications(alice)).toBeLessThanOrEqual(1);
  });

  it('defers an attempt that reads the secret', async () => {
    const controller = new AbortController();
    const secrets = new MemoryCredentials({
      before: async () => {
        controller.abort();
        controller.signal.throwIfAborted();
      },
    });
    const harness = await openHarness({}, { secrets });
    expect(await harness.outcome(harness.addUser('alice'), ringMobile, controller)).toMatchObject(deferred);
  });

  it('defers an attempt that has not begun, without a request', async () => {
    const harness = await openHarness();
    const outcome = await harness.outcome(harness.addUser('alice'), ringMobile, {
      signal: AbortSignal.abort(),
    });
    expect(outcome).toMatchObject({ ...deferred, requests: 0 });
    expect(harness.simulator.requests).toEqual([]);
  });
});
