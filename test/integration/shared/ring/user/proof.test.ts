import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import { openHarness, ringMobile } from '../../../../support/recovery/recovery-harness.ts';

/** Bob is rung, and the server shows him as a person who has the desired number among his numbers. */
const ringsBob = {
  activeSetting: 'SimultaneousRing',
  simultaneousRing: { target: 'Contact', ringDelay: 0, contact: 'tel:+14255550123' },
} as const;

const failures: readonly (readonly [name: string, fault: Omit<Fault, 'step'>])[] = [
  ['500', { answer: { status: 500 } }],
  ['503', { answer: { status: 503 } }],
  ['429', { answer: { status: 429 } }],
  ['an ineffective 204', { answer: { status: 204, body: '' } }],
];

describe('a ring that shows the desired number among the numbers of a person before the write', () => {
  it.each(failures)(
    'proves nothing after a write that got %s: it is written again, unverified',
    async (_name, fault) => {
      const harness = await openHarness({ variants: { numberForm: 'person' } });
      const alice = harness.addUser('alice', { settings: ringsBob });
      harness.simulator.fail({ step: 'write', user: alice, ...fault });
      const outcome = await harness.outcome(alice, ringMobile);
      expect(outcome).toMatchObject({ outcome: 'applied', verified: false });
      expect(harness.simulator.count('write')).toBe(
        fault.answer && 'status' in fault.answer && fault.answer.status === 204 ? 1 : 2,
      );
    },
  );

  it('is proof where the ring was off before', async () => {
    const harness = await openHarness({ variants: { numberForm: 'person' } });
    const alice = harness.addUser('alice');
    expect(await harness.outcome(alice, ringMobile)).toMatchObject({ outcome: 'applied', verified: true });
  });
});

describe('a token of another user', () => {
  it('is dropped with its route at once, so that a corrected secret works in the next request', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    const bob = harness.addUser('bob');
    harness.secrets.set(alice, { username: 'CONTOSO\\bob', password: 'password of bob' });
    expect(await harness.outcome(alice, ringMobile)).toMatchObject({ code: 'identity-mismatch' });
    harness.secrets.set(alice, { username: 'CONTOSO\\alice', password: 'password of alice' });
    expect(await harness.outcome(alice, ringMobile)).toMatchObject({ outcome: 'applied', verified: true });
    expect(harness.simulator.state(bob).activeSetting).toBe('None');
    expect(harness.simulator.applications(bob)).toBe(0);
  });
});

it('reading a user without any request leaves no row behind', async () => {
  const harness = await openHarness();
  const alice = harness.addUser('alice');
  expect(await harness.read(alice)).toMatchObject({ ok: true });
  expect(await harness.users.read(alice)).toEqual({ record: {}, etag: undefined });
});
