import { describe, expect, it } from 'vitest';
import {
  formatUserRecord,
  parseUserRecord,
  readUserEntity,
  userEntity,
} from '../../../../../shared/azure/storage/users/user-rows.ts';
import { standingRequest } from '../../../../../shared/ring/ports/standing-request.ts';
import { storedRows } from '../../../../support/azure/stored-by-0-1.ts';
import { sip } from '../../../../support/ring/addresses.ts';

const order = { requestedAtMs: 1, batch: 'hr', part: 0, entry: 2 };
const parsedOrder = { effectiveAtMs: 1, batch: 'hr', part: 0, entry: 2 };
const outcome = {
  user: 'sip:alice@contoso.com',
  outcome: 'applied',
  verified: true,
  attempts: 1,
  recovery: [],
  requests: 8,
  correlationId: 'c-1',
};

function rewritten(record: unknown): unknown {
  return JSON.parse(formatUserRecord(parseUserRecord(JSON.stringify(record))));
}

/** A record as 0.1 itself writes it again: its properties in one order, and nothing but these of the newest request. */
function rewrittenBy01(text: string): string {
  const { newest, claim, before, takenAway, last, refusedVersion } = JSON.parse(text);
  const kept = newest === undefined ? undefined : { order: newest.order, wish: newest.wish };
  return JSON.stringify({ newest: kept, claim, before, takenAway, last, refusedVersion });
}

describe('the record of a user', () => {
  it.each(storedRows.users.map(({ user, record }) => [user, record]))(
    'that 0.1 wrote is written again as 0.1 would: %s',
    (_user, record) => {
      expect(formatUserRecord(parseUserRecord(record))).toBe(rewrittenBy01(record));
    },
  );

  it('of 0.1 tells what stands wherever its last request succeeded or may have written', () => {
    const told = storedRows.users.map(({ user, record }) => {
      const { newest, last } = JSON.parse(record);
      const isStanding =
        last === undefined || last.mayHaveWritten || /^(applied|unchanged)$/.test(last.outcome.outcome);
      const { desired, provedAtMs } = standingRequest(parseUserRecord(record)) ?? {};
      expect({ user, desired }).toEqual({ user, desired: isStanding ? newest?.wish : undefined });
      if (provedAtMs !== undefined) expect(provedAtMs).toBe(last.atMs);
      return { desired, provedAtMs };
    });
    expect(told.filter(({ desired }) => desired === undefined)).not.toEqual([]);
    expect(told.filter(({ provedAtMs }) => provedAtMs !== undefined)).not.toEqual([]);
  });

  it('keeps the properties that only a newer version knows, wherever they are', () => {
    const newer = {
      newest: { order: { ...order, due: 5 }, wish: { ring: 'team', except: ['bob'] }, by: 'hr' },
      standing: { order, wish: { ring: 'team' }, provedAtMs: 7, by: 'hr', upTo: 9 },
      claim: { id: 'c', untilMs: 3, host: 'h' },
      before: { ring: 'off', forwarding: { target: 'tel:+14255550123', since: 1 }, note: 'x' },
      takenAway: { target: 'tel:+14255550123', weekdays: [1, 2] },
      last: { order, outcome: { ...outcome, warnings: [] }, mayHaveWritten: true, atMs: 4, tries: 2 },
      refusedVersion: 'v1',
      undo: { of: 'hr' },
    };
    expect(rewritten(newer)).toEqual(newer);
  });

  it.each([
    ['an outcome', { ring: 'off', outcome: 'applied', user: 'sip:a@contoso.com' }],
    ['an outcome that begins with the effort', { requests: 0, outcome: 'cancelled', detail: 'So.' }],
  ])('keeps the order of properties in %s', (_what, begins) => {
    const last = { order, outcome: { ...begins, ...outcome, ...begins }, mayHaveWritten: false, atMs: 1 };
    const text = JSON.stringify({ last });
    expect(formatUserRecord(parseUserRecord(text))).toBe(text);
  });

  it('has no last attempt if only a newer version knows its outcome', () => {
    const last = { order, outcome: { outcome: 'dreamt', of: 'x' }, mayHaveWritten: false, atMs: 1 };
    expect(parseUserRecord(JSON.stringify({ newest: { order }, last }))).toEqual({
      newest: { order: parsedOrder },
    });
  });

  it('has no desired ring if only a newer version knows its kind', () => {
    const newest = { order, wish: { ring: 'voicemail' } };
    expect(parseUserRecord(JSON.stringify({ newest }))).toEqual({ newest: { order: parsedOrder } });
  });

  it('has the time that counts where 0.1 has that of the request', () => {
    const scheduled = { ...parsedOrder, effectiveAtMs: 9, requestedAtMs: 1 };
    const of = { batch: 'hr', part: 0, entry: 2 };
    const newest = { order: scheduled, undo: { of, overtakes: scheduled } };
    const text = formatUserRecord({ newest });
    const stored = { ...order, requestedAtMs: 9, askedAtMs: 1 };
    expect(JSON.parse(text)).toEqual({ newest: { order: stored, undo: { of, overtakes: stored } } });
    expect(parseUserRecord(text)).toEqual({ newest });
  });

  it.each([
    ['that stands', { newest: { order }, standing: { order, wish: { ring: 'delegates' } } }, 'delegates'],
    ['of a newest request of 0.1', { newest: { order, wish: { ring: 'off' } } }, 'off'],
    ['that is not known', { newest: { order } }, undefined],
  ])('repeats in a column the kind of ring %s', (_what, record, ring) => {
    const row = userEntity(sip('alice@contoso.com'), parseUserRecord(JSON.stringify(record)));
    expect(row.ring).toBe(ring);
  });

  it('passes on the codes and recovery steps that only a newer version knows', () => {
    const failed = { ...outcome, outcome: 'failed', code: 'interrupted', detail: 'So.', recovery: ['wait'] };
    const record = { last: { order, outcome: failed, mayHaveWritten: false, atMs: 1 } };
    expect(parseUserRecord(JSON.stringify(record))).toEqual({ last: { ...record.last, order: parsedOrder } });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a list', []],
    ['a newest request without its order', { newest: {} }],
    ['a claim without its end', { claim: { id: 'c' } }],
    ['a desired contact that is not a URI', { newest: { order, wish: { ring: 'contact', target: '123' } } }],
    [
      'a desired contact in another form than ours',
      { newest: { order, wish: { ring: 'contact', target: 'sip:Bob@contoso.com' } } },
    ],
    ['a desired ring without its kind', { newest: { order, wish: {} } }],
    ['a state that is not an object', { before: 'off' }],
    [
      'an outcome without its effort',
      { last: { order, outcome: { outcome: 'applied' }, mayHaveWritten: true, atMs: 1 } },
    ],
    [
      'a failure without its code',
      { last: { order, outcome: { ...outcome, outcome: 'failed' }, mayHaveWritten: true, atMs: 1 } },
    ],
  ])('is refused as %s', (_what, record) => {
    const row = { etag: 'e', record: JSON.stringify(record) ?? '' };
    expect(() => readUserEntity(row)).toThrow(expect.objectContaining({ name: 'ZodError' }));
  });
});
