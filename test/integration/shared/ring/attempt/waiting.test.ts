import { describe, expect, it } from 'vitest';
import type { Fault, Step } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { openHarness, ringMobile, ringsMobile } from '../../../../support/recovery/recovery-harness.ts';
import { MemoryCredentials } from '../../../../support/ring/memory-credentials.ts';

const endless = Number.POSITIVE_INFINITY;
const start = Date.parse('2026-11-23T09:00:00Z');

function askedToWait(retryAfter: string, status = 429): Fault['answer'] {
  return { status, headers: { 'Retry-After': retryAfter } };
}

describe('Retry-After', () => {
  it.each([
    ['7', 7_000],
    ['0', 0],
    ['Mon, 23 Nov 2026 09:00:20 GMT', 20_000],
    ['Mon, 23 Nov 2026 08:00:00 GMT', 0],
  ])('of "%s" is honoured', async (retryAfter, waitMs) => {
    for (const status of [429, 503]) {
      const harness = await openHarness();
      harness.simulator.fail({ step: 'read', answer: askedToWait(retryAfter, status) });
      expect(await harness.outcome(harness.addUser('alice'))).toMatchObject({ outcome: 'applied' });
      expect(harness.clock.sleepsMs).toEqual([waitMs]);
    }
  });

  it.each(['1.5', '-1', '1.5 h', 'soon', '2026-11-23T09:00:20Z', '99999999999999999999'])(
    'of "%s" says nothing: the wait is our own',
    async (retryAfter) => {
      const harness = await openHarness();
      harness.simulator.fail({ step: 'read', answer: askedToWait(retryAfter) });
      await harness.outcome(harness.addUser('alice'));
      expect(harness.clock.sleepsMs).toEqual([125]);
    },
  );

  it.each(['90', '3600', new Date(start + 90_000).toUTCString()])(
    'of "%s" is longer than what is left: deferred at once',
    async (retryAfter) => {
      const harness = await openHarness();
      harness.simulator.fail({ step: 'write', answer: askedToWait(retryAfter) });
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

  it('again and again uses up what is left', async () => {
    const harness = await openHarness();
    harness.simulator.fail({ step: 'write', times: endless, answer: askedToWait('40', 503) });
    expect(await harness.outcome(harness.addUser('alice'))).toMatchObject({ outcome: 'deferred' });
    expect(harness.clock.sleepsMs).toEqual([40_000, 40_000]);
  });

  it('counts from now, whenever it comes', async () => {
    const harness = await openHarness();
    harness.clock.setBack(5_000);
    harness.simulator.fail({ step: 'write', answer: askedToWait('Mon, 23 Nov 2026 09:00:00 GMT') });
    await harness.outcome(harness.addUser('alice'));
    expect(harness.clock.sleepsMs).toEqual([5_000]);
  });

  it('of the token service is honoured too', async () => {
    const harness = await openHarness();
    harness.simulator.fail({ step: 'token', answer: askedToWait('3') });
    expect(await harness.outcome(harness.addUser('alice'))).toMatchObject({ outcome: 'applied' });
    expect(harness.clock.sleepsMs).toEqual([3_000]);
  });
});

const out = { outcome: 'deferred', code: 'ucwa-unavailable' } as const;

describe('a signal that is aborted ends an attempt as deferred', () => {
  const steps: readonly Step[] = [
    ...(['discovery', 'challenge', 'token', 'home-pool', 'application'] as const),
    ...(['read', 'write', 'contact'] as const),
  ];

  it.each(steps)('at %s, and cleans up', async (step) => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    const controller = new AbortController();
    harness.onHang = () => controller.abort();
    harness.simulator.fail({ step, answer: { kind: 'hang' } });

    expect(await harness.outcome(alice, ringMobile, controller)).toMatchObject({
      ...out,
      detail: expect.stringContaining('time for this attempt ran out'),
    });

    expect(harness.simulator.count(step)).toBe(1);
    expect(harness.simulator.applications(alice)).toBe(0);
    expect(ringsMobile(harness.simulator, alice)).toBe(step === 'contact');
  });

  it('in a wait between two tries', async () => {
    const controller = new AbortController();
    const clock = new FakeClock({ realTimeouts: true, onSleep: () => controller.abort() });
    const harness = await openHarness({}, { clock });
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step: 'write', answer: { status: 503 } });
    expect(await harness.outcome(alice, ringMobile, controller)).toMatchObject({
      ...out,
      ucwa: { status: 503 },
      attempts: 1,
    });
    expect(harness.simulator.count('write')).toBe(1);
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('in the second look at what does not show at once', async () => {
    const controller = new AbortController();
    const clock = new FakeClock({ realTimeouts: true, onSleep: () => controller.abort() });
    const harness = await openHarness({ variants: { readBackDelayReads: 5 } }, { clock });
    const alice = harness.addUser('alice');
    expect(await harness.outcome(alice, ringMobile, controller)).toMatchObject(out);
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('in the deletion of the old application', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    const controller = new AbortController();
    harness.onHang = () => controller.abort();
    harness.simulator.fail({
      step: 'read',
      answer: { status: 410, subcode: 'TooManyApplications' },
    });
    harness.simulator.fail({ step: 'clean-up', answer: { kind: 'hang' } });
    expect(await harness.outcome(alice, ringMobile, controller)).toMatchObject(out);
    expect(harness.simulator.applications(alice)).toBeLessThanOrEqual(1);
  });

  it('in the vault', async () => {
    const controller = new AbortController();
    const secrets = new MemoryCredentials({
      before: async () => {
        controller.abort();
        controller.signal.throwIfAborted();
      },
    });
    const harness = await openHarness({}, { secrets });
    expect(await harness.outcome(harness.addUser('alice'), ringMobile, controller)).toMatchObject(out);
  });

  it('before it begins', async () => {
    const harness = await openHarness();
    const outcome = await harness.outcome(harness.addUser('alice'), ringMobile, {
      signal: AbortSignal.abort(),
    });
    expect(outcome).toMatchObject({ ...out, requests: 0 });
    expect(harness.simulator.requests).toEqual([]);
  });
});
