import { describe, expect, it } from 'vitest';
import { planMessage } from '../../../../../shared/ring/batch/plan.ts';
import { openHarness } from '../../../../support/ring/batch-harness.ts';
import { bulkMessageOf } from '../../../../support/ring/bulk-message.ts';

const rules = {
  users: { sipDomains: ['contoso.com'] },
  targets: { defaultCountry: undefined, countries: undefined, sipDomains: undefined },
} as const;

function planOf(entry: unknown) {
  const message = bulkMessageOf({ schema: 'simring/bulk/1', batch: 'hr', entries: [entry] });
  return planMessage(message, 0, rules, 'c-1');
}

function digestOf(entry: unknown): string | undefined {
  return planOf(entry).entries[0]?.digest;
}

const entry = { user: 'alice@contoso.com', ring: 'contact', target: '+1 425 555 0123', ref: '1042' };

describe('the digest of an entry', () => {
  it.each<[string, unknown]>([
    ['names in another case', { User: entry.user, RING: 'contact', Target: entry.target, Ref: '1042' }],
    ['null for what is left out', { ...entry, ringDelaySeconds: null, attempts: null }],
    ['what an SDK adds', { $type: 'Entry', $id: '17', ...entry }],
    ['the default left out', { ...entry, ring: undefined }],
    ['a ring in another case', { ...entry, ring: 'Contact' }],
    ['a number as `ref`', { ...entry, ref: 1042 }],
  ])('is that of the same words as we write them: %s', (_what, other) => {
    expect(digestOf(other)).toBe(digestOf(entry));
  });

  // Computed by 0.1.
  it.each<[string, unknown, string]>([
    ['that it read', entry, 'BN8Pd3pzIDhDHFuj'],
    ['that it refused, and that is still refused', { ...entry, colour: 'red' }, 'WLDVSQPl0_DhaVf8'],
    ['that was no object', 'alice', 'm3_MOH3UfI8r7aEK'],
  ])('is that of 0.1 for an entry %s', (_what, other, digest) => {
    expect(digestOf(other)).toBe(digest);
  });

  it('does not depend on what an SDK adds to an entry that is refused', () => {
    const refused = { ...entry, colour: 'red' };
    expect(digestOf({ ...refused, $id: '1' })).toBe(digestOf({ ...refused, $id: '2' }));
    expect(digestOf({ ...refused, $id: '1' })).toBe(digestOf(refused));
  });
});

describe('a batch that 0.1 took, with entries in forms that it refused', () => {
  it.each<[string, object]>([
    ['a name in another case', { Target: '+1 425 555 0123' }],
    ['null', { ring: 'team', target: null }],
    ['what an SDK adds', { ring: 'team', $id: '1' }],
    ['a number as `ref`', { ring: 'team', ref: 7 }],
    ['a ring in another case', { ring: 'Team' }],
    ['what is still refused', { ring: 'team', $id: '1', colour: 'red' }],
  ])('is not taken for another batch: %s', async (_what, more) => {
    const harness = await openHarness();
    const [a = '', b = ''] = harness.addUsers(2);
    const content = {
      schema: 'simring/bulk/1',
      batch: 'hr',
      entries: [
        { user: a, ...more },
        { user: b, ring: 'team' },
      ],
    };
    const former = planMessage(bulkMessageOf(content), 0, harness.deps.rules, 'c-0').digestsOf01();
    const refused = {
      code: 'invalid-request',
      detail: 'Refused by 0.1.',
      attempts: 0,
      requests: 0,
      recovery: [],
    } as const;
    await harness.ledger.registerBatch('hr', harness.clock.nowMs());
    await harness.ledger.writePart(
      'hr',
      {
        part: 0,
        entries: 2,
        digest: former.part,
        requestedAtMs: harness.clock.nowMs(),
        enteredAtMs: harness.clock.nowMs(),
        counts: { rejected: 1, pending: 1 },
        finished: false,
      },
      undefined,
    );
    await harness.ledger.insertEntries({ batch: 'hr', part: 0 }, [
      {
        entry: 0,
        user: a,
        generation: 0,
        digest: former.entries.get(0) ?? '',
        outcome: { outcome: 'rejected', user: a, correlationId: 'c-0', ...refused },
      },
    ]);
    await harness.deliver(content, { dequeueCount: 2 });
    expect(harness.outcomes('hr')).toEqual(['rejected', 'applied']);
    expect(harness.events.map(({ event }) => event)).not.toContain('batch-exists');
    expect(harness.queues.results.map((text) => JSON.parse(text).counts)).toEqual([
      { rejected: 1, applied: 1 },
    ]);
  });
});

describe('an entry in another form', () => {
  it('keeps its digest when it is requeued', async () => {
    const harness = await openHarness({ sliceMs: 0 });
    const [a = ''] = harness.addUsers(1);
    const content = {
      Schema: 'simring/bulk/1',
      BATCH: 'hr',
      $AzureWebJobsParentId: '1',
      Source: null,
      Entries: { User: a, Ring: 'Team', RingDelaySeconds: 7, Ref: 1042, Target: null, $type: 'x' },
    };
    await harness.deliver(content);
    const [stored] = harness.ledger.peek({ batch: 'hr', part: 0 });
    expect(stored).toMatchObject({
      ref: '1042',
      digest: digestOf({ user: a, ring: 'team', ringDelaySeconds: 7, ref: '1042' }),
    });
    const [sent] = harness.queues.bulk;
    expect(JSON.parse(sent?.text ?? '').entries).toEqual([
      { user: a, ring: 'team', ringDelaySeconds: 7, ref: '1042', entry: 0, attempts: 0 },
    ]);
    await harness.drain(1);
    await harness.deliver(content, { dequeueCount: 2 });
    expect(harness.events.map(({ event }) => event)).not.toContain('batch-exists');
  });
});
