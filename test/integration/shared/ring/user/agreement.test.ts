import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CallForwardingState,
  type Fault,
  UcwaSimulator,
} from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import { defaultVariants } from '../../../../../infra/local/ucwa-simulator/state/configuration.ts';
import type { Outcome } from '../../../../../shared/ring/model/outcome.ts';
import { asShown, isAsDesired } from '../../../../support/recovery/agreement.ts';
import { randomScenarios, type Scenario } from '../../../../support/recovery/random-scenarios.ts';
import { RecoveryHarness, watchHangs } from '../../../../support/recovery/recovery-harness.ts';
import type { OutcomeView } from '../../../../support/ring/outcomes.ts';

const runs = 500;

let simulator: UcwaSimulator;
let harness: RecoveryHarness;
let stopWatching: () => void;
let userCount = 0;

beforeAll(async () => {
  simulator = new UcwaSimulator({ users: [], pools: ['one', 'two'] });
  await simulator.start();
  stopWatching = watchHangs(simulator, () => harness.onHang());
});

afterAll(async () => {
  stopWatching();
  await simulator.stop();
});

describe('the outcome of a change', () => {
  it('agrees with the state on the server, with random failures on random kinds of servers', {
    timeout: 120_000,
  }, async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(randomScenarios, async (scenario) => {
        simulator.clearFaults();
        simulator.clearRequests();
        simulator.setVariants({ ...defaultVariants, ...scenario.variants });
        harness = new RecoveryHarness(simulator);
        const user = harness.addUser(`user-${++userCount}`, scenario.profile);
        const before = simulator.state(user);
        for (const fault of scenario.faults) simulator.fail(fault);

        const outcome = await harness.outcome(user, scenario.desired);

        seen.set(outcome.outcome, (seen.get(outcome.outcome) ?? 0) + 1);
        expectAgreement(outcome, scenario, before, simulator.state(user));
        expectLimitedEffort(outcome);
        if (wereAllApplicationsDeletable(scenario.faults)) expect(simulator.applications(user)).toBe(0);
      }),
      { numRuns: runs },
    );
    for (const outcome of ['applied', 'unchanged', 'deferred', 'failed']) {
      expect(seen.get(outcome), `runs that ended as ${outcome}`).toBeGreaterThan(0);
    }
  });
});

/** The codes that an outcome may have. */
const possibleCodes: Readonly<Record<string, readonly string[]>> = {
  deferred: ['ucwa-unavailable'],
  failed: [
    'ucwa-rejected',
    'user-not-enabled',
    'user-not-found',
    'credential-rejected',
    'sign-in-unsupported',
    'not-effective',
  ],
};

function expectAgreement(
  outcome: OutcomeView,
  scenario: Scenario,
  before: CallForwardingState,
  after: CallForwardingState,
): void {
  if (outcome.outcome === 'applied' || outcome.outcome === 'unchanged') {
    expect(isAsDesired(scenario.desired, after)).toBe(true);
    expect(outcome).not.toHaveProperty('code');
  } else {
    expect(possibleCodes[outcome.outcome ?? '']).toContain(outcome.code);
    expect(outcome.detail).toMatch(/\.$/);
  }
  if (outcome.outcome === 'unchanged') expect(after).toEqual(before);
  const hadTarget = before.unanswered.target === 'Contact';
  if (outcome.outcome === 'applied' && hadTarget && outcome.warnings === undefined) {
    expect([before.unanswered, asShown(before.unanswered, scenario.variants.numberForm)]).toContainEqual(
      after.unanswered,
    );
  }
  if (outcome.ucwa !== undefined) {
    expect(simulator.requests.map(({ status }) => status)).toContain(outcome.ucwa.status);
  }
  if (outcome.previous !== undefined) {
    expect(outcome.previous.ring === 'off').toBe(before.activeSetting !== 'SimultaneousRing');
    expect(outcome.previous.forwarding !== undefined).toBe(before.activeSetting === 'ImmediateForward');
  }
}

/** The effort is as the outcome reports it, and limited. */
function expectLimitedEffort(outcome: Outcome): void {
  expect(outcome.requests).toBe(simulator.requests.length);
  expect(outcome.attempts).toBe(outcome.recovery.length + 1);
  expect(simulator.requests.length).toBeLessThan(150);
  expect(simulator.lockouts).toBe(0);
}

/** True where the client learned of every application that was created, and no deletion failed. */
function wereAllApplicationsDeletable(faults: readonly Fault[]): boolean {
  const isCreatedUnseen = faults.some(
    ({ step, applied, answer }) =>
      step === 'application' && (applied || ('kind' in answer && answer.kind === 'bad-links')),
  );
  const isKept = simulator.requests.some(({ step, status }) => step === 'clean-up' && status !== 204);
  return !isCreatedUnseen && !isKept && harness.poolChanges.length === 0;
}
