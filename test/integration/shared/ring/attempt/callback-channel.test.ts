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
const proof: readonly Step[] = ['read-settings', 'read-contact', 'delete-application'];
const ring: readonly Step[] = ['set-ring', ...proof];
const callbackChannelError: Fault['answer'] = { status: 500, subcode: 'CallbackChannelError' };

const endless = Number.POSITIVE_INFINITY;

/** Each line of a wire is one try. */
const ladders: readonly [from: Step, failures: number, recovery: readonly string[], wire: readonly Step[]][] =
  [
    [
      'set-ring',
      1,
      ['retry'],
      [
        ...([...way, 'create-application', 'read-settings', 'set-ring'] as const),
        ...(['read-settings', ...ring] as const),
      ],
    ],
    [
      'set-ring',
      2,
      ['retry', 'fresh-application'],
      [
        ...([...way, 'create-application', 'read-settings', 'set-ring'] as const),
        ...(['read-settings', 'set-ring'] as const),
        ...(['delete-application', 'create-application', 'read-settings', ...ring] as const),
      ],
    ],
    [
      'set-ring',
      3,
      ['retry', 'fresh-application', 'rediscover'],
      [
        ...([...way, 'create-application', 'read-settings', 'set-ring'] as const),
        ...(['read-settings', 'set-ring'] as const),
        ...(['delete-application', 'create-application', 'read-settings', 'set-ring'] as const),
        ...(['delete-application', ...way, 'create-application', 'read-settings', ...ring] as const),
      ],
    ],
    [
      'set-ring',
      endless,
      ['retry', 'fresh-application', 'rediscover'],
      [
        ...([...way, 'create-application', 'read-settings', 'set-ring'] as const),
        ...(['read-settings', 'set-ring'] as const),
        ...(['delete-application', 'create-application', 'read-settings', 'set-ring'] as const),
        ...(['delete-application', ...way, 'create-application', 'read-settings', 'set-ring'] as const),
        'delete-application',
      ],
    ],
    [
      'create-application',
      1,
      ['retry'],
      [...way, 'create-application', 'create-application', 'read-settings', ...ring],
    ],
    [
      'create-application',
      2,
      ['retry', 'fresh-application'],
      [
        ...([...way, 'create-application', 'create-application'] as const),
        ...(['create-application', 'read-settings', ...ring] as const),
      ],
    ],
    [
      'create-application',
      3,
      ['retry', 'fresh-application', 'rediscover'],
      [
        ...([...way, 'create-application', 'create-application', 'create-application'] as const),
        ...([...way, 'create-application', 'read-settings', ...ring] as const),
      ],
    ],
    [
      'create-application',
      endless,
      ['retry', 'fresh-application', 'rediscover'],
      [
        ...([...way, 'create-application', 'create-application', 'create-application'] as const),
        ...([...way, 'create-application'] as const),
      ],
    ],
    [
      'read-settings',
      1,
      ['retry'],
      [...way, 'create-application', 'read-settings', 'read-settings', ...ring],
    ],
    [
      'read-settings',
      2,
      ['retry', 'fresh-application'],
      [
        ...([...way, 'create-application', 'read-settings', 'read-settings'] as const),
        ...(['delete-application', 'create-application', 'read-settings', ...ring] as const),
      ],
    ],
    [
      'read-settings',
      3,
      ['retry', 'fresh-application', 'rediscover'],
      [
        ...([...way, 'create-application', 'read-settings', 'read-settings'] as const),
        ...(['delete-application', 'create-application', 'read-settings'] as const),
        ...(['delete-application', ...way, 'create-application', 'read-settings', ...ring] as const),
      ],
    ],
    [
      'read-settings',
      endless,
      ['retry', 'fresh-application', 'rediscover'],
      [
        ...([...way, 'create-application', 'read-settings', 'read-settings'] as const),
        ...(['delete-application', 'create-application', 'read-settings'] as const),
        ...(['delete-application', ...way, 'create-application', 'read-settings'] as const),
        'delete-application',
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
    harness.simulator.fail({ step: 'read-settings', times: 3, answer: callbackChannelError });
    await harness.outcome(alice);
    const first = endpointId(alice, 0);
    const other = endpointId(alice, 1);
    expect(endpointsOf(harness)).toEqual([first, other, other]);
  });

  it('waits before the retry alone, longer by chance', async () => {
    const harness = await openHarness();
    harness.simulator.fail({ step: 'read-settings', times: endless, answer: callbackChannelError });
    await harness.outcome(harness.addUser('alice'));
    expect(harness.clock.waits).toEqual([125, 0, 0]);
  });

  it('of two users at once is met as if each were alone', async () => {
    const harness = await openHarness({ latencyMs: 1 });
    const { simulator } = harness;
    const alice = harness.addUser('alice');
    const bob = harness.addUser('bob');
    simulator.fail({ user: alice, step: 'set-ring', times: 2, answer: callbackChannelError });
    simulator.fail({ user: bob, step: 'read-settings', times: 3, answer: callbackChannelError });

    const [ofAlice, ofBob] = await Promise.all([harness.outcome(alice), harness.outcome(bob)]);

    expect(ofAlice).toMatchObject({ outcome: 'applied', recovery: ['retry', 'fresh-application'] });
    expect(ofBob).toMatchObject({
      outcome: 'applied',
      recovery: ['retry', 'fresh-application', 'rediscover'],
    });
    expect(ownSteps(simulator.requests, alice)).toEqual(ownStepsOf('set-ring', 2));
    expect(ownSteps(simulator.requests, bob)).toEqual(ownStepsOf('read-settings', 3));
    expect(simulator.totals()).toEqual({ users: 2, applications: 0 });
  });
});

function endpointsOf({ simulator }: RecoveryHarness): (string | undefined)[] {
  return simulator.requests
    .filter(({ step }) => step === 'create-application')
    .map((request) => request.endpointId);
}

/** The requests that are known to be this user's: all but those without a token. */
function ownSteps(requests: readonly RecordedRequest[], user: SipUri): Step[] {
  return requests.filter((request) => request.user === user).map(({ step }) => step);
}

function ownStepsOf(from: Step, failures: number): Step[] {
  const [, , , wire] = ladders.find(([step, times]) => step === from && times === failures) ?? [];
  return (wire ?? []).filter((step) => step !== 'discovery' && step !== 'challenge');
}
