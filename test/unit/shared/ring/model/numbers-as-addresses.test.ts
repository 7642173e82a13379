import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DialRules, parseTarget } from '../../../../../shared/ring/model/dial-rules.ts';

const rules: DialRules = { defaultCountry: undefined, countries: undefined, sipDomains: ['contoso.com'] };

function problemOf(text: string, more: Partial<DialRules> = {}) {
  const parsed = parseTarget(text, undefined, { ...rules, ...more });
  return parsed.ok ? undefined : parsed.error;
}

const isNumber = {
  code: 'invalid-request',
  detail: 'The target is a number in the form of a SIP address: write it as +1 (425) 555-0123.',
};
const premium = 'The target is a premium-rate number, which is not allowed: choose another target.';
const shared = 'The target is a shared-cost number, which is not allowed: choose another target.';
const emergency =
  'The target is an emergency or service number, which is not allowed: choose another target.';
const satellite =
  'The target is a satellite or global service number, which is not allowed: choose another target, or have an administrator add 001, the numbers of no country, to TARGET_COUNTRIES.';

/** Digits of a number that must not be rung, with the country that knows them as national. */
const refused: readonly (readonly [digits: string, country: DialRules['defaultCountry'], detail: string])[] =
  [
    ['19005551234', undefined, premium],
    ['0019005551234', undefined, premium],
    ['01119005551234', undefined, premium],
    ['19005551234', 'DE', premium],
    ['9005551234', 'US', premium],
    ['09001234567', 'DE', premium],
    ['499001234567', undefined, premium],
    ['979123456789', undefined, premium],
    ['491801234567', undefined, shared],
    ['01801234567', 'DE', shared],
    ['80812345678', undefined, shared],
    ['911', undefined, emergency],
    ['112', undefined, emergency],
    ['999', 'GB', emergency],
    ['17', 'FR', emergency],
    ['881612345678', undefined, satellite],
    ['00881612345678', undefined, satellite],
    ['8835100123456', undefined, satellite],
    ['882161234567', undefined, satellite],
    ['870773901234', undefined, satellite],
  ];

/** Contacts that nobody dials. */
const contacts = [
  'sip:104711@contoso.com',
  'sip:4711@contoso.com',
  'sip:10.47.11@contoso.com',
  'sip:employee-911@contoso.com',
  'sip:911b@contoso.com',
  'sip:a+19005551234@contoso.com',
  'sip:2025-0042@contoso.com',
];

const separators = fc.array(fc.constantFrom(..."!$&'*=_~.-"), { maxLength: 3 }).map((some) => some.join(''));

/** Writes a text with separators between all of its characters, and around them. */
const separated = (text: string) =>
  fc
    .array(separators, { minLength: text.length + 1, maxLength: text.length + 1 })
    .map(([first = '', ...others]) => [...text].reduce((all, one, at) => all + one + others[at], first));

describe('a SIP address whose user part is a number', () => {
  it.each([
    'sip:+14255550123@contoso.com',
    'sip:+-19005551234@contoso.com',
    'sip:+.1900.555.1234@contoso.com',
    'sip:-+19005551234@contoso.com',
    '+104711@contoso.com',
    'sip:104711@contoso.com;user=phone',
    'sip:alice@contoso.com;x=1;USER=Phone',
    'sip:+1900callme@contoso.com',
  ])('is refused as %s', (text) => {
    expect(problemOf(text)).toEqual(isNumber);
    expect(problemOf(text, { countries: ['ALL', '001'] })).toEqual(isNumber);
  });

  it.each(refused)('is refused as %s in %s', (digits, defaultCountry, detail) => {
    const problem = { code: 'target-not-allowed', detail };
    expect(problemOf(`sip:${digits}@contoso.com`, { defaultCountry })).toEqual(problem);
    expect(problemOf(`${digits}@contoso.com`, { defaultCountry })).toEqual(problem);
  });

  it('is refused whatever separators stand in it', () => {
    fc.assert(
      fc.property(
        fc
          .constantFrom(...refused)
          .chain(([digits, ...others]) => fc.tuple(separated(digits), fc.constant(others))),
        ([user, [defaultCountry, detail]]) => {
          expect(problemOf(`sip:${user}@contoso.com`, { defaultCountry })?.detail).toBe(detail);
        },
      ),
    );
  });

  it('is refused with a plus before its digits, whatever separators stand in it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...refused).chain(([digits]) => separated(`+${digits}`)),
        (user) => {
          expect(problemOf(`sip:${user}@contoso.com`)?.code).toMatch(
            /^(?:invalid-request|target-not-allowed)$/,
          );
        },
      ),
    );
  });

  it.each(contacts)('is a contact as %s', (text) => {
    for (const defaultCountry of [undefined, 'US', 'DE', 'FR'] as const) {
      expect(parseTarget(text, undefined, { ...rules, defaultCountry })).toEqual({ ok: true, value: text });
    }
  });
});

describe('a satellite or global service number', () => {
  const numbers = ['+881612345678', '+882161234567', '+870773901234', 'tel:+80012345678', '+878101234567890'];

  it.each(numbers)('%s is refused unless TARGET_COUNTRIES names 001', (text) => {
    for (const countries of [undefined, ['ALL'], ['US', 'DE']]) {
      expect(problemOf(text, { countries })).toEqual({ code: 'target-not-allowed', detail: satellite });
    }
    for (const countries of [['001'], ['ALL', '001'], ['US', '001']]) {
      expect(problemOf(text, { countries })).toBeUndefined();
    }
  });

  it('is allowed as a contact where it is allowed as a number', () => {
    expect(problemOf('sip:881612345678@contoso.com', { countries: ['US', '001'] })).toBeUndefined();
  });

  it('is all that may be rung where TARGET_COUNTRIES is 001', () => {
    expect(problemOf('+1 425 555 0123', { countries: ['001'] })).toMatchObject({
      code: 'target-not-allowed',
    });
    expect(problemOf('+1 425 555 0123', { countries: ['ALL', '001'] })).toBeUndefined();
    expect(problemOf('+1 425 555 0123', { countries: ['001', 'US'] })).toBeUndefined();
  });

  it.each(['+979 1234 56789', '+808 1234 5678'])('is refused as %s where its type is not allowed', (text) => {
    expect(problemOf(text, { countries: ['ALL', '001'] })?.code).toBe('target-not-allowed');
  });
});
