import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import type { SipUri } from '../../../../../shared/ucwa/uri.ts';
import { openWorkshop, ringMobile, type Workshop } from '../../../../support/recovery/workshop.ts';

const failures: readonly [what: string, answer: Fault['answer']][] = [
  ['is refused', { status: 403 }],
  ['finds no application', { status: 404, subcode: 'ApplicationNotFound' }],
  ['fails', { status: 500 }],
  ['breaks', { kind: 'reset' }],
  ['gets no answer', { kind: 'hang' }],
];

const endings: readonly [what: string, arrange: (workshop: Workshop) => void, expected: object][] = [
  ['applied', () => {}, { outcome: 'applied', verified: true, recovery: [] }],
  [
    'deferred',
    ({ simulator }) =>
      simulator.fail({ step: 'set-ring', times: Number.POSITIVE_INFINITY, answer: { status: 503 } }),
    { outcome: 'deferred', code: 'ucwa-unavailable', ucwa: { status: 503 } },
  ],
  [
    'failed',
    ({ simulator }) =>
      simulator.fail({ step: 'set-ring', answer: { status: 409, subcode: 'TooManyGroups' } }),
    { outcome: 'failed', code: 'ucwa-rejected', ucwa: { status: 409 } },
  ],
];

describe.each(endings)('work that ends as %s', (_ending, arrange, expected) => {
  it.each(failures)('ends so when its clean-up %s, which is tried once', async (_what, answer) => {
    const workshop = await openWorkshop();
    arrange(workshop);
    workshop.simulator.fail({ step: 'delete-application', times: Number.POSITIVE_INFINITY, answer });
    expect(await workshop.outcome(workshop.hire('alice'))).toMatchObject(expected);
    expect(workshop.simulator.count('delete-application')).toBe(1);
  });
});

describe('an application that nobody deleted', () => {
  it('after a crash is one, and the next attempt takes it over and deletes it', async () => {
    const workshop = await openWorkshop();
    const alice = workshop.hire('alice');
    for (const crash of [1, 2, 3]) {
      await crashAtWork(workshop, alice);
      expect(workshop.simulator.applications(alice), `crash ${crash}`).toBe(1);
    }

    expect(await workshop.outcome(alice)).toMatchObject({ outcome: 'applied', recovery: [] });

    const created = workshop.simulator.requests.filter(({ step }) => step === 'create-application');
    expect(created.map(({ status }) => status)).toEqual([201, 200, 200, 200]);
    expect(workshop.simulator.applications(alice)).toBe(0);
  });

  it('after clean-up failed is taken over by the next attempt', async () => {
    const workshop = await openWorkshop();
    const alice = workshop.hire('alice');
    workshop.simulator.fail({ step: 'delete-application', answer: { status: 500 } });
    await workshop.outcome(alice);
    expect(workshop.simulator.applications(alice)).toBe(1);
    await workshop.outcome(alice, { ring: 'off' });
    expect(workshop.simulator.applications(alice)).toBe(0);
  });

  it('of the other endpoint is taken over where it would be one too many', async () => {
    const workshop = await openWorkshop({ applicationsPerUser: 1 });
    const alice = workshop.hire('alice');
    await crashAtWork(workshop, alice, 'with its second application');
    expect(await workshop.outcome(alice)).toMatchObject({
      outcome: 'applied',
      recovery: ['fresh-application'],
    });
    expect(workshop.simulator.applications(alice)).toBe(0);
  });

  it('whose making was not answered is taken over by the same attempt', async () => {
    const workshop = await openWorkshop();
    const alice = workshop.hire('alice');
    workshop.simulator.fail({ step: 'create-application', answer: { kind: 'reset' }, applied: true });
    expect(await workshop.outcome(alice)).toMatchObject({ outcome: 'applied', recovery: ['retry'] });
    expect(workshop.simulator.applications(alice)).toBe(0);
  });

  it('that went away is no failure for the user', async () => {
    const workshop = await openWorkshop();
    const alice = workshop.hire('alice');
    await crashAtWork(workshop, alice);
    workshop.simulator.expireApplications(alice);
    workshop.simulator.expireTokens(alice);
    expect(await workshop.outcome(alice, ringMobile)).toMatchObject({ outcome: 'applied' });
    expect(workshop.simulator.applications(alice)).toBe(0);
  });
});

/** An instance that is killed while it is at work as this user. */
async function crashAtWork(
  { client, secrets }: Workshop,
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
  await session.readSettings();
  if (when === 'with its first application') return;
  await session.dropApplication();
  await session.readSettings();
}
