import { describe, expect, it } from 'vitest';
import type { Fault, RecordedRequest, Step } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import { endpointId } from '../../../../../shared/ucwa/application.ts';
import type { SipUri } from '../../../../../shared/ucwa/uri.ts';
import {
  openHarness,
  type RecoveryHarness,
  ringsMobile,
} from '../../../../support/recovery/recovery-harness.ts';
import { stepsOf } from '../../../../support/ucwa/simulation.ts';

const route: readonly Step[] = ['discovery', 'challenge', 'token', 'home-pool'];
const proof: readonly Step[] = ['read-back', 'contact', 'clean-up'];
const ring: readonly Step[] = ['write', ...proof];
const callbackChannelError: Fault['answer'] = { status: 500, subcode: 'CallbackChannelError' };

const endless = Number.POSITIVE_INFINITY;

/** A failing step, how often it fails in a row, the recovery steps taken, and the requests sent. */
type Ladder = readonly [step: Step, failures: number, recovery: readonly string[], requests: readonly Step[]];

// biome-ignore format: each line of requests is one try
const ladders: readonly Ladder[] = [
  ['write', 1, ['retry'], [
    ...route, 'application', 'read', 'write',
    'read-back', ...ring,
  ]],
  ['write', 2, ['retry', 'fresh-application'], [
    ...route, 'application', 'read', 'write',
    'read-back', 'write',
    'clean-up', 'application', 'read', ...ring,
  ]],
  ['write', 3, ['retry', 'fresh-application', 'rediscover'], [
    ...route, 'application', 'read', 'write',
    'read-back', 'write',
    'clean-up', 'application', 'read', 'write',
    'clean-up', ...route, 'application', 'read', ...ring,
  ]],
  ['write', endless, ['retry', 'fresh-application', 'rediscover'], [
    ...route, 'application', 'read', 'write',
    'read-back', 'write',
    'clean-up', 'application', 'read', 'write',
    'clean-up', ...route, 'application', 'read', 'write',
    'clean-up',
  ]],
  ['application', 1, ['retry'], [
    ...route, 'application',
    'application', 'read', ...ring,
  ]],
  ['application', 2, ['retry', 'fresh-application'], [
    ...route, 'application',
    'application',
    'application', 'read', ...ring,
  ]],
  ['application', 3, ['retry', 'fresh-application', 'rediscover'], [
    ...route, 'application',
    'application',
    'application',
    ...route, 'application', 'read', ...ring,
  ]],
  ['application', endless, ['retry', 'fresh-application', 'rediscover'], [
    ...route, 'application',
    'application',
    'application',
    ...route, 'application',
  ]],
  ['read', 1, ['retry'], [
    ...route, 'application', 'read',
    'read', ...ring,
  ]],
  ['read', 2, ['retry', 'fresh-application'], [
    ...route, 'application', 'read',
    'read',
    'clean-up', 'application', 'read', ...ring,
  ]],
  ['read', 3, ['retry', 'fresh-application', 'rediscover'], [
    ...route, 'application', 'read',
    'read',
    'clean-up', 'application', 'read',
    'clean-up', ...route, 'application', 'read', ...ring,
  ]],
  ['read', endless, ['retry', 'fresh-application', 'rediscover'], [
    ...route, 'application', 'read',
    'read',
    'clean-up', 'application', 'read',
    'clean-up', ...route, 'application', 'read',
    'clean-up',
  ]],
];

describe('recovery from 500 CallbackChannelError', () => {
  it.each(ladders)('with %s failing %s× takes the steps %j', async (step, times, recovery, requests) => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step, times, answer: callbackChannelError });

    const outcome = await harness.outcome(alice);

    expect(stepsOf(harness.simulator)).toEqual(requests);
    expect(outcome).toMatchObject({ recovery, attempts: recovery.length + 1, requests: requests.length });
    expect(outcome).toMatchObject(
      times === endless
        ? {
            outcome: 'deferred',
            code: 'ucwa-unavailable',
            ucwa: { status: 500, subcode: 'CallbackChannelError' },
          }
        : { outcome: 'applied', verified: true },
    );
    expect(ringsMobile(harness.simulator, alice)).toBe(times !== endless);
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('creates the fresh application with the other endpointId, and keeps that one', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step: 'read', times: 3, answer: callbackChannelError });
    await harness.outcome(alice);
    const first = endpointId(alice, 0);
    const other = endpointId(alice, 1);
    expect(endpointsOf(harness)).toEqual([first, other, other]);
  });

  it('waits before the retry only, for a jittered delay', async () => {
    const harness = await openHarness();
    harness.simulator.fail({ step: 'read', times: endless, answer: callbackChannelError });
    await harness.outcome(harness.addUser('alice'));
    expect(harness.clock.sleepsMs).toEqual([125, 0, 0]);
  });

  it('treats two users in progress at the same time independently', async () => {
    const harness = await openHarness({ latencyMs: 1 });
    const { simulator } = harness;
    const alice = harness.addUser('alice');
    const bob = harness.addUser('bob');
    simulator.fail({ user: alice, step: 'write', times: 2, answer: callbackChannelError });
    simulator.fail({ user: bob, step: 'read', times: 3, answer: callbackChannelError });

    const [ofAlice, ofBob] = await Promise.all([harness.outcome(alice), harness.outcome(bob)]);

    expect(ofAlice).toMatchObject({ outcome: 'applied', recovery: ['retry', 'fresh-application'] });
    expect(ofBob).toMatchObject({
      outcome: 'applied',
      recovery: ['retry', 'fresh-application', 'rediscover'],
    });
    expect(ownSteps(simulator.requests, alice)).toEqual(expectedOwnSteps('write', 2));
    expect(ownSteps(simulator.requests, bob)).toEqual(expectedOwnSteps('read', 3));
    expect(simulator.totals()).toEqual({ users: 2, applications: 0 });
  });
});

function endpointsOf({ simulator }: RecoveryHarness): (string | undefined)[] {
  return simulator.requests.filter(({ step }) => step === 'application').map((request) => request.endpointId);
}

/** Returns the steps of the requests that carry this user's name: all but those before sign-in. */
function ownSteps(requests: readonly RecordedRequest[], user: SipUri): Step[] {
  return requests.filter((request) => request.user === user).map(({ step }) => step);
}

/** Returns what {@link ownSteps} must be after so many failures of a step. */
function expectedOwnSteps(failing: Step, failures: number): Step[] {
  const [, , , requests] = ladders.find(([step, times]) => step === failing && times === failures) ?? [];
  return (requests ?? []).filter((step) => step !== 'discovery' && step !== 'challenge');
}
