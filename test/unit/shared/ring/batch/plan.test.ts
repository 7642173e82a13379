import { describe, expect, it } from 'vitest';
import type { BulkMessage } from '../../../../../shared/ring/batch/message/message.ts';
import { planMessage } from '../../../../../shared/ring/batch/plan.ts';
import type { RequestRules } from '../../../../../shared/ring/model/parse-request.ts';
import type { LedgerEntry } from '../../../../../shared/ring/ports/ledger.ts';
import { bulkMessageOf } from '../../../../support/ring/bulk-message.ts';
import type { OutcomeView } from '../../../../support/ring/outcomes.ts';

const rules: RequestRules = {
  users: { sipDomains: ['contoso.com'] },
  targets: { defaultCountry: undefined, countries: undefined, sipDomains: ['contoso.com'] },
};
const alice = 'sip:alice@contoso.com';
const bob = 'sip:bob@contoso.com';

function plan(entries: readonly unknown[], more: Partial<BulkMessage> = {}) {
  const message = bulkMessageOf({ schema: 'simring/bulk/1', batch: 'hr', part: 2, entries });
  return planMessage({ ...message, ...more }, 0, rules, 'c-1');
}

function viewOf(entry: LedgerEntry | undefined): OutcomeView {
  return entry?.outcome ?? {};
}

function outcomesOf(entries: readonly unknown[]) {
  return plan(entries).entries.map(({ outcome }) => outcome?.outcome ?? 'open');
}

describe('the plan of a message', () => {
  it('turns entries into work items, in order, with their number and `ref`', () => {
    const { entries, items } = plan([
      { user: 'Alice@contoso.com', target: '+1 (425) 555-0123', ref: 'E1' },
      { user: bob, ring: 'team', ringDelaySeconds: 5 },
      { user: 'carol@contoso.com', ring: 'off' },
    ]);
    expect(entries.map(({ digest: _digest, ...entry }) => entry)).toEqual([
      { entry: 0, user: alice, ref: 'E1', generation: 0 },
      { entry: 1, user: bob, generation: 0 },
      { entry: 2, user: 'sip:carol@contoso.com', generation: 0 },
    ]);
    expect(items.map(({ user, desired }) => ({ user, ...desired }))).toEqual([
      { user: alice, ring: 'contact', target: 'tel:+14255550123' },
      { user: bob, ring: 'team', ringDelaySeconds: 5 },
      { user: 'sip:carol@contoso.com', ring: 'off' },
    ]);
    expect(items.map(({ entry }) => entry)).toEqual([0, 1, 2]);
  });

  it('identifies an entry by a digest of its content, whichever message carries it', () => {
    const sent = { user: alice, target: '+1 425 555 0123', ref: 'E1' };
    const digestOf = (entry: unknown, more: Partial<BulkMessage> = {}) =>
      plan([entry], more).entries[0]?.digest;
    const digest = digestOf(sent);
    expect(digest).toMatch(/^[\w-]{10,}$/);
    expect(digestOf({ ...sent, ring: 'contact', entry: 7, attempts: 3 }, { generation: 4, part: 9 })).toBe(
      digest,
    );
    for (const change of [{ ref: 'E2' }, { target: '+1 425 555 0124' }, { user: bob }, { ref: undefined }]) {
      expect(digestOf({ ...sent, ...change })).not.toBe(digest);
    }
    expect(digestOf(null)).not.toBe(digestOf({}));
  });

  it('keeps the digest that 0.1 made of the words as sent, whatever form they are read in', () => {
    const digestOf = (entry: object) => plan([{ ref: 'E1', ...entry }]).entries[0]?.digest;
    expect(digestOf({ user: 'alice@contoso.com', target: '+1 425 555 0123' })).toBe('Etjo8-VoFzhGJ_5G');
    expect(digestOf({ user: '\u200balice@contoso.com', target: 'Tel.: (+1)\u00a0425 555 0123;' })).toBe(
      '38GY5l6xQvTpLK35',
    );
    expect(digestOf({ user: 'mailto:alice@contoso.com', target: '+14255550123.0' })).toBe('MO7l88PLgZIYy-N3');
  });

  it('has the generation of its message', () => {
    const { entries } = plan([{ user: alice, ring: 'off' }, 'wrong'], { generation: 3 });
    expect(entries.map(({ generation }) => generation)).toEqual([3, 3]);
  });

  it('keeps the numbers and attempts of requeued entries', () => {
    const { entries, items } = plan([
      { user: alice, ring: 'off', entry: 17, attempts: 2, ref: 'E17' },
      { user: bob, ring: 'off', entry: 399 },
    ]);
    expect(entries.map(({ entry, ref }) => [entry, ref])).toEqual([
      [17, 'E17'],
      [399, undefined],
    ]);
    expect(items.map(({ entry, attempts }) => [entry, attempts])).toEqual([
      [17, 2],
      [399, 0],
    ]);
  });
});

describe('the plan of several entries for one user', () => {
  it('works on the later entry and supersedes the earlier one', () => {
    const { entries, items } = plan([
      { user: 'alice@contoso.com', ring: 'team', ref: 'first' },
      { user: bob, ring: 'off' },
      { user: 'SIP:ALICE@CONTOSO.COM', ring: 'off', ref: 'second' },
    ]);
    expect(items.map(({ entry }) => entry)).toEqual([1, 2]);
    expect(entries[0]).toMatchObject({
      entry: 0,
      user: alice,
      ref: 'first',
      outcome: {
        user: alice,
        outcome: 'superseded',
        ring: 'team',
        attempts: 0,
        recovery: [],
        requests: 0,
        correlationId: 'c-1',
        code: 'superseded',
        detail: expect.stringContaining('later entry'),
      },
    });
    expect(entries[2]?.outcome).toBeUndefined();
  });

  it('takes the entry with the higher number for the later one, whatever its position', () => {
    const { items } = plan([
      { user: alice, ring: 'off', entry: 9 },
      { user: alice, ring: 'team', entry: 3 },
    ]);
    expect(items).toMatchObject([{ entry: 9, desired: { ring: 'off' } }]);
  });

  it('works on the last of three entries', () => {
    const entry = { user: alice, ring: 'off' };
    expect(outcomesOf([entry, entry, entry])).toEqual(['superseded', 'superseded', 'open']);
  });

  it('works on the earlier entry when the later one is rejected', () => {
    const invalid = { user: alice, target: 'nonsense' };
    expect(outcomesOf([{ user: alice, ring: 'off' }, invalid])).toEqual(['open', 'rejected']);
  });
});

describe('an entry that is not valid', () => {
  const valid = { user: bob, ring: 'off' };

  it.each<[string, unknown, string, string]>([
    ['a text', 'alice@contoso.com', '', 'must be a JSON object'],
    ['null', null, '', 'must be a JSON object'],
    ['a list', [], '', 'must be a JSON object'],
    ['a missing user', { ring: 'off' }, '', '/user: '],
    [
      'a user of another domain',
      { user: 'x@northwind.example', ring: 'off' },
      'x@northwind.example',
      '/user: ',
    ],
    ['a user that is not an address', { user: 'alice', ring: 'off' }, 'alice', '/user: '],
    ['a user that is not a string', { user: 7, ring: 'off' }, '', '/user: '],
    ['an unknown ring', { user: alice, ring: 'voicemail' }, alice, '/ring: '],
    [
      'a delay for a contact',
      { user: alice, target: bob, ringDelaySeconds: 5 },
      alice,
      '/ringDelaySeconds: ',
    ],
    ['a delay over 55', { user: alice, ring: 'team', ringDelaySeconds: 56 }, alice, '/ringDelaySeconds: '],
    ['a missing target', { user: alice }, alice, '/target: '],
    ['an unknown property', { user: alice, ring: 'off', team: 'x' }, alice, '/team: '],
    ['a `ref` that is too long', { user: alice, ring: 'off', ref: 'r'.repeat(201) }, alice, '/ref: '],
  ])('is rejected while the other entries are worked on: %s', (_name, invalid, user, reason) => {
    const { entries, items } = plan([invalid, valid]);
    expect(items.map(({ entry }) => entry)).toEqual([1]);
    expect(entries[0]).toMatchObject({
      entry: 0,
      user: expect.stringContaining(user),
      outcome: {
        outcome: 'rejected',
        code: 'invalid-request',
        attempts: 0,
        requests: 0,
        correlationId: 'c-1',
      },
    });
    expect(viewOf(entries[0]).detail).toContain(reason);
  });

  it('is rejected as `target-not-allowed` only when a dial rule is its only issue', () => {
    const ownAddress = plan([{ user: alice, target: alice }]).entries[0]?.outcome;
    expect(ownAddress).toMatchObject({
      code: 'target-not-allowed',
      detail: expect.stringContaining('own address'),
    });
    const withDelay = viewOf(plan([{ user: alice, target: alice, ringDelaySeconds: 1 }]).entries[0]);
    expect(withDelay.code).toBe('invalid-request');
  });

  it('is rejected with all its issues at once', () => {
    const invalid = { user: 'alice', target: '+1 425', ringDelaySeconds: 99, colour: 'red' };
    const detail = viewOf(plan([invalid]).entries[0]).detail ?? '';
    for (const pointer of ['/user', '/target', '/ringDelaySeconds', '/colour']) {
      expect(detail).toContain(`${pointer}: `);
    }
  });

  it('keeps its number and its `ref`', () => {
    const { entries } = plan([{ user: 'alice', ring: 'voicemail', ref: 'E7', entry: 40 }, { ref: 'E8' }]);
    expect(entries).toMatchObject([
      { entry: 40, user: 'alice', ref: 'E7' },
      { entry: 1, user: '', ref: 'E8' },
    ]);
  });

  it('is truncated when it is too long, but never within a surrogate pair', () => {
    const long = `${'x'.repeat(299)}😀`;
    const { entries } = plan([{ user: long, ring: 'off', ref: `${'x'.repeat(199)}😀` }]);
    expect(entries[0]?.user).toBe(`${'x'.repeat(299)}\ufffd`);
    expect(entries[0]?.ref).toBe(`${'x'.repeat(199)}\ufffd`);
  });

  it('is rejected without repeating its phone number in the reason', () => {
    const invalid = { user: alice, target: '+1 425 555 01', ringDelaySeconds: 99 };
    const detail = viewOf(plan([invalid]).entries[0]).detail ?? '';
    expect(detail.replace('+1 (425) 555-0123', '')).not.toContain('425');
  });

  it('is rejected with the first of thousands of issues and with shortened names, so that the outcome fits into a row', () => {
    const names = Array.from({ length: 5_000 }, (_, index) => [`${index}`.padStart(500, 'x'), 1]);
    const [entry] = plan([{ user: alice, ring: 'off', ...Object.fromEntries(names) }]).entries;
    expect(entry?.outcome).toMatchObject({ outcome: 'rejected', code: 'invalid-request' });
    expect(viewOf(entry).detail).toMatch(/And 4990 more\.$/);
    expect(viewOf(entry).detail?.length).toBeLessThan(3_000);
  });
});
