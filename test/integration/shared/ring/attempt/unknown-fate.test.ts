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

/** Responses to a write that leave open whether it took effect. */
const unclearResponses: readonly [name: string, answer: Fault['answer'], recovery: readonly string[]][] = [
  ['500 CallbackChannelError', { status: 500, subcode: 'CallbackChannelError' }, ['retry']],
  ['500', { status: 500 }, ['retry']],
  ['a 500 page', { status: 500, format: 'html' }, ['rediscover']],
  ['502', { status: 502, format: 'html' }, ['retry']],
  ['503', { status: 503 }, ['retry']],
  ['504', { status: 504, format: 'html' }, ['retry']],
  ['408', { status: 408 }, ['retry']],
  ['no response in time', { kind: 'hang' }, ['retry']],
  ['a connection reset', { kind: 'reset' }, ['retry']],
  ['a connection reset within the body', { kind: 'reset-in-body' }, ['retry']],
  ['409 AlreadyExists', { status: 409, subcode: 'AlreadyExists' }, ['retry']],
];

const settings: SimulatedUser['settings'] = {
  activeSetting: 'SimultaneousRing',
  simultaneousRing: { target: 'Contact', ringDelay: 0, contact: 'sip:carol@contoso.com' },
};

const changes: readonly [name: string, desired: DesiredRing, operation: Operation, target: string][] = [
  ['ringing a number', ringMobile, 'simultaneousRingToContact', 'Contact'],
  [
    'ringing a contact',
    { ring: 'contact', target: sip('sip:bob@contoso.com') },
    'simultaneousRingToContact',
    'Contact',
  ],
  [
    'ringing the delegates',
    { ring: 'delegates', ringDelaySeconds: 10 },
    'simultaneousRingToDelegates',
    'Delegates',
  ],
  ['ringing the team', { ring: 'team' }, 'simultaneousRingToTeam', 'Team'],
  ['turning the ring off', { ring: 'off' }, 'turnOffCallForwarding', 'None'],
];

describe('a write that took effect', () => {
  describe.each(unclearResponses)('although it got %s', (_name, answer, recovery) => {
    it.each(changes)('is proved and not repeated: %s', async (_change, desired, operation, target) => {
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

  const numberForms: readonly [form: Variants['numberForm'], writes: number, verified: boolean][] = [
    ['tel', 1, true],
    ['sip-user-phone', 1, true],
    ['sip-skip-rnl', 1, true],
    ['person', 1, true],
    // The contact cannot be compared with the target, so the write is repeated; the second one changes nothing.
    ['person-bare-digits', 2, false],
    ['forbidden', 2, false],
  ];

  it.each(numberForms)(
    'is repeated only where the number cannot be compared: number form %s',
    async (numberForm, writes, verified) => {
      const harness = await openHarness({ variants: { numberForm } });
      const alice = harness.addUser('alice');
      harness.simulator.fail({ step: 'write', answer: { kind: 'reset' }, applied: true });
      expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', verified });
      expect(harness.simulator.count('write')).toBe(writes);
      expect(ringsMobile(harness.simulator, alice)).toBe(true);
    },
  );

  it('is found by the next attempt where the first could not read it back', async () => {
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
    expect(outcome).toMatchObject({ previous: { ring: 'contact', target: 'sip:carol@contoso.com' } });
    expect(harness.simulator.count('write')).toBe(1);
  });

  it('and turned the ring off is followed by restoring the target for unanswered calls', async () => {
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
    expect(harness.simulator.count('write', { operation: 'unansweredCallToContact' })).toBe(2);
    expect(harness.simulator.state(alice)).toMatchObject({ activeSetting: 'None', unanswered });
  });
});

describe('a write that took no effect', () => {
  it.each(unclearResponses)('is repeated after %s', async (_name, answer, recovery) => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step: 'write', answer });
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', verified: true, recovery });
    expect(harness.simulator.count('write')).toBe(2);
    expect(ringsMobile(harness.simulator, alice)).toBe(true);
  });

  it.each<[string, boolean, Fault['answer']]>([
    ['502', true, { status: 502, format: 'html' }],
    ['504', true, { status: 504, format: 'html' }],
    ['no response in time', true, { kind: 'hang' }],
    ['a connection reset', true, { kind: 'reset' }],
    ['503', false, { status: 503 }],
    ['500', false, { status: 500 }],
  ])(
    'and got %s keeps the user claimed for 30 seconds, since it may still land: %s',
    async (_name, isHeld, answer) => {
      const harness = await openHarness();
      const alice = harness.addUser('alice');
      harness.simulator.fail({ step: 'write', answer });
      await harness.outcome(alice);
      const untilMs = harness.users.peek(alice).claim?.untilMs;
      expect(untilMs).toBe(isHeld ? harness.clock.nowMs() + 30_000 : undefined);
    },
  );

  it('and got a success response ends as not-effective', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step: 'write', answer: { status: 200 } });
    const outcome = await harness.outcome(alice);
    expect(outcome).toMatchObject({
      outcome: 'failed',
      code: 'not-effective',
      detail: expect.stringMatching(
        /^127\S+ accepted the change, but reading back shows that simultaneous ring is off\. Try again\./,
      ),
    });
    expect(harness.simulator.count('write')).toBe(1);
    expect(harness.simulator.count('read')).toBe(1);
    expect(harness.simulator.count('read-back')).toBe(2);
    expect(harness.clock.sleepsMs).toEqual([1_000]);
  });
});
