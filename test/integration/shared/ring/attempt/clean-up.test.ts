import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import type { SipUri } from '../../../../../shared/ucwa/uri.ts';
import {
  openHarness,
  type RecoveryHarness,
  ringMobile,
} from '../../../../support/recovery/recovery-harness.ts';
import { passwordFrom } from '../../../../support/ucwa/client.ts';

const failures: readonly [name: string, answer: Fault['answer'], tries: number][] = [
  ['is refused', { status: 403 }, 1],
  ['finds no application', { status: 404, subcode: 'ApplicationNotFound' }, 1],
  ['fails with 500', { status: 500 }, 2],
  ['is reset', { kind: 'reset' }, 2],
  ['gets no response', { kind: 'hang' }, 1],
];

const outcomes: readonly [name: string, arrange: (harness: RecoveryHarness) => void, expected: object][] = [
  ['applied', () => {}, { outcome: 'applied', verified: true, recovery: [] }],
  [
    'deferred',
    ({ simulator }) =>
      simulator.fail({ step: 'write', times: Number.POSITIVE_INFINITY, answer: { status: 503 } }),
    { outcome: 'deferred', code: 'ucwa-unavailable', ucwa: { status: 503 } },
  ],
  [
    'failed',
    ({ simulator }) => simulator.fail({ step: 'write', answer: { status: 409, subcode: 'TooManyGroups' } }),
    { outcome: 'failed', code: 'ucwa-rejected', ucwa: { status: 409 } },
  ],
];

describe.each(outcomes)('an attempt that ends as %s', (_outcome, arrange, expected) => {
  it.each(failures)('still does so when its clean-up %s', async (_name, answer, tries) => {
    const harness = await openHarness();
    arrange(harness);
    harness.simulator.fail({ step: 'clean-up', times: Number.POSITIVE_INFINITY, answer });
    expect(await harness.outcome(harness.addUser('alice'))).toMatchObject(expected);
    expect(harness.simulator.count('clean-up')).toBe(tries);
  });
});

describe('an application that was left on the server', () => {
  it('by crashes is the only one, and the next attempt takes it over and deletes it', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    for (const nth of [1, 2, 3]) {
      await crash(harness, alice);
      expect(harness.simulator.applications(alice), `crash ${nth}`).toBe(1);
    }

    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', recovery: [] });

    const created = harness.simulator.requests.filter(({ step }) => step === 'application');
    expect(created.map(({ status }) => status)).toEqual([201, 200, 200, 200]);
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('by a clean-up that failed twice is taken over by the next attempt', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step: 'clean-up', times: 2, answer: { status: 500 } });
    await harness.outcome(alice);
    expect(harness.simulator.applications(alice)).toBe(1);
    await harness.outcome(alice, { ring: 'off' });
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('with the other endpointId is taken over where a new one would exceed the limit', async () => {
    const harness = await openHarness({ applicationsPerUser: 1 });
    const alice = harness.addUser('alice');
    await crash(harness, alice, 'with its second application');
    expect(await harness.outcome(alice)).toMatchObject({
      outcome: 'applied',
      recovery: ['fresh-application'],
    });
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('by an unanswered creation is taken over by the same attempt', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step: 'application', answer: { kind: 'reset' }, applied: true });
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', recovery: ['retry'] });
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('and expired does not disturb the next attempt', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    await crash(harness, alice);
    harness.simulator.expireApplications(alice);
    harness.simulator.expireTokens(alice);
    expect(await harness.outcome(alice, ringMobile)).toMatchObject({ outcome: 'applied' });
    expect(harness.simulator.applications(alice)).toBe(0);
  });
});

/** Leaves the server as an instance does that is killed during an attempt for this user. */
async function crash(
  { client, secrets }: RecoveryHarness,
  user: SipUri,
  when: 'with its first application' | 'with its second application' = 'with its first application',
): Promise<void> {
  const { signal } = new AbortController();
  const session = client.session({
    user,
    credential: passwordFrom(() => secrets.read(user, { fresh: false, signal })),
    correlationId: 'a-correlation-id',
    signal,
  });
  await session.callForwarding.readSettings();
  if (when === 'with its first application') return;
  await session.dropApplication();
  await session.callForwarding.readSettings();
}
