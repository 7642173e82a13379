import { beforeEach, describe, expect, it } from 'vitest';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import { claimToChange } from '../../../../../shared/ring/user/claim-user.ts';
import { sip } from '../../../../support/ring/addresses.ts';
import {
  alice,
  ClaimHarness,
  desired,
  durationMs,
  ended,
  expiryMs,
  order,
  readOnly,
  startMs,
} from '../../../../support/ring/claim-harness.ts';

let harness: ClaimHarness;

beforeEach(() => {
  harness = new ClaimHarness();
});

describe('a claim', () => {
  it('is made with one conditional write, which records its id, its end and the request', async () => {
    const claim = await harness.hold(order(1), { claimId: 'mine' });
    expect(claim).toMatchObject({ id: 'mine', user: alice, mayHaveWritten: false });
    expect(harness.users.writes).toBe(1);
    expect(harness.users.peek(alice)).toEqual({
      newest: { order: order(1), desired },
      claim: { id: 'mine', untilMs: startMs + durationMs },
    });
  });

  it.each([
    ['a newer request', order(2)],
    ['the same request', order(1)],
    ['a read', undefined],
  ])('keeps out %s until it expires', async (_name, other) => {
    await harness.claim(order(1));
    const untilMs = startMs + durationMs;
    expect(await harness.claim(other)).toEqual({ kind: 'busy', untilMs });
    expect(await harness.claim(other, { nowMs: untilMs - 1 })).toEqual({ kind: 'busy', untilMs });
    expect((await harness.claim(other, { nowMs: untilMs })).kind).toBe('claimed');
  });

  it('for reading keeps out a change, and does not become the newest request', async () => {
    const read = await harness.hold(undefined);
    expect(harness.users.peek(alice).newest).toBeUndefined();
    expect((await harness.claim(order(1))).kind).toBe('busy');
    await read.release(readOnly);
    expect(harness.users.peek(alice)).toEqual({});
    expect((await harness.claim(order(1))).kind).toBe('claimed');
  });

  it('for reading keeps the record of the newest request', async () => {
    const first = await harness.hold(order(1));
    await first.release(ended(order(1), 'deferred', true));
    const stored = harness.users.peek(alice);
    await (await harness.hold(undefined)).release(readOnly);
    expect(harness.users.peek(alice)).toEqual(stored);
  });

  it('makes way for another as soon as it is released', async () => {
    await (await harness.hold(order(1))).release(ended(order(1), 'applied'));
    expect(harness.users.peek(alice).claim).toBeUndefined();
    expect((await harness.claim(order(2))).kind).toBe('claimed');
  });

  it('can be held after its attempt has ended, while a write may still take effect', async () => {
    const holdUntilMs = startMs + 30_000;
    const first = await harness.hold(order(1));
    const result = { ...ended(order(1), 'deferred', true), holdUntilMs };
    expect(await first.release(result)).toBe('recorded');
    expect(await harness.claim(order(2))).toEqual({ kind: 'busy', untilMs: holdUntilMs });
    const second = await harness.hold(order(1), { nowMs: holdUntilMs });
    expect(second.mayHaveWritten).toBe(true);
  });

  it('is for one user only', async () => {
    await harness.claim(order(1));
    const bob = sip('bob@contoso.com');
    const request = { user: bob, claimId: 'bob', nowMs: startMs, durationMs };
    const other = await claimToChange(harness.users, request, { order: order(1), desired });
    expect(other.kind).toBe('claimed');
  });
});

describe('a claim that has expired', () => {
  it('records nothing when another worker has claimed the user', async () => {
    const slow = await harness.hold(order(1));
    const other = await harness.hold(order(2), { nowMs: expiryMs });
    const stored = harness.users.peek(alice);
    expect(await slow.release(ended(order(1), 'applied'))).toBe('lost');
    expect(harness.users.peek(alice)).toEqual(stored);
    expect(await other.release(ended(order(2), 'applied'))).toBe('recorded');
  });

  it('still records its result when no other worker has claimed the user', async () => {
    const slow = await harness.hold(order(1));
    expect(await slow.release(ended(order(1), 'applied'))).toBe('recorded');
  });
});

describe('a conditional write that fails', () => {
  it('is tried again on the new record when another worker was first and has ended', async () => {
    let rivals = 0;
    harness = new ClaimHarness({
      before: async (call) => {
        if (call.startsWith('write') && rivals++ === 0) {
          const rival = await harness.hold(undefined);
          await rival.release(readOnly);
        }
      },
    });
    const { userRecord } = await harness.hold(order(1), { claimId: 'mine' });
    expect(userRecord.claim?.id).toBe('mine');
    // The rival only read, so that its release removed the row.
    expect(harness.users.writes).toBe(2);
  });

  it('leaves the user to the other worker when that one is still at work or has a newer request', async () => {
    for (const [rivalOrder, kind] of [
      [undefined, 'busy'],
      [order(2), 'superseded'],
    ] as const) {
      let rivals = 0;
      harness = new ClaimHarness({
        before: async (call) => {
          if (call.startsWith('write') && rivals++ === 0) await harness.claim(rivalOrder);
        },
      });
      expect((await harness.claim(order(1))).kind).toBe(kind);
    }
  });

  it('counts as done when only its response was lost and its repetition finds the claim', async () => {
    harness.users.loseNextResponse();
    const claim = await harness.hold(order(1), { claimId: 'mine' });
    expect(claim).toMatchObject({ id: 'mine', mayHaveWritten: false });
    expect(harness.users.writes).toBe(1);
    expect(await claim.release(ended(order(1), 'applied'))).toBe('recorded');
  });

  it('keeps what is known of earlier attempts when its response was lost', async () => {
    await harness.claim(order(1));
    harness.users.loseNextResponse();
    const claim = await harness.hold(order(1), { nowMs: expiryMs });
    expect(claim.mayHaveWritten).toBe(true);
  });

  it('counts as recorded when the response to a release was lost', async () => {
    const claim = await harness.hold(order(1));
    harness.users.loseNextResponse();
    const result = ended(order(1), 'applied', false, { ring: 'off' });
    expect(await claim.release(result)).toBe('recorded');
    expect(harness.users.peek(alice)).toMatchObject({
      standing: { before: { ring: 'off' } },
      last: { order: order(1) },
    });
  });

  it('throws the error of a storage that does not respond', async () => {
    const down = new StorageUnavailableError('Storage is down.');
    harness = new ClaimHarness({ before: () => Promise.reject(down) });
    await expect(harness.claim(order(1))).rejects.toBe(down);
  });
});
