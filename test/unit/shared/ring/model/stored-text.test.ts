import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../../../shared/ring/model/outcome.ts';
import { boundedOutcome, cutText, minimalOutcome } from '../../../../../shared/ring/model/stored-text.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

/** The most characters of one property of a row, in UTF-16: 64 KiB. */
const propertyLimit = 32 * 1024;

const long = 'x'.repeat(70_000);
const targets = {
  target: long,
  forwarding: { target: long },
  unanswered: { target: long, ringDelaySeconds: 5 },
};
const previous = { ring: 'contact', ...targets } as const;
const overlong = {
  user: long,
  target: long,
  detail: long,
  correlationId: long,
  recovery: Array(1_000).fill('retry'),
};
const warnings = Array(100).fill({ code: 'unanswered-lost', detail: long });
const diagnosis = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x-${index}`, long]));

const outcomes: readonly Outcome[] = [
  outcomeOf('applied', { ...overlong, previous, warnings }),
  outcomeOf('unchanged', overlong),
  {
    user: long,
    correlationId: long,
    attempts: 1,
    recovery: [],
    requests: 8,
    outcome: 'unchanged',
    dryRun: true,
    would: 'apply',
    previous,
    warnings,
  },
  outcomeOf('deferred', { ...overlong, ucwa: { status: 500, code: long, subcode: long, diagnosis } }),
  outcomeOf('failed', { ...overlong, ucwa: { status: 500 } }),
  outcomeOf('rejected', overlong),
  outcomeOf('superseded', overlong),
  outcomeOf('cancelled', overlong),
];

describe('boundedOutcome', () => {
  it.each(outcomes)('makes any outcome fit into a property of a row, twice: $outcome', (outcome) => {
    const bounded = boundedOutcome(outcome);
    expect(JSON.stringify(bounded).length).toBeLessThan(propertyLimit / 2);
    expect(bounded.outcome).toBe(outcome.outcome);
    expect(boundedOutcome(bounded)).toEqual(bounded);
  });

  it.each([
    outcomeOf('applied', { previous: { ring: 'off', unanswered: { target: 'tel:+14255550177' } } }),
    outcomeOf('failed', {
      ucwa: { status: 409, code: 'Conflict', subcode: 'x', diagnosis: { date: 'now' } },
    }),
    outcomeOf('cancelled'),
    outcomeOf('deferred', { ring: 'contact', target: 'tel:+14255550123' }),
  ])('leaves an outcome of ordinary length as it is: $outcome', (outcome) => {
    expect(boundedOutcome(outcome)).toEqual(outcome);
  });
});

describe('minimalOutcome', () => {
  it.each(outcomes)('keeps how a request ended and what it took: $outcome', (outcome) => {
    const minimal = minimalOutcome(outcome);
    const { attempts, requests } = outcome;
    expect(minimal).toMatchObject({ outcome: outcome.outcome, attempts, requests });
    for (const name of ['verified', 'code', 'would', 'dryRun'] as const) {
      expect(Object.entries(minimal).find(([property]) => property === name)).toEqual(
        Object.entries(outcome).find(([property]) => property === name),
      );
    }
    expect(JSON.stringify(minimal).length).toBeLessThan(1_000);
  });
});

it('cuts a text without leaving half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.nat(50), (text, most) => {
      const cut = cutText(text, most);
      expect(cut.length).toBeLessThanOrEqual(most);
      expect(cut.isWellFormed()).toBe(true);
    }),
  );
  expect(cutText('ab😀', 3)).toBe('ab\ufffd');
});
