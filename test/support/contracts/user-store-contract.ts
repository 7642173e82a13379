import { describe, expect, it } from 'vitest';
import type { DesiredRing } from '../../../shared/ring/model/desired-ring.ts';
import { ContinuationUnknownError } from '../../../shared/ring/ports/ledger.ts';
import type { UserFilter, UserRecord, UserStore } from '../../../shared/ring/ports/user-store.ts';
import { claimToChange } from '../../../shared/ring/user/claim-user.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';
import { sip, tel } from '../ring/addresses.ts';
import { outcomeOf } from '../ring/outcomes.ts';
import { withLostAnswers } from '../ring/with-lost-answers.ts';

const order = { effectiveAtMs: Date.parse('2026-11-23T09:00:00Z'), batch: 'hr', part: 3, entry: 17 };

/** A record with everything that one can hold. */
export const fullRecord: UserRecord = {
  newest: { order, desired: { ring: 'contact', target: tel('tel:+14255550123') }, source: 'workday' },
  standing: {
    order: { ...order, effectiveAtMs: order.effectiveAtMs - 60_000, batch: 'earlier' },
    desired: { ring: 'team', ringDelaySeconds: 5 },
    source: 'helpdesk',
    provedAtMs: order.effectiveAtMs - 50_000,
  },
  claim: { id: 'c-1', untilMs: order.effectiveAtMs + 120_000 },
  before: { ring: 'off', forwarding: { target: 'tel:+14255550199' }, activePeriod: 'workhours' },
  unansweredToRestore: { target: 'tel:+14255550177', ringDelaySeconds: 20 },
  last: {
    order,
    outcome: outcomeOf('failed', { code: 'ucwa-rejected', detail: 'So „it“ is 😀.', recovery: ['retry'] }),
    mayHaveWritten: true,
    atMs: order.effectiveAtMs + 5,
  },
  refusedVersion: 'v1',
};

/** Tests what every user store does. `open` returns the one under test: it may hold other users than those named here. */
export function describeUserStore(open: () => UserStore): void {
  describeRecords(open);
  describeWrites(open);
  describeDeletes(open);
  describeClaims(open);
  describeLists(open);
}

function describeRecords(open: () => UserStore): void {
  describe('the record of a user', () => {
    it('is empty and has no etag for a user who is new', async () => {
      expect(await open().read(sip('nobody@contoso.com'))).toEqual({ record: {}, etag: undefined });
    });

    it.each([
      'alice@contoso.com',
      "o'brien@contoso.com",
      'a&b=c+d!e$f*g~h_i-j@contoso.com',
      `${'x'.repeat(60)}@${'y'.repeat(60)}.com`,
    ])('is read as it was written, for %s', async (address) => {
      const user = sip(address);
      const written = await open().write(user, fullRecord, undefined);
      expect(await open().read(user)).toEqual({ record: fullRecord, etag: expect.any(String) });
      expect(written).toEqual({ etag: (await open().read(user)).etag });
    });

    it('is kept for each user separately', async () => {
      await open().write(sip('a.b@contoso.com'), { refusedVersion: 'dot' }, undefined);
      await open().write(sip('a-b@contoso.com'), { refusedVersion: 'dash' }, undefined);
      expect((await open().read(sip('a.b@contoso.com'))).record).toEqual({ refusedVersion: 'dot' });
      expect((await open().read(sip('a-b@contoso.com'))).record).toEqual({ refusedVersion: 'dash' });
    });

    it('does not change with the object that was written', async () => {
      const user = sip('own@contoso.com');
      const claim = { id: 'c-1', untilMs: 1 };
      await open().write(user, { claim }, undefined);
      claim.untilMs = 2;
      expect((await open().read(user)).record).toEqual({ claim: { id: 'c-1', untilMs: 1 } });
    });
  });
}

function describeWrites(open: () => UserStore): void {
  describe('a write', () => {
    it('makes a new etag, and conflicts if it has an old one', async () => {
      const user = sip('etags@contoso.com');
      const first = await open().write(user, {}, undefined);
      if (first === 'conflict') throw new Error('The first write has no rival.');
      const second = await open().write(user, { refusedVersion: 'v2' }, first.etag);
      expect(second).not.toEqual(first);
      expect(await open().write(user, {}, first.etag)).toBe('conflict');
      expect(await open().write(user, {}, undefined)).toBe('conflict');
      expect((await open().read(user)).record).toEqual({ refusedVersion: 'v2' });
    });

    it('removes what the record no longer has', async () => {
      const user = sip('emptied@contoso.com');
      const first = await open().write(user, fullRecord, undefined);
      if (first === 'conflict') throw new Error('The first write has no rival.');
      await open().write(user, {}, first.etag);
      expect((await open().read(user)).record).toEqual({});
    });

    it('takes effect once if many are made at the same time', async () => {
      const user = sip('crowd@contoso.com');
      const written = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          open().write(user, { refusedVersion: `v${index}` }, undefined),
        ),
      );
      expect(written.filter((result) => result !== 'conflict')).toHaveLength(1);
    });
  });
}

function describeDeletes(open: () => UserStore): void {
  describe('a delete', () => {
    it('removes the row, so that the user is new', async () => {
      const user = sip('removed@contoso.com');
      const written = await open().write(user, fullRecord, undefined);
      if (written === 'conflict') throw new Error('The first write has no rival.');
      await open().delete(user, written.etag);
      expect(await open().read(user)).toEqual({ record: {}, etag: undefined });
      expect(await open().write(user, {}, undefined)).not.toBe('conflict');
    });

    it('leaves a row that was changed meanwhile, and a user who is new', async () => {
      const user = sip('changed@contoso.com');
      const first = await open().write(user, {}, undefined);
      if (first === 'conflict') throw new Error('The first write has no rival.');
      await open().write(user, { refusedVersion: 'v2' }, first.etag);
      await open().delete(user, first.etag);
      expect((await open().read(user)).record).toEqual({ refusedVersion: 'v2' });
      await open().delete(sip('never@contoso.com'), first.etag);
      expect((await open().read(sip('never@contoso.com'))).etag).toBeUndefined();
    });
  });
}

function describeClaims(open: () => UserStore): void {
  const claim = (users: UserStore, address: string, claimId: string) => {
    const request = { user: sip(address), claimId, nowMs: order.effectiveAtMs, durationMs: 120_000 };
    return claimToChange(users, request, { order, desired: { ring: 'off' } });
  };

  describe('a claim', () => {
    it('is won by one of many workers', async () => {
      const claims = Array.from({ length: 8 }, (_, index) =>
        claim(open(), 'wanted@contoso.com', `claim-${index}`),
      );
      const kinds = (await Promise.all(claims)).map(({ kind }) => kind);
      expect(kinds.toSorted()).toEqual([...Array.from({ length: 7 }, () => 'busy'), 'claimed']);
    });

    it('is ours, and its end recorded, although each write met itself', async () => {
      const repeating = withLostAnswers(open());
      const claimed = await claim(repeating, 'lost@contoso.com', 'mine');
      if (claimed.kind !== 'claimed') throw new Error(`This claim is ${claimed.kind}.`);
      const result = {
        change: {
          order,
          outcome: outcomeOf('applied', { verified: true }),
          mayHaveWritten: true,
          before: { ring: 'team', ringDelaySeconds: 5 },
          shownAs: undefined,
          unansweredToRestore: { target: 'tel:+14255550177', ringDelaySeconds: 15 },
        },
        signIns: { refusedVersion: 'v1', signIns: { version: 'v2', sentAtMs: [1, 2] } },
        nowMs: order.effectiveAtMs,
      } as const;
      const { before, shownAs: _none, unansweredToRestore, ...last } = result.change;
      expect(await claimed.claim.release(result)).toBe('recorded');
      const { record } = await open().read(sip('lost@contoso.com'));
      expect(record).toEqual({
        newest: { order, desired: { ring: 'off' } },
        standing: { order, desired: { ring: 'off' }, provedAtMs: result.nowMs, before },
        unansweredToRestore,
        last: { ...last, atMs: result.nowMs },
        ...result.signIns,
      });
    });
  });
}

/** Addresses in the order of a list: punctuation, `@` included, comes before digits, and digits before letters. */
const inOrder = [
  'a!b@list.example',
  "a'b@list.example",
  'a-b@list.example',
  'a.b@list.example',
  'a=b@list.example',
  'a@list.example',
  'a_b@list.example',
  'a~b@list.example',
  'a1@list.example',
  'a10@list.example',
  'a2@list.example',
  'aa@list.example',
  'b@list.example',
].map(sip);

function requestedBy(desired: DesiredRing, outcome: 'applied' | 'failed'): UserRecord {
  const last = { order, outcome: outcomeOf(outcome), mayHaveWritten: outcome === 'applied', atMs: 1 };
  return {
    newest: { order, desired },
    last,
    ...(outcome === 'applied' ? { standing: { order, desired } } : {}),
  };
}

function describeLists(open: () => UserStore): void {
  describe('the list of users', () => {
    const readAll = async (wanted: UserFilter, limit: number) => {
      const pages: SipUri[][] = [];
      let continuation: string | undefined;
      do {
        const from = continuation === undefined ? {} : { continuation };
        const page = await open().list({ ...wanted, ...from, limit });
        expect(page.users.length).toBeLessThanOrEqual(limit);
        pages.push(page.users.map(({ user }) => user));
        continuation = page.continuation;
      } while (continuation !== undefined);
      return pages.flat();
    };

    it('has each user once and in order, whatever the size of its pages', async () => {
      const record = requestedBy({ ring: 'team' }, 'applied');
      for (const user of inOrder.toReversed()) await open().write(user, record, undefined);
      for (const limit of [1, 4, inOrder.length, 1_000]) {
        const listed = (await readAll({}, limit)).filter((user) => user.endsWith('@list.example'));
        expect(listed, `${limit} on a page`).toEqual(inOrder);
      }
      const { users } = await open().list({ user: 'a1@list', limit: 5 });
      expect(users).toEqual([{ user: 'sip:a1@list.example', record }]);
    });

    it.each([
      ['a', inOrder.slice(0, -1)],
      ['a-', inOrder.slice(2, 3)],
      ['a1', inOrder.slice(8, 10)],
      ['a@list.example', inOrder.slice(5, 6)],
      ['z', []],
    ])('has the users whose address begins with %s', async (prefix, expected) => {
      const listed = (await readAll({ user: prefix }, 3)).filter((user) => user.endsWith('@list.example'));
      expect(listed).toEqual(expected);
    });

    it('has the users of a ring or an outcome, and none without a request', async () => {
      const write = (name: string, record: UserRecord) =>
        open().write(sip(`kind.${name}@contoso.com`), record, undefined);
      await write('failed', requestedBy({ ring: 'team' }, 'failed'));
      await write('off', requestedBy({ ring: 'off' }, 'applied'));
      await write('refused', { refusedVersion: 'v1' });
      await write('claimed', { claim: { id: 'c', untilMs: 1 } });
      await write('purged', { newest: { order }, standing: { order, desired: { ring: 'delegates' } } });
      await write('team', requestedBy({ ring: 'team' }, 'applied'));
      const names = async (wanted: UserFilter) =>
        (await readAll({ ...wanted, user: 'kind.' }, 2)).map((user) => user.slice('sip:kind.'.length, -12));
      expect(await names({})).toEqual(['failed', 'off', 'purged', 'team']);
      expect(await names({ ring: 'team' })).toEqual(['team']);
      expect(await names({ ring: 'off' })).toEqual(['off']);
      expect(await names({ ring: 'delegates' })).toEqual(['purged']);
      expect(await names({ ring: 'contact' })).toEqual([]);
      expect(await names({ outcome: 'failed' })).toEqual(['failed']);
      expect(await names({ outcome: 'applied', ring: 'team' })).toEqual(['team']);
    });

    it.each(['garbage!', '', "a' or PartitionKey gt '", 'x'.repeat(1_001)])(
      'is not read for the invalid continuation %j',
      async (continuation) => {
        await expect(open().list({ continuation, limit: 1 })).rejects.toThrow(ContinuationUnknownError);
      },
    );
  });
}
