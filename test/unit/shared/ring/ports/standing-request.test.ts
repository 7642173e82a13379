import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../../../shared/ring/model/outcome.ts';
import { purgedRecord } from '../../../../../shared/ring/ports/retention.ts';
import { hasEnded, standingRequest } from '../../../../../shared/ring/ports/standing-request.ts';
import type {
  LastAttempt,
  StandingRequest,
  StartedRequest,
  UserRecord,
} from '../../../../../shared/ring/ports/user-store.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const atMs = 5_000;
const newest: StartedRequest = {
  order: { effectiveAtMs: 4_000, batch: 'new', part: 0, entry: 0 },
  desired: { ring: 'team', ringDelaySeconds: 5 },
  source: 'workday',
};
const earlier: StandingRequest = {
  order: { effectiveAtMs: 1_000, batch: 'old', part: 0, entry: 0 },
  desired: { ring: 'off' },
  provedAtMs: 2_000,
};
const proved = { ...newest, provedAtMs: atMs };

function endedIn(outcome: Outcome, mayHaveWritten: boolean): LastAttempt {
  return { order: newest.order, outcome, mayHaveWritten, atMs };
}

const cases: readonly (readonly [string, LastAttempt | undefined, StandingRequest])[] = [
  ['was applied and proved', endedIn(outcomeOf('applied'), true), proved],
  ['was applied and not proved', endedIn(outcomeOf('applied', { verified: false }), true), newest],
  ['found its setting unchanged', endedIn(outcomeOf('unchanged'), false), proved],
  ['failed without a write', endedIn(outcomeOf('failed'), false), earlier],
  ['failed and may have written', endedIn(outcomeOf('failed', { code: 'not-effective' }), true), newest],
  ['waits and wrote nothing', endedIn(outcomeOf('deferred'), false), earlier],
  ['waits and may have written', endedIn(outcomeOf('deferred'), true), newest],
  ['was superseded without a write', endedIn(outcomeOf('superseded'), false), earlier],
  ['was superseded and may have written', endedIn(outcomeOf('superseded'), true), newest],
  ['was rejected', endedIn(outcomeOf('rejected'), false), earlier],
  ['was cancelled', endedIn(outcomeOf('cancelled'), false), earlier],
  ['recorded no end', undefined, newest],
];

describe('what stands', () => {
  it.each(cases)('after a request that %s', (_what, last, expected) => {
    const record: UserRecord = { newest, standing: earlier, ...(last === undefined ? {} : { last }) };
    expect(standingRequest(record)).toEqual(expected);
  });

  it.each(cases)('is kept by the purge after a request that %s', (_what, last, expected) => {
    const record: UserRecord = { newest, standing: earlier, ...(last === undefined ? {} : { last }) };
    const purged = purgedRecord(record, atMs);
    expect(purged).toEqual({ newest: { order: newest.order }, standing: expected });
    expect(standingRequest(purged ?? {})).toEqual(expected);
  });

  it.each<[string, UserRecord, StandingRequest | undefined]>([
    ['was applied', { newest, last: endedIn(outcomeOf('applied'), true) }, proved],
    ['failed without a write', { newest, last: endedIn(outcomeOf('failed'), false) }, undefined],
    ['failed and may have written', { newest, last: endedIn(outcomeOf('failed'), true) }, newest],
    ['crashed', { newest }, newest],
    ['was purged', { newest: { order: newest.order } }, undefined],
  ])('is read from a row of 0.1 whose request %s', (_what, record, expected) => {
    expect(standingRequest(record)).toEqual(expected);
  });

  it('keeps its proof where only a newer version knows how the request ended', () => {
    expect(standingRequest({ newest, standing: proved })).toEqual(proved);
  });

  it('is unknown for a user without a request', () => {
    expect(standingRequest({ refusedVersion: 'v1' })).toBeUndefined();
  });
});

describe('the newest request', () => {
  const giveUpAfterMs = 10_000;
  const givenUpMs = newest.order.effectiveAtMs + giveUpAfterMs;
  const claim = { id: 'c', untilMs: givenUpMs + 1 };
  const expired = { id: 'c', untilMs: newest.order.effectiveAtMs + 3_000 };

  it.each<[string, UserRecord, number, boolean]>([
    ['has ended with a final outcome', { newest, last: endedIn(outcomeOf('failed'), false) }, atMs, true],
    [
      'has ended although the user is claimed for reading',
      { newest, last: endedIn(outcomeOf('applied'), true), claim },
      atMs,
      true,
    ],
    ['has ended where the purge cleared it', { newest: { order: newest.order } }, atMs, true],
    ['waits while it is deferred', { newest, last: endedIn(outcomeOf('deferred'), false) }, atMs, false],
    [
      'has ended where it was deferred and is given up',
      { newest, last: endedIn(outcomeOf('deferred'), false) },
      atMs + giveUpAfterMs,
      true,
    ],
    [
      'may go on where it was taken late and deferred',
      { newest, last: endedIn(outcomeOf('deferred'), false) },
      givenUpMs,
      false,
    ],
    ['may go on after a crash', { newest }, givenUpMs - 1, false],
    ['has ended where it crashed and is given up', { newest }, givenUpMs, true],
    ['may go on after a crash that left a claim', { newest, claim: expired }, givenUpMs, false],
    [
      'has ended where it crashed, left a claim and is given up',
      { newest, claim: expired },
      givenUpMs + 3_000,
      true,
    ],
    ['has not ended while it is at work', { newest, claim }, givenUpMs, false],
  ])('%s', (_what, record, nowMs, expected) => {
    expect(hasEnded(record, nowMs, giveUpAfterMs)).toBe(expected);
  });
});
