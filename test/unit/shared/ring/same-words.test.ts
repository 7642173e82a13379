import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestRules } from '../../../../shared/ring/model/parse-request.ts';
import {
  refusedAsAmbiguous,
  refusedForms,
  refusedNumbers,
} from '../../../support/ring/words/numbers-refused.ts';
import { takenExtensions, takenForms, takenNational } from '../../../support/ring/words/numbers-taken.ts';
import { readers, readersOf, type Words } from '../../../support/ring/words/readers.ts';
import { refusedUsers, takenUsers } from '../../../support/ring/words/users.ts';

const textsOf = (...tables: readonly (readonly (readonly [string, ...unknown[]])[])[]) =>
  tables.flat().map(([text]) => text);

const users = textsOf(takenUsers, refusedUsers);
const targets = [
  ...textsOf(takenForms, takenExtensions, takenNational, refusedAsAmbiguous, refusedForms, refusedNumbers),
  ...textsOf(takenUsers, refusedUsers),
  'sip:bob@contoso.com',
  'sip:104711@contoso.com',
  'sip:+14255550123@contoso.com',
  '+1 900 234 5678',
  '+881 6 1234 5678',
];

function rulesOf(defaultCountry: RequestRules['targets']['defaultCountry'], numbers: 'valid' | 'possible') {
  const sipDomains = ['contoso.com'];
  return { users: { sipDomains }, targets: { defaultCountry, countries: undefined, sipDomains, numbers } };
}

const anyRules = fc
  .tuple(fc.constantFrom(undefined, 'US', 'DE', 'GB', 'IT'), fc.constantFrom('valid', 'possible'))
  .map(([country, numbers]) => rulesOf(country, numbers));

/** Texts that a word may get around it, or inside. */
const anyMark = fc.constantFrom(
  ' ',
  '\t',
  '\u00a0',
  '\u202f',
  '\u200b',
  '\ufeff',
  "'",
  ';',
  ',',
  '.0',
  '+',
  '0',
  '/',
  '\n',
  'x',
);

/** A word of a table, as it stands there or with a mark somewhere in it. */
const anyOf = (words: readonly string[]) =>
  fc.oneof(
    fc.constantFrom(...words),
    fc
      .tuple(fc.constantFrom(...words), anyMark, fc.nat({ max: 20 }))
      .map(([word, mark, at]) => word.slice(0, at) + mark + word.slice(at)),
  );

const anyWord = (words: readonly string[]) => anyOf(words).filter((word) => word !== '');

function verdictsOf(words: Words, rules: RequestRules) {
  return Object.fromEntries(
    Object.entries(readersOf(words)).map(([name, read]) => [name, read(words, rules)]),
  );
}

function expectAlike(words: Words, rules: RequestRules) {
  const verdicts = verdictsOf(words, rules);
  for (const verdict of Object.values(verdicts))
    expect(verdict, JSON.stringify(verdicts)).toEqual(verdicts['PUT']);
}

describe('the same words', () => {
  it.each(Object.keys(readers))('are refused or taken as the tables say, by %s', (name) => {
    const verdict = readers[name]?.(
      { user: 'Alice@contoso.com', target: '(+44) 20 7946 0018;' },
      rulesOf('DE', 'valid'),
    );
    expect(verdict).toEqual({ user: 'sip:alice@contoso.com', target: 'tel:+442079460018' });
  });

  it('are judged alike for every user and every target of the tables', () => {
    for (const rules of [rulesOf(undefined, 'valid'), rulesOf('DE', 'possible')]) {
      for (const user of users.filter((word) => word !== ''))
        expectAlike({ user, target: '+44 20 7946 0018' }, rules);
      for (const target of targets.filter((word) => word !== ''))
        expectAlike({ user: 'alice@contoso.com', target }, rules);
    }
  });

  it('are judged alike however they come: the same target, or the same reasons', () => {
    fc.assert(
      fc.property(anyWord(users), anyWord(targets), anyRules, (user, target, rules) => {
        expectAlike({ user, target }, rules);
      }),
      { numRuns: 1_000 },
    );
  });
});
