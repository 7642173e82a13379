import fc from 'fast-check';
import { type CountryCode, getCountries, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, it } from 'vitest';
import { parse, refusalOf } from '../../../../support/ring/targets.ts';

const anySeparator = fc.constantFrom('', ' ', '-', '.', '/', ' (', ') ');
const anyDigits = fc
  .tuple(
    fc.constantFrom('', '+', 'tel:', 'tel:+', 'sip:'),
    fc.array(fc.tuple(fc.stringMatching(/^\d{1,4}$/), anySeparator), { minLength: 1, maxLength: 8 }),
    fc.constantFrom('', ';ext=42', ' x7', '@contoso.com', ' home'),
  )
  .map(([start, groups, end]) => `${start}${groups.flat().join('')}${end}`);
const anyExampleNumber = fc.constantFrom(...getCountries()).map((country) => {
  const number = getExampleNumber(country, examples);
  return number?.formatInternational() ?? '+1 425 555 0123';
});
const anyText = fc.oneof(anyDigits, anyExampleNumber, fc.string({ unit: 'grapheme', maxLength: 90 }));
const anyCountry = fc.constantFrom<CountryCode | undefined>(undefined, 'US', 'GB', 'DE', 'IT', 'FR', 'AU');

describe('any text', () => {
  it('that is a valid target is sent with at most 80 characters, and is read back as the same', () => {
    fc.assert(
      fc.property(anyText, anyCountry, (text, defaultCountry) => {
        const parsed = parse(text, { defaultCountry });
        if (!parsed.ok) return;
        expect(parsed.value.length).toBeLessThanOrEqual(80);
        expect(parsed.value).toMatch(/^(?:tel:\+[1-9]\d+(?:;ext=\d+)?|sip:[^@]+@[^@]+)$/);
        expect(parse(parsed.value, { defaultCountry })).toEqual(parsed);
      }),
      { numRuns: 1_000 },
    );
  });

  it('that is refused is not repeated in the reason', () => {
    fc.assert(
      fc.property(anyDigits, anyCountry, (text, defaultCountry) => {
        const digits = text.replace(/\D/g, '');
        const detail = refusalOf(text, { defaultCountry, countries: ['SE'] })?.detail ?? '';
        if (digits.length < 4 || !/\d{4}/.test(text)) return;
        expect(detail.replace('+1 (425) 555-0123', '').replace(/\D/g, '')).not.toContain(digits);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '+1 425 555',
    '+1 900 234 5678',
    '+44 20 7946 0018',
    '020 7946 0018',
    'tel:5550199;phone-context=+1425',
    'sip:+442079460018@contoso.com',
    '442079460018@northwind.example',
  ])('such as %j is refused without its digits in the reason', (text) => {
    const detail = refusalOf(text, { countries: ['SE'] })?.detail ?? '';
    expect(detail).not.toBe('');
    expect(detail.replace('+1 (425) 555-0123', '')).not.toMatch(/\d/);
  });
});
