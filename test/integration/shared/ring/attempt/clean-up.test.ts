import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import type { SipUri } from '../../../../../shared/ucwa/uri.ts';
import {
  openHarness,
  type RecoveryHarness,
  ringMobile,
} from '../../../../support/recovery/recovery-harness.ts';

const failures: readonly [what: string, answer: Fault['answer']][] = [
  ['is refused', { status: 403 }],
  ['finds no application', { status: 404, subcode: 'ApplicationNotFound' }],
  ['fails', { status: 500 }],
  ['breaks', { kind: 'reset' }],
  ['gets no answer', { kind: 'hang' }],
];

const endings: readonly [what: string, arrange: (harness: RecoveryHarness) => void, expected: object][] = [
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

describe.each(endings)('work that ends as %s', (_ending, arrange, expected) => {
  it.each(failures)('ends so when its clean-up %s, which is tried once', async (_what, answer) => {
    const harness = await openHarness();
    arrange(harness);
    harness.simulator.fail({ step: 'clean-up', times: Number.POSITIVE_INFINITY, answer });
    expect(await harness.outcome(harness.addUser('alice'))).toMatchObject(expected);
    expect(harness.simulator.count('clean-up')).toBe(1);
  });
});

describe('an application that nobody deleted', () => {
  it('after a crash is one, and the next attempt takes it over and deletes it', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    for (const crash of [1, 2, 3]) {
      await crashAtWork(harness, alice);
      expect(harness.simulator.applications(alice), `crash ${crash}`).toBe(1);
    }

    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', recovery: [] });

    const created = harness.simulator.requests.filter(({ step }) => step === 'application');
    expect(created.map(({ status }) => status)).toEqual([201, 200, 200, 200]);
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('after clean-up failed is taken over by the next attempt', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step: 'clean-up', answer: { status: 500 } });
    await harness.outcome(alice);
    expect(harness.simulator.applications(alice)).toBe(1);
    await harness.outcome(alice, { ring: 'off' });
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('of the other endpoint is taken over where it would be one too many', async () => {
    const harness = await openHarness({ applicationsPerUser: 1 });
    const alice = harness.addUser('alice');
    await crashAtWork(harness, alice, 'with its second application');
    expect(await harness.outcome(alice)).toMatchObject({
      outcome: 'applied',
      recovery: ['fresh-application'],
    });
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('whose making was not answered is taken over by the same attempt', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step: 'application', answer: { kind: 'reset' }, applied: true });
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', recovery: ['retry'] });
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('that went away is no failure for the user', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    await crashAtWork(harness, alice);
    harness.simulator.expireApplications(alice);
    harness.simulator.expireTokens(alice);
    expect(await harness.outcome(alice, ringMobile)).toMatchObject({ outcome: 'applied' });
    expect(harness.simulator.applications(alice)).toBe(0);
  });
});

/** An instance that is killed while it is at work as this user. */
async function crashAtWork(
  { client, secrets }: RecoveryHarness,
  user: SipUri,
  when: 'with its first application' | 'with its second application' = 'with its first application',
): Promise<void> {
  const { signal } = new AbortController();
  const session = client.session({
    user,
    credential: () => secrets.read(user, { fresh: false, signal }),
    correlationId: 'a-correlation-id',
    signal,
  });
  await session.callForwarding.readSettings();
  if (when === 'with its first application') return;
  await session.dropApplication();
  await session.callForwarding.readSettings();
}
