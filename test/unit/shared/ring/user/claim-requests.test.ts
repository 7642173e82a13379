import { beforeEach, describe, expect, it } from 'vitest';
import type { Claim } from '../../../../../shared/ring/user/claim.ts';
import {
  alice,
  ClaimHarness,
  desired,
  ended,
  expiryMs,
  order,
  readOnly,
  refused,
} from '../../../../support/ring/claim-harness.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

let harness: ClaimHarness;

beforeEach(() => {
  harness = new ClaimHarness();
});

describe('an older request', () => {
  it('is superseded by a newer one, whether that one is at work, deferred or ended', async () => {
    const newer = await harness.hold(order(2));
    expect(await harness.claim(order(1))).toEqual({ kind: 'superseded', newest: order(2) });
    await newer.release(ended(order(2), 'deferred'));
    expect(await harness.claim(order(1))).toEqual({ kind: 'superseded', newest: order(2) });
    const again = await harness.hold(order(2));
    await again.release(ended(order(2), 'failed'));
    expect(await harness.claim(order(1))).toEqual({ kind: 'superseded', newest: order(2) });
    expect(harness.users.peek(alice).newest?.order).toEqual(order(2));
  });

  it('does not keep out a read', async () => {
    await (await harness.hold(order(2))).release(ended(order(2), 'applied'));
    expect((await harness.claim(undefined)).kind).toBe('claimed');
  });
});

describe('a request that is tried again', () => {
  it('is done when it ended before', async () => {
    await (await harness.hold(order(1))).release(ended(order(1), 'applied', true));
    const endedAt = new Date(readOnly.nowMs).toISOString();
    expect(await harness.claim(order(1))).toEqual({
      kind: 'done',
      outcome: { ...outcomeOf('applied'), endedAt },
    });
  });

  it('is done even while the user is claimed for reading', async () => {
    await (await harness.hold(order(1))).release(ended(order(1), 'unchanged'));
    await harness.claim(undefined);
    expect((await harness.claim(order(1))).kind).toBe('done');
  });

  it('continues when it was deferred', async () => {
    await (await harness.hold(order(1))).release(ended(order(1), 'deferred'));
    expect((await harness.claim(order(1))).kind).toBe('claimed');
  });

  it('keeps the state that an earlier attempt found before it wrote', async () => {
    const before = { ring: 'team', ringDelaySeconds: 5 } as const;
    const first = await harness.hold(order(1));
    await first.release(ended(order(1), 'deferred', true, before));
    const second = await harness.hold(order(1));
    expect(second.userRecord.standing?.before).toEqual(before);
    await second.release(ended(order(1), 'applied', true));
    expect(harness.users.peek(alice).standing?.before).toEqual(before);
  });

  it.each<[string, string, boolean, (first: Claim) => Promise<unknown>]>([
    ['may have written', 'crashed', true, async () => undefined],
    [
      'may have written',
      'recorded that it may have',
      true,
      (first) => first.release(ended(order(1), 'deferred', true)),
    ],
    [
      'has not written',
      'recorded that it has not',
      false,
      (first) => first.release(ended(order(1), 'deferred')),
    ],
  ])('%s when its last attempt %s', async (_fate, _end, mayHaveWritten, end) => {
    await end(await harness.hold(order(1)));
    const second = await harness.hold(order(1), { nowMs: expiryMs });
    expect(second.mayHaveWritten).toBe(mayHaveWritten);
  });

  it.each([
    ['its first attempt', async () => {}],
    [
      'a second attempt, after one that wrote nothing,',
      async () => void (await (await harness.hold(order(1))).release(ended(order(1), 'deferred'))),
    ],
  ])('may have written when %s crashed and a read came between', async (_attempt, earlier) => {
    await earlier();
    await harness.claim(order(1));
    await (await harness.hold(undefined, { nowMs: expiryMs })).release(readOnly);
    expect((await harness.hold(order(1), { nowMs: expiryMs })).mayHaveWritten).toBe(true);
  });
});

describe('a newer request', () => {
  it('starts a new record that keeps only the refused version of the secret', async () => {
    const first = await harness.hold(order(1));
    await first.release({ ...ended(order(1), 'failed'), signIns: refused('v1').signIns });
    expect(harness.users.peek(alice)).toMatchObject({ refusedVersion: 'v1' });
    const second = await harness.hold(order(2));
    expect(second).toMatchObject({ userRecord: { refusedVersion: 'v1' }, mayHaveWritten: false });
    const { claim: _claim, ...kept } = harness.users.peek(alice);
    expect(kept).toEqual({ newest: { order: order(2), desired }, refusedVersion: 'v1' });
  });

  it('has not written when the request before it crashed', async () => {
    await harness.claim(order(1));
    expect((await harness.hold(order(2), { nowMs: expiryMs })).mayHaveWritten).toBe(false);
  });
});

describe('the request whose setting stands', () => {
  const standing = () => harness.users.peek(alice).standing;
  const proved = { order: order(1), desired, provedAtMs: readOnly.nowMs };

  it('is recorded with its proof, in the write that releases the claim', async () => {
    const claim = await harness.hold(order(1));
    expect(standing()).toBeUndefined();
    const { writes } = harness.users;
    await claim.release(ended(order(1), 'applied', true));
    expect(standing()).toEqual(proved);
    expect(harness.users.writes).toBe(writes + 1);
  });

  it('stays that of an earlier request where a newer one ends without a possible write', async () => {
    await (await harness.hold(order(1))).release(ended(order(1), 'applied', true));
    await (await harness.hold(order(2))).release(ended(order(2), 'deferred'));
    expect(standing()).toEqual(proved);
    await (await harness.hold(order(2))).release(ended(order(2), 'failed'));
    expect(standing()).toEqual(proved);
    await (await harness.hold(order(3))).release(ended(order(3), 'failed', true));
    expect(standing()).toEqual({ order: order(3), desired });
  });

  it('is one that crashed, without proof, where the next one ends without a possible write', async () => {
    await (await harness.hold(order(1))).release(ended(order(1), 'applied', true));
    await harness.hold(order(2));
    await (await harness.hold(order(3), { nowMs: expiryMs })).release(ended(order(3), 'failed'));
    expect(standing()).toEqual({ order: order(2), desired });
  });

  it('is not changed by a read', async () => {
    await (await harness.hold(order(1))).release(ended(order(1), 'unchanged'));
    await (await harness.hold(undefined)).release(readOnly);
    expect(standing()).toEqual(proved);
  });

  it('is known again where a request that the purge cleared is tried once more', async () => {
    await (await harness.hold(order(1))).release(ended(order(1), 'deferred'));
    await harness.users.purge({ nowMs: () => expiryMs });
    expect(harness.users.peek(alice)).toEqual({ newest: { order: order(1) } });
    await (await harness.hold(order(1))).release(ended(order(1), 'applied', true));
    expect(standing()).toEqual(proved);
  });
});

describe('the refused version of a secret', () => {
  it('is recorded by a read too, and kept until another version is refused', async () => {
    await (await harness.hold(undefined)).release(refused('v1'));
    expect(harness.users.peek(alice)).toEqual({ refusedVersion: 'v1' });
    const next = await harness.hold(undefined);
    expect(next.userRecord.refusedVersion).toBe('v1');
    await next.release(refused(undefined));
    expect(harness.users.peek(alice)).toEqual({ refusedVersion: 'v1' });
    await (await harness.hold(undefined)).release(refused('v2'));
    expect(harness.users.peek(alice)).toEqual({ refusedVersion: 'v2' });
  });
});
