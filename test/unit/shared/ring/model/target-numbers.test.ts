import type { CountryCode } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { success } from '../../../../../shared/runtime/result.ts';
import { parse, refusalOf } from '../../../../support/ring/targets.ts';

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
    '%j without a default country is refused with the setting to change',
    (text) => {
      expect(refusalOf(text)).toEqual({
        code: 'invalid-request',
        detail: expect.stringContaining('TARGET_DEFAULT_COUNTRY'),
      });
    },
  );
});

describe('a number with an extension or as a tel: URI', () => {
  it.each([
    ['+1 425 555 0123 ext. 12', 'tel:+14255550123;ext=12'],
    ['+1 425 555 0123 x12', 'tel:+14255550123;ext=12'],
    ['+1 425 555 0123 extension 0012', 'tel:+14255550123;ext=0012'],
    ['tel:+1-425-555-0123;ext=12', 'tel:+14255550123;ext=12'],
    ['TEL:+44 20 7946 0018', 'tel:+442079460018'],
    ['tel:+14255550123;isub=1', 'tel:+14255550123'],
  ])('%j is sent as %s', (text, target) => {
    expect(parse(text)).toEqual(success(target));
  });

  it('may be national behind tel:, in the default country', () => {
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
  ])('%j is refused every time that it is read', (text) => {
    for (const _time of [1, 2, 3]) expect(refusalOf(text)?.code).toBe('invalid-request');
  });
});

describe('a text that is not a valid number', () => {
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
    expect(refusalOf(text, { defaultCountry })?.code).toBe('invalid-request');
  });
});

describe('a target without any digit', () => {
  it.each(['Bob', 'bob.contoso.com', 'tel:', '+', '   ', 'ext.', '(–)'])(
    'is neither a phone number nor a SIP address: %j',
    (text) => {
      const detail = expect.stringMatching(
        /^The target is neither a phone number nor a SIP address: write it as /,
      );
      expect(refusalOf(text)).toEqual({ code: 'invalid-request', detail });
      expect(refusalOf(text, { defaultCountry: 'US' })).toEqual({ code: 'invalid-request', detail });
    },
  );
});
