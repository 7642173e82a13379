import { beforeEach, describe, expect, it } from 'vitest';
import type { DesiredRing } from '../../../../../shared/ring/model/desired-ring.ts';
import type { OutcomeName } from '../../../../../shared/ring/model/outcome.ts';
import type { RequestOrder } from '../../../../../shared/ring/model/request-order.ts';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import {
  type Claim,
  type ClaimedToChange,
  type ClaimResult,
  claimToChange,
  claimToRead,
} from '../../../../../shared/ring/user/claim.ts';
import { sip, tel } from '../../../../support/ring/addresses.ts';
import { MemoryUsers } from '../../../../support/ring/memory-users.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const alice = sip('alice@contoso.com');
const desired: DesiredRing = { ring: 'contact', target: tel('tel:+14255550123') };
const durationMs = 120_000;
const startMs = 1_000_000;
let users: MemoryUsers;
let claims = 0;

beforeEach(() => {
  users = new MemoryUsers();
});

function order(requestedAtMs: number, batch = `b-${requestedAtMs}`): RequestOrder {
  return { requestedAtMs, batch, part: 0, entry: 0 };
}

function claim(of: RequestOrder | undefined, { nowMs = startMs, claimId = `claim-${++claims}` } = {}) {
  const request = { user: alice, claimId, nowMs, durationMs };
  return of === undefined
    ? claimToRead(users, request)
    : claimToChange(users, request, { order: of, desired });
}

function held(claimed: ClaimedToChange): Claim {
  if (claimed.kind !== 'claimed') throw new Error(`This claim is ${claimed.kind}.`);
  return claimed.claim;
}

function ended(of: RequestOrder, outcome: OutcomeName, mayHaveWritten = false): ClaimResult {
  return {
    change: { order: of, outcome: outcomeOf(outcome), mayHaveWritten },
    before: undefined,
    refusedVersion: undefined,
    nowMs: startMs,
  };
}

const readOnly: ClaimResult = {
  change: undefined,
  before: undefined,
  refusedVersion: undefined,
  nowMs: startMs,
};

describe('a claim', () => {
  it('is one conditional write, which tells who is at work and for what', async () => {
    const claimed = held(await claim(order(1), { claimId: 'mine' }));
    expect(claimed).toMatchObject({ id: 'mine', user: alice, mayHaveWritten: false });
    expect(users.writes).toBe(1);
    expect(users.peek(alice)).toEqual({
      newest: { order: order(1), desired },
      claim: { id: 'mine', untilMs: startMs + durationMs },
    });
  });

  it.each([
    ['a newer request', order(2)],
    ['the same request', order(1)],
    ['a read', undefined],
  ])('keeps %s away until it runs out', async (_who, other) => {
    await claim(order(1));
    const untilMs = startMs + durationMs;
    expect(await claim(other)).toEqual({ kind: 'busy', untilMs });
    expect(await claim(other, { nowMs: untilMs - 1 })).toEqual({ kind: 'busy', untilMs });
    expect((await claim(other, { nowMs: untilMs })).kind).toBe('claimed');
  });

  it('of a read keeps a change away, and does not become the newest request', async () => {
    const read = held(await claim(undefined));
    expect(users.peek(alice).newest).toBeUndefined();
    expect((await claim(order(1))).kind).toBe('busy');
    await read.release(readOnly);
    expect(users.peek(alice)).toEqual({});
    expect((await claim(order(1))).kind).toBe('claimed');
  });

  it('of a read leaves what is known of the newest request', async () => {
    const first = held(await claim(order(1)));
    await first.release(ended(order(1), 'deferred', true));
    const known = users.peek(alice);
    await held(await claim(undefined)).release(readOnly);
    expect(users.peek(alice)).toEqual(known);
  });

  it('is free again as soon as it is released', async () => {
    await held(await claim(order(1))).release(ended(order(1), 'applied'));
    expect(users.peek(alice).claim).toBeUndefined();
    expect((await claim(order(2))).kind).toBe('claimed');
  });

  it('may be kept beyond the end of its work, for a write that may still take effect', async () => {
    const holdUntilMs = startMs + 30_000;
    const first = held(await claim(order(1)));
    const result = { ...ended(order(1), 'deferred', true), holdUntilMs };
    expect(await first.release(result)).toBe('recorded');
    expect(await claim(order(2))).toEqual({ kind: 'busy', untilMs: holdUntilMs });
    const second = held(await claim(order(1), { nowMs: holdUntilMs }));
    expect(second.mayHaveWritten).toBe(true);
  });

  it('belongs to one user', async () => {
    await claim(order(1));
    const bob = sip('bob@contoso.com');
    const request = { user: bob, claimId: 'bob', nowMs: startMs, durationMs };
    const other = await claimToChange(users, request, { order: order(1), desired });
    expect(other.kind).toBe('claimed');
  });
});

describe('an older request', () => {
  it('is superseded by a newer one that is at work, that ended and that was deferred', async () => {
    const newer = held(await claim(order(2)));
    expect(await claim(order(1))).toEqual({ kind: 'superseded' });
    await newer.release(ended(order(2), 'deferred'));
    expect(await claim(order(1))).toEqual({ kind: 'superseded' });
    const again = held(await claim(order(2)));
    await again.release(ended(order(2), 'failed'));
    expect(await claim(order(1))).toEqual({ kind: 'superseded' });
    expect(users.peek(alice).newest?.order).toEqual(order(2));
  });

  it('may still be read for', async () => {
    await held(await claim(order(2))).release(ended(order(2), 'applied'));
    expect((await claim(undefined)).kind).toBe('claimed');
  });
});

describe('the same request again', () => {
  it('is done where it ended before', async () => {
    await held(await claim(order(1))).release(ended(order(1), 'applied', true));
    expect(await claim(order(1))).toEqual({ kind: 'done', outcome: outcomeOf('applied') });
  });

  it('is done while somebody reads', async () => {
    await held(await claim(order(1))).release(ended(order(1), 'unchanged'));
    await claim(undefined);
    expect((await claim(order(1))).kind).toBe('done');
  });

  it('goes on where it was deferred', async () => {
    await held(await claim(order(1))).release(ended(order(1), 'deferred'));
    expect((await claim(order(1))).kind).toBe('claimed');
  });

  it('keeps what an earlier attempt found before it wrote', async () => {
    const before = { ring: 'team', ringDelaySeconds: 5 } as const;
    const first = held(await claim(order(1)));
    await first.release({ ...ended(order(1), 'deferred', true), before });
    const second = held(await claim(order(1)));
    expect(second.userRecord.before).toEqual(before);
    await second.release(ended(order(1), 'applied', true));
    expect(users.peek(alice).before).toEqual(before);
  });

  it.each<[string, boolean, (first: Claim) => Promise<unknown>]>([
    ['crashed before it told', true, async () => undefined],
    ['told that it may have', true, (first) => first.release(ended(order(1), 'deferred', true))],
    ['told that it has not', false, (first) => first.release(ended(order(1), 'deferred'))],
  ])('whose attempt %s counts as having written: %s', async (_how, mayHaveWritten, end) => {
    await end(held(await claim(order(1))));
    const second = held(await claim(order(1), { nowMs: startMs + durationMs }));
    expect(second.mayHaveWritten).toBe(mayHaveWritten);
  });

  it.each([
    ['the first attempt', async () => {}],
    [
      'one after another that told that it has not',
      async () => void (await held(await claim(order(1))).release(ended(order(1), 'deferred'))),
    ],
  ])('counts as having written where %s crashed and a read came between', async (_which, earlier) => {
    await earlier();
    await claim(order(1));
    await held(await claim(undefined, { nowMs: startMs + durationMs })).release(readOnly);
    expect(held(await claim(order(1), { nowMs: startMs + durationMs })).mayHaveWritten).toBe(true);
  });
});

describe('a newer request', () => {
  it('starts afresh, but for the version of the secret that was refused', async () => {
    const first = held(await claim(order(1)));
    const before = { ring: 'off' } as const;
    await first.release({ ...ended(order(1), 'failed'), before, refusedVersion: 'v1' });
    expect(users.peek(alice)).toMatchObject({ before, refusedVersion: 'v1' });
    const second = held(await claim(order(2)));
    expect(second).toMatchObject({ userRecord: { refusedVersion: 'v1' }, mayHaveWritten: false });
    const { claim: _claim, ...kept } = users.peek(alice);
    expect(kept).toEqual({ newest: { order: order(2), desired }, refusedVersion: 'v1' });
  });

  it('has not written, though the one before it crashed', async () => {
    await claim(order(1));
    expect(held(await claim(order(2), { nowMs: startMs + durationMs })).mayHaveWritten).toBe(false);
  });
});

describe('the version of a secret that was refused', () => {
  it('is remembered by a read, too, and until another is refused', async () => {
    const refused = (version: string | undefined) => ({ ...readOnly, refusedVersion: version });
    await held(await claim(undefined)).release(refused('v1'));
    expect(users.peek(alice)).toEqual({ refusedVersion: 'v1' });
    const next = held(await claim(undefined));
    expect(next.userRecord.refusedVersion).toBe('v1');
    await next.release(refused(undefined));
    expect(users.peek(alice)).toEqual({ refusedVersion: 'v1' });
    await held(await claim(undefined)).release(refused('v2'));
    expect(users.peek(alice)).toEqual({ refusedVersion: 'v2' });
  });
});

describe('a claim that ran out while its holder worked', () => {
  it('records nothing', async () => {
    const slow = held(await claim(order(1)));
    const other = held(await claim(order(2), { nowMs: startMs + durationMs }));
    const known = users.peek(alice);
    expect(await slow.release(ended(order(1), 'applied'))).toBe('lost');
    expect(users.peek(alice)).toEqual(known);
    expect(await other.release(ended(order(2), 'applied'))).toBe('recorded');
  });

  it('records still where nobody else claimed', async () => {
    const slow = held(await claim(order(1)));
    expect(await slow.release(ended(order(1), 'applied'))).toBe('recorded');
  });
});

describe('a conditional write that fails', () => {
  it('reads again where somebody else was first, and claims once that one has ended', async () => {
    let rivals = 0;
    users = new MemoryUsers({
      before: async (call) => {
        if (call.startsWith('write') && rivals++ === 0) {
          const rival = held(await claim(undefined));
          await rival.release(readOnly);
        }
      },
    });
    const { userRecord } = held(await claim(order(1), { claimId: 'mine' }));
    expect(userRecord.claim?.id).toBe('mine');
    expect(users.writes).toBe(3);
  });

  it('finds out that somebody else was first and is still at work, or newer', async () => {
    for (const [rivalOrder, kind] of [
      [undefined, 'busy'],
      [order(2), 'superseded'],
    ] as const) {
      let rivals = 0;
      users = new MemoryUsers({
        before: async (call) => {
          if (call.startsWith('write') && rivals++ === 0) await claim(rivalOrder);
        },
      });
      expect((await claim(order(1))).kind).toBe(kind);
    }
  });

  it('counts as ours where its answer was lost and it met itself', async () => {
    users.loseNextResponse();
    const claimed = held(await claim(order(1), { claimId: 'mine' }));
    expect(claimed).toMatchObject({ id: 'mine', mayHaveWritten: false });
    expect(users.writes).toBe(1);
    expect(await claimed.release(ended(order(1), 'applied'))).toBe('recorded');
  });

  it('that met itself still knows what an earlier attempt left', async () => {
    await claim(order(1));
    users.loseNextResponse();
    const claimed = held(await claim(order(1), { nowMs: startMs + durationMs }));
    expect(claimed.mayHaveWritten).toBe(true);
  });

  it('counts as recorded where the answer to the release was lost', async () => {
    const claimed = held(await claim(order(1)));
    users.loseNextResponse();
    const result = { ...ended(order(1), 'applied'), before: { ring: 'off' } as const };
    expect(await claimed.release(result)).toBe('recorded');
    expect(users.peek(alice)).toMatchObject({ before: { ring: 'off' }, last: { order: order(1) } });
  });

  it('is told where storage does not answer', async () => {
    const down = new StorageUnavailableError('Storage is down.');
    users = new MemoryUsers({ before: () => Promise.reject(down) });
    await expect(claim(order(1))).rejects.toBe(down);
  });
});
