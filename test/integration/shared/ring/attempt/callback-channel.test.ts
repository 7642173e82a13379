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

const way: readonly Step[] = ['discovery', 'challenge', 'token', 'home-pool'];
const proof: readonly Step[] = ['read-back', 'contact', 'clean-up'];
const ring: readonly Step[] = ['write', ...proof];
const callbackChannelError: Fault['answer'] = { status: 500, subcode: 'CallbackChannelError' };

const endless = Number.POSITIVE_INFINITY;

/** Each line of a wire is one try. */
const ladders: readonly [from: Step, failures: number, recovery: readonly string[], wire: readonly Step[]][] =
  [
    [
      'write',
      1,
      ['retry'],
      [...([...way, 'application', 'read', 'write'] as const), ...(['read-back', ...ring] as const)],
    ],
    [
      'write',
      2,
      ['retry', 'fresh-application'],
      [
        ...([...way, 'application', 'read', 'write'] as const),
        ...(['read-back', 'write'] as const),
        ...(['clean-up', 'application', 'read', ...ring] as const),
      ],
    ],
    [
      'write',
      3,
      ['retry', 'fresh-application', 'rediscover'],
      [
        ...([...way, 'application', 'read', 'write'] as const),
        ...(['read-back', 'write'] as const),
        ...(['clean-up', 'application', 'read', 'write'] as const),
        ...(['clean-up', ...way, 'application', 'read', ...ring] as const),
      ],
    ],
    [
      'write',
      endless,
      ['retry', 'fresh-application', 'rediscover'],
      [
        ...([...way, 'application', 'read', 'write'] as const),
        ...(['read-back', 'write'] as const),
        ...(['clean-up', 'application', 'read', 'write'] as const),
        ...(['clean-up', ...way, 'application', 'read', 'write'] as const),
        'clean-up',
      ],
    ],
    ['application', 1, ['retry'], [...way, 'application', 'application', 'read', ...ring]],
    [
      'application',
      2,
      ['retry', 'fresh-application'],
      [...([...way, 'application', 'application'] as const), ...(['application', 'read', ...ring] as const)],
    ],
    [
      'application',
      3,
      ['retry', 'fresh-application', 'rediscover'],
      [
        ...([...way, 'application', 'application', 'application'] as const),
        ...([...way, 'application', 'read', ...ring] as const),
      ],
    ],
    [
      'application',
      endless,
      ['retry', 'fresh-application', 'rediscover'],
      [
        ...([...way, 'application', 'application', 'application'] as const),
        ...([...way, 'application'] as const),
      ],
    ],
    ['read', 1, ['retry'], [...way, 'application', 'read', 'read', ...ring]],
    [
      'read',
      2,
      ['retry', 'fresh-application'],
      [
        ...([...way, 'application', 'read', 'read'] as const),
        ...(['clean-up', 'application', 'read', ...ring] as const),
      ],
    ],
    [
      'read',
      3,
      ['retry', 'fresh-application', 'rediscover'],
      [
        ...([...way, 'application', 'read', 'read'] as const),
        ...(['clean-up', 'application', 'read'] as const),
        ...(['clean-up', ...way, 'application', 'read', ...ring] as const),
      ],
    ],
    [
      'read',
      endless,
      ['retry', 'fresh-application', 'rediscover'],
      [
        ...([...way, 'application', 'read', 'read'] as const),
        ...(['clean-up', 'application', 'read'] as const),
        ...(['clean-up', ...way, 'application', 'read'] as const),
        'clean-up',
      ],
    ],
  ];

describe('500 CallbackChannelError', () => {
  it.each(ladders)('from %s, %s on end, is met by %j', async (step, times, recovery, wire) => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step, times, answer: callbackChannelError });

    const outcome = await harness.outcome(alice);

    expect(stepsOf(harness.simulator)).toEqual(wire);
    expect(outcome).toMatchObject({ recovery, attempts: recovery.length + 1, requests: wire.length });
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

  it('asks for the fresh application with the other endpoint, and stays with that', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step: 'read', times: 3, answer: callbackChannelError });
    await harness.outcome(alice);
    const first = endpointId(alice, 0);
    const other = endpointId(alice, 1);
    expect(endpointsOf(harness)).toEqual([first, other, other]);
  });

  it('waits before the retry alone, longer by chance', async () => {
    const harness = await openHarness();
    harness.simulator.fail({ step: 'read', times: endless, answer: callbackChannelError });
    await harness.outcome(harness.addUser('alice'));
    expect(harness.clock.sleepsMs).toEqual([125, 0, 0]);
  });

  it('of two users at once is met as if each were alone', async () => {
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
    expect(ownSteps(simulator.requests, alice)).toEqual(ownStepsOf('write', 2));
    expect(ownSteps(simulator.requests, bob)).toEqual(ownStepsOf('read', 3));
    expect(simulator.totals()).toEqual({ users: 2, applications: 0 });
  });
});

function endpointsOf({ simulator }: RecoveryHarness): (string | undefined)[] {
  return simulator.requests.filter(({ step }) => step === 'application').map((request) => request.endpointId);
}

/** The requests that are known to be this user's: all but those without a token. */
function ownSteps(requests: readonly RecordedRequest[], user: SipUri): Step[] {
  return requests.filter((request) => request.user === user).map(({ step }) => step);
}

function ownStepsOf(from: Step, failures: number): Step[] {
  const [, , , wire] = ladders.find(([step, times]) => step === from && times === failures) ?? [];
  return (wire ?? []).filter((step) => step !== 'discovery' && step !== 'challenge');
}
