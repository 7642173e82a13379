import fc from 'fast-check';
import { type CountryCode, getCountries, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, it } from 'vitest';
import { type DialRules, parseTarget } from '../../../../../shared/ring/model/dial-rules.ts';
import { success } from '../../../../../shared/runtime/result.ts';
import { sip } from '../../../../support/ring/addresses.ts';

const alice = sip('alice@contoso.com');
const rules: DialRules = {
  defaultCountry: undefined,
  countries: undefined,
  sipDomains: ['contoso.com', 'fabrikam.com'],
};

function parse(text: string, changed: Partial<DialRules> = {}) {
  return parseTarget(text, alice, { ...rules, ...changed });
}

function problemOf(text: string, changed: Partial<DialRules> = {}) {
  const parsed = parse(text, changed);
  return parsed.ok ? undefined : parsed.error;
}

describe('a number in international form', () => {
  it.each([
    ['+1 (425) 555-0123', 'tel:+14255550123'],
    ['+1.425.555.0123', 'tel:+14255550123'],
    ['+1-425-555-0123', 'tel:+14255550123'],
    ['+14255550123', 'tel:+14255550123'],
    ['  +1 425 555 0123\n', 'tel:+14255550123'],
    ['+1\u00a0425\u00a0555\u00a00123', 'tel:+14255550123'],
    ['+1–425–555–0123', 'tel:+14255550123'],
    ['\u202a+1 425 555 0123\u202c', 'tel:+14255550123'],
    ['+١٤٢٥٥٥٥٠١٢٣', 'tel:+14255550123'],
    ['+1 416 555 0199', 'tel:+14165550199'],
    ['+1 800 234 5678', 'tel:+18002345678'],
    ['+44 20 7946 0018', 'tel:+442079460018'],
    ['+44 (0)20 7946 0018', 'tel:+442079460018'],
    ['+44 7400 123456', 'tel:+447400123456'],
    ['+49 30 23125 000', 'tel:+493023125000'],
    ['+49 (0) 30 / 901820', 'tel:+4930901820'],
    ['+49-151-23456789', 'tel:+4915123456789'],
    ['+33 1 44 55 66 77', 'tel:+33144556677'],
    ['+33 (0)6 12 34 56 78', 'tel:+33612345678'],
    ['+39 06 6988 1234', 'tel:+390669881234'],
    ['+39 312 345 6789', 'tel:+393123456789'],
    ['+34 912 34 56 78', 'tel:+34912345678'],
    ['+31 20 123 4567', 'tel:+31201234567'],
    ['+41 44 668 18 00', 'tel:+41446681800'],
    ['+43 1 58858 0', 'tel:+431588580'],
    ['+46 8 123 456 78', 'tel:+46812345678'],
    ['+48 12 345 67 89', 'tel:+48123456789'],
    ['+353 1 234 5678', 'tel:+35312345678'],
    ['+81 3-1234-5678', 'tel:+81312345678'],
    ['+61 2 9876 5432', 'tel:+61298765432'],
    ['+55 11 96123-4567', 'tel:+5511961234567'],
    ['+91 98765 43210', 'tel:+919876543210'],
    ['+65 6123 4567', 'tel:+6561234567'],
    ['+971 50 123 4567', 'tel:+971501234567'],
    ['+27 11 978 5313', 'tel:+27119785313'],
  ])('%j is sent as %s', (text, target) => {
    expect(parse(text)).toEqual(success(target));
  });
});

describe('a number in national form', () => {
  it.each<[string, CountryCode, string]>([
    ['(425) 555-0123', 'US', 'tel:+14255550123'],
    ['425.555.0123', 'US', 'tel:+14255550123'],
    ['1 425 555 0123', 'US', 'tel:+14255550123'],
    ['011 44 20 7946 0018', 'US', 'tel:+442079460018'],
    ['020 7946 0018', 'GB', 'tel:+442079460018'],
    ['07400 123456', 'GB', 'tel:+447400123456'],
    ['030/23125 000', 'DE', 'tel:+493023125000'],
    ['00 44 20 7946 0018', 'DE', 'tel:+442079460018'],
    ['01 44 55 66 77', 'FR', 'tel:+33144556677'],
    ['06 6988 1234', 'IT', 'tel:+390669881234'],
    ['912 345 678', 'ES', 'tel:+34912345678'],
    ['020 123 4567', 'NL', 'tel:+31201234567'],
    ['044 668 18 00', 'CH', 'tel:+41446681800'],
    ['03-1234-5678', 'JP', 'tel:+81312345678'],
    ['(02) 9876 5432', 'AU', 'tel:+61298765432'],
    ['(11) 96123-4567', 'BR', 'tel:+5511961234567'],
    ['098765 43210', 'IN', 'tel:+919876543210'],
    ['+44 20 7946 0018', 'US', 'tel:+442079460018'],
  ])('%j in %s is sent as %s', (text, defaultCountry, target) => {
    expect(parse(text, { defaultCountry })).toEqual(success(target));
  });

  it.each(['(425) 555-0123', '020 7946 0018', '0044 20 7946 0018'])(
    '%j without a default country is refused with what would help',
    (text) => {
      expect(problemOf(text)).toEqual({
        code: 'invalid-request',
        detail: expect.stringContaining('TARGET_DEFAULT_COUNTRY'),
      });
    },
  );
});

describe('an extension and a tel: URI', () => {
  it.each([
    ['+1 425 555 0123 ext. 12', 'tel:+14255550123;ext=12'],
    ['+1 425 555 0123 x12', 'tel:+14255550123;ext=12'],
    ['+1 425 555 0123 extension 0012', 'tel:+14255550123;ext=0012'],
    ['+1 425 555 0123,12', 'tel:+14255550123;ext=12'],
    ['tel:+1-425-555-0123;ext=12', 'tel:+14255550123;ext=12'],
    ['TEL:+44 20 7946 0018', 'tel:+442079460018'],
    ['tel:+14255550123;isub=1', 'tel:+14255550123'],
  ])('%j is sent as %s', (text, target) => {
    expect(parse(text)).toEqual(success(target));
  });

  it('takes a number of the default country behind tel:', () => {
    expect(parse('tel:425-555-0123', { defaultCountry: 'US' })).toEqual(success('tel:+14255550123'));
  });

  it.each([
    'tel:4255550123;phone-context=+1',
    'tel:5550123;phone-context=+1425',
    'tel:5550123;phone-context=contoso.com',
    'tel:+14255550123;foo=bar',
    'tel:+14255550123;ext=',
    'tel:tel:+14255550123',
    'tel:',
    'callto:+14255550123',
    '+1 425 555 0123;ext=1234567890123456',
  ])('%j is refused, every time that it is asked', (text) => {
    for (const _again of [1, 2, 3]) expect(problemOf(text)?.code).toBe('invalid-request');
  });
});

describe('a number that may not be rung', () => {
  it.each<[string, string, CountryCode?]>([
    ['+1 900 234 5678', 'premium-rate'],
    ['900 234 5678', 'premium-rate', 'US'],
    ['+44 909 879 0000', 'premium-rate'],
    ['0909 879 0000', 'premium-rate', 'GB'],
    ['+49 900 1 234567', 'premium-rate'],
    ['+33 899 12 34 56', 'premium-rate'],
    ['+39 899 123456', 'premium-rate'],
    ['+41 900 123 456', 'premium-rate'],
    ['+61 1900 654 321', 'premium-rate'],
    ['+81 990 123456', 'premium-rate'],
    ['+34 803 123 456', 'premium-rate'],
    ['+31 900 123 4567', 'premium-rate'],
    ['+979 123 456 789', 'premium-rate'],
    ['+49 180 5 123456', 'shared-cost'],
    ['+33 820 12 34 56', 'shared-cost'],
    ['+41 84 012 3456', 'shared-cost'],
    ['+61 1300 123 456', 'shared-cost'],
    ['+808 1234 5678', 'shared-cost'],
    ['911', 'emergency'],
    ['911', 'emergency', 'US'],
    ['tel:911', 'emergency', 'US'],
    ['tel:911;phone-context=+1', 'emergency'],
    ['112', 'emergency', 'DE'],
    ['+112', 'emergency'],
    ['1-1-2', 'emergency', 'DE'],
    ['999', 'emergency', 'GB'],
    ['000', 'emergency', 'AU'],
    ['110', 'emergency', 'JP'],
    ['17', 'emergency', 'FR'],
    ['411', 'emergency or service', 'US'],
  ])('%j is refused as %s', (text, why, defaultCountry) => {
    expect(problemOf(text, { defaultCountry })).toEqual({
      code: 'target-not-allowed',
      detail: expect.stringContaining(why),
    });
  });

  it.each<[string, readonly string[], boolean]>([
    ['+44 20 7946 0018', ['GB'], true],
    ['+44 20 7946 0018', ['US', 'CA'], false],
    ['+1 416 555 0199', ['US'], false],
    ['+1 416 555 0199', ['US', 'CA'], true],
    ['+44 1481 960 194', ['GB'], false],
    ['+7 700 123 4567', ['RU'], false],
    ['+1 800 234 5678', ['US'], true],
    ['+800 1234 5678', ['US'], false],
  ])('%j where only %j may be rung: %j', (text, countries, allowed) => {
    const problem = problemOf(text, { countries });
    if (allowed) expect(problem).toBeUndefined();
    else {
      expect(problem).toEqual({
        code: 'target-not-allowed',
        detail: expect.stringContaining('TARGET_COUNTRIES'),
      });
    }
  });

  it('holds a national number against the countries, too', () => {
    expect(problemOf('020 7946 0018', { defaultCountry: 'GB', countries: ['US'] })?.code).toBe(
      'target-not-allowed',
    );
  });
});

describe('what is no number', () => {
  it.each<[string, CountryCode?]>([
    ['+1 425 555'],
    ['+44 12'],
    ['+999 123 456'],
    ['+1 425 555 0123 4'],
    ['+0 123 456 789'],
    ['++1 425 555 0123'],
    ['555-0123', 'US'],
    ['12345', 'US'],
    ['1234', 'GB'],
    ['116 117', 'DE'],
    ['*67', 'US'],
    ['+'],
    [''],
    ['   '],
    ['see business card', 'US'],
    ['1-800-FLOWERS', 'US'],
    ['+1 800 FLOWERS'],
    ['+1 425 555 O123'],
    ['call +1 425 555 0123'],
    ['Alice +1 425 555 0123'],
    ['+1 425 555 0123 please'],
    ['+1 425 555 0123 (mobile)'],
    ['+14255550123/+14255550124'],
    ['+1 425 555 0123; +1 425 555 0124'],
    ['\u0000+14255550123'],
    [`+1 ${' '.repeat(80)}4255550123`],
  ])('%j is refused', (text, defaultCountry) => {
    expect(problemOf(text, { defaultCountry })?.code).toBe('invalid-request');
  });
});

describe('a contact', () => {
  it.each([
    ['sip:Bob@Contoso.com', 'sip:bob@contoso.com'],
    ['SIP:BOB@CONTOSO.COM', 'sip:bob@contoso.com'],
    [' bob.o-neil+1@fabrikam.com ', 'sip:bob.o-neil+1@fabrikam.com'],
    ["sip:O'Brien@contoso.com", "sip:o'brien@contoso.com"],
    ['12345@contoso.com', 'sip:12345@contoso.com'],
  ])('%j is sent as %s', (text, target) => {
    expect(parse(text)).toEqual(success(target));
  });

  it.each([
    'sip:bob@contoso.com;user=phone',
    'sip:+14255550123@contoso.com;user=phone',
    'sip:bob@contoso.com;transport=tls',
    'sip:bob@contoso.com?subject=x',
    'sip:bob@contoso.com:5061',
    'sips:bob@contoso.com',
    'sip:bob',
    'sip:@contoso.com',
    'bob@@contoso.com',
    'bob@contoso',
    'bob%40contoso.com@contoso.com',
    '"Bob" <sip:bob@contoso.com>',
    'sip:bob@contoso.com,sip:carol@contoso.com',
    'mailto:bob@contoso.com',
    'sip:böb@contoso.com',
  ])('%j is refused as no address', (text) => {
    expect(problemOf(text)?.code).toBe('invalid-request');
  });

  it('is no way around the rules for numbers', () => {
    expect(problemOf('sip:+19002345678@contoso.com')).toEqual({
      code: 'invalid-request',
      detail: expect.stringContaining('in the form of a SIP address'),
    });
  });

  it('of another domain may not be rung, unless any may', () => {
    const text = 'sip:bob@northwind.example';
    expect(problemOf(text)).toEqual({
      code: 'target-not-allowed',
      detail: expect.stringContaining('TARGET_SIP_DOMAINS'),
    });
    expect(problemOf('sip:bob@sales.contoso.com')?.code).toBe('target-not-allowed');
    expect(parse(text, { sipDomains: ['northwind.example'] })).toEqual(success(text));
    expect(parse(text, { sipDomains: undefined })).toEqual(success(text));
  });

  it.each(['sip:alice@contoso.com', 'alice@contoso.com', 'SIP:Alice@CONTOSO.com'])(
    'that is the user, as %s, is not rung twice',
    (text) => {
      expect(problemOf(text)).toEqual({
        code: 'target-not-allowed',
        detail: expect.stringContaining('own address'),
      });
    },
  );

  it('is taken where the user is not known, whoever it is', () => {
    expect(parseTarget('alice@contoso.com', undefined, rules)).toEqual(success(alice));
  });

  it.each([
    ['with its scheme', 'sip:'],
    ['without its scheme', ''],
  ])('of 80 characters as sent is taken %s, of 81 refused', (_how, scheme) => {
    const ofLength = (length: number) => `${'b'.repeat(length - 'sip:@contoso.com'.length)}@contoso.com`;
    expect(parse(`${scheme}${ofLength(80)}`)).toEqual(success(`sip:${ofLength(80)}`));
    expect(`sip:${ofLength(80)}`).toHaveLength(80);
    expect(problemOf(`${scheme}${ofLength(81)}`)).toEqual({
      code: 'invalid-request',
      detail: expect.stringContaining('more than 80 characters'),
    });
  });
});

const separator = fc.constantFrom('', ' ', '-', '.', '/', ' (', ') ');
const scattered = fc
  .tuple(
    fc.constantFrom('', '+', 'tel:', 'tel:+', 'sip:'),
    fc.array(fc.tuple(fc.stringMatching(/^\d{1,4}$/), separator), { minLength: 1, maxLength: 8 }),
    fc.constantFrom('', ';ext=42', ' x7', '@contoso.com', ' home'),
  )
  .map(([start, groups, end]) => `${start}${groups.flat().join('')}${end}`);
const exampleNumber = fc.constantFrom(...getCountries()).map((country) => {
  const number = getExampleNumber(country, examples);
  return number?.formatInternational() ?? '+1 425 555 0123';
});
const anyText = fc.oneof(scattered, exampleNumber, fc.string({ unit: 'grapheme', maxLength: 90 }));
const anyCountry = fc.constantFrom<CountryCode | undefined>(undefined, 'US', 'GB', 'DE', 'IT', 'FR', 'AU');

describe('any text', () => {
  it('that parses is sent with at most 80 characters, and parses to itself', () => {
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
      fc.property(scattered, anyCountry, (text, defaultCountry) => {
        const digits = text.replace(/\D/g, '');
        const detail = problemOf(text, { defaultCountry, countries: ['SE'] })?.detail ?? '';
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
  ])('such as %j leaves none of its digits in the reason', (text) => {
    const detail = problemOf(text, { countries: ['SE'] })?.detail ?? '';
    expect(detail).not.toBe('');
    expect(detail.replace('+1 (425) 555-0123', '')).not.toMatch(/\d/);
  });
});
