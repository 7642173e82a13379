import { describe, expect, it } from 'vitest';
import type {
  Fault,
  Operation,
  SimulatedUser,
  Variants,
} from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import type { DesiredRing } from '../../../../../shared/ring/model/desired-ring.ts';
import { openHarness, ringMobile, ringsMobile } from '../../../../support/recovery/recovery-harness.ts';
import { sip } from '../../../../support/ring/addresses.ts';
import type { OutcomeView } from '../../../../support/ring/outcomes.ts';

const lostAnswers: readonly [what: string, answer: Fault['answer'], recovery: readonly string[]][] = [
  ['500 CallbackChannelError', { status: 500, subcode: 'CallbackChannelError' }, ['retry']],
  ['500', { status: 500 }, ['retry']],
  ['500 as a page', { status: 500, format: 'html' }, ['rediscover']],
  ['502', { status: 502, format: 'html' }, ['retry']],
  ['503', { status: 503 }, ['retry']],
  ['504', { status: 504, format: 'html' }, ['retry']],
  ['408', { status: 408 }, ['retry']],
  ['no answer in time', { kind: 'hang' }, ['retry']],
  ['a reset', { kind: 'reset' }, ['retry']],
  ['a reset in the body', { kind: 'reset-in-body' }, ['retry']],
  ['409 AlreadyExists', { status: 409, subcode: 'AlreadyExists' }, ['retry']],
];

const settings: SimulatedUser['settings'] = {
  activeSetting: 'SimultaneousRing',
  simultaneousRing: { target: 'Contact', ringDelay: 0, contact: 'sip:carol@contoso.com' },
};

const wishes: readonly [what: string, desired: DesiredRing, operation: Operation, target: string][] = [
  ['a number', ringMobile, 'simultaneousRingToContact', 'Contact'],
  [
    'a person',
    { ring: 'contact', target: sip('sip:bob@contoso.com') },
    'simultaneousRingToContact',
    'Contact',
  ],
  ['the delegates', { ring: 'delegates', ringDelaySeconds: 10 }, 'simultaneousRingToDelegates', 'Delegates'],
  ['the team', { ring: 'team' }, 'simultaneousRingToTeam', 'Team'],
  ['nobody', { ring: 'off' }, 'turnOffCallForwarding', 'None'],
];

describe('a write that was done although its answer was lost', () => {
  describe.each(lostAnswers)('to %s', (_what, answer, recovery) => {
    it.each(wishes)('is not repeated, and proved: ringing %s', async (_who, desired, operation, target) => {
      const harness = await openHarness();
      const alice = harness.addUser('alice', { settings });
      harness.simulator.fail({ operation, answer, applied: true });

      const outcome: OutcomeView = await harness.outcome(alice, desired);

      expect(outcome).toMatchObject({ outcome: 'applied', verified: true, recovery });
      expect(outcome.previous).toEqual({ ring: 'contact', target: 'sip:carol@contoso.com' });
      expect(harness.simulator.count('write')).toBe(1);
      expect(harness.simulator.count('write', { operation })).toBe(1);
      expect(harness.simulator.state(alice).simultaneousRing.target).toBe(target);
      expect(harness.simulator.applications(alice)).toBe(0);
    });
  });

  const forms: readonly [form: Variants['numberForm'], posts: number, verified: boolean][] = [
    ['tel', 1, true],
    ['sip-user-phone', 1, true],
    ['sip-skip-rnl', 1, true],
    ['person', 1, true],
    // Nothing tells that it is so: it is written again, which changes nothing.
    ['person-bare-digits', 2, false],
    ['forbidden', 2, false],
  ];

  it.each(forms)('is known again where the number is shown as %s', async (numberForm, posts, verified) => {
    const harness = await openHarness({ variants: { numberForm } });
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step: 'write', answer: { kind: 'reset' }, applied: true });
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', verified });
    expect(harness.simulator.count('write')).toBe(posts);
    expect(ringsMobile(harness.simulator, alice)).toBe(true);
  });

  it('is found by the next attempt where this one could not read it back', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice', { settings });
    harness.simulator.fail({ step: 'write', answer: { kind: 'reset' }, applied: true });
    harness.simulator.fail({
      operation: 'callForwardingSettings',
      skip: 1,
      times: Number.POSITIVE_INFINITY,
      answer: { status: 503 },
    });
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'deferred', code: 'ucwa-unavailable' });
    harness.simulator.clearFaults();
    harness.clock.pass(60_000);

    const outcome = await harness.outcome(alice, ringMobile, { again: true });

    expect(outcome).toMatchObject({ outcome: 'applied', verified: true, recovery: [] });
    expect(outcome).not.toHaveProperty('previous');
    expect(harness.simulator.count('write')).toBe(1);
  });

  it('that turned off is followed by what it took away: a target for unanswered calls', async () => {
    const harness = await openHarness();
    const unanswered = { target: 'Contact', ringDelay: 15, contact: 'tel:+14255550177' } as const;
    const alice = harness.addUser('alice', { settings: { ...settings, unanswered } });
    harness.simulator.fail({ operation: 'turnOffCallForwarding', answer: { status: 500 }, applied: true });
    harness.simulator.fail({
      operation: 'unansweredCallToContact',
      answer: { kind: 'reset' },
      applied: true,
    });

    const outcome = await harness.outcome(alice, { ring: 'off' });

    expect(outcome).toMatchObject({ outcome: 'applied', verified: true, recovery: ['retry', 'retry'] });
    expect(harness.simulator.count('write', { operation: 'turnOffCallForwarding' })).toBe(1);
    expect(harness.simulator.count('write', { operation: 'unansweredCallToContact' })).toBe(1);
    expect(harness.simulator.state(alice)).toMatchObject({ activeSetting: 'None', unanswered });
  });
});

describe('a write that was not done', () => {
  it.each(lostAnswers)(
    'though its answer was lost to %s, is done once more',
    async (_what, answer, recovery) => {
      const harness = await openHarness();
      const alice = harness.addUser('alice');
      harness.simulator.fail({ step: 'write', answer });
      expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', verified: true, recovery });
      expect(harness.simulator.count('write')).toBe(2);
      expect(ringsMobile(harness.simulator, alice)).toBe(true);
    },
  );

  it.each<[string, Fault['answer'], boolean]>([
    ['502', { status: 502, format: 'html' }, true],
    ['504', { status: 504, format: 'html' }, true],
    ['no answer in time', { kind: 'hang' }, true],
    ['a reset', { kind: 'reset' }, true],
    ['503', { status: 503 }, false],
    ['500', { status: 500 }, false],
  ])(
    'after %s may land after the one that followed: nobody else writes before that: %s',
    async (_what, answer, isHeld) => {
      const harness = await openHarness();
      const alice = harness.addUser('alice');
      harness.simulator.fail({ step: 'write', answer });
      await harness.outcome(alice);
      const untilMs = harness.users.peek(alice).claim?.untilMs;
      expect(untilMs).toBe(isHeld ? harness.clock.nowMs() + 30_000 : undefined);
    },
  );

  it('though it was answered with a yes, is not effective', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step: 'write', answer: { status: 200 } });
    const outcome = await harness.outcome(alice);
    expect(outcome).toMatchObject({
      outcome: 'failed',
      code: 'not-effective',
      detail: expect.stringContaining('reading back'),
    });
    expect(harness.simulator.count('write')).toBe(1);
    expect(harness.simulator.count('read')).toBe(1);
    expect(harness.simulator.count('read-back')).toBe(2);
    expect(harness.clock.sleepsMs).toEqual([1_000]);
  });
});
