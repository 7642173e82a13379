import type { CountryCode } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import type { DialRules } from '../../../../../shared/ring/model/dial-rules.ts';
import { refusalOf } from '../../../../support/ring/targets.ts';

describe('a number that the dial rules do not allow', () => {
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
  ])('%j is refused as %s', (text, kind, defaultCountry) => {
    expect(refusalOf(text, { defaultCountry })).toEqual({
      code: 'target-not-allowed',
      detail: expect.stringContaining(kind),
    });
  });
});

describe('a number', () => {
  it.each<[string, 'allowed' | 'refused', readonly string[]]>([
    ['+44 20 7946 0018', 'allowed', ['GB']],
    ['+44 20 7946 0018', 'refused', ['US', 'CA']],
    ['+1 416 555 0199', 'refused', ['US']],
    ['+1 416 555 0199', 'allowed', ['US', 'CA']],
    ['+44 1481 960 194', 'refused', ['GB']],
    ['+7 700 123 4567', 'refused', ['RU']],
    ['+1 800 234 5678', 'allowed', ['US']],
    ['+800 1234 5678', 'refused', ['US']],
  ])('such as %j is %s when only the countries %j are allowed', (text, verdict, countries) => {
    const refusal = refusalOf(text, { countries });
    if (verdict === 'allowed') expect(refusal).toBeUndefined();
    else {
      expect(refusal).toEqual({
        code: 'target-not-allowed',
        detail: expect.stringContaining('TARGET_COUNTRIES'),
      });
    }
  });

  it('in national form is refused when its country is not allowed', () => {
    expect(refusalOf('020 7946 0018', { defaultCountry: 'GB', countries: ['US'] })?.code).toBe(
      'target-not-allowed',
    );
  });
});

describe('the refusal of a target that is not allowed', () => {
  it.each<[string, Partial<DialRules>, string]>([
    ['+1 900 555 1234', {}, ''],
    ['112', {}, ''],
    ['+881 6 1234 5678', {}, 'add 001, the numbers of no country, to TARGET_COUNTRIES'],
    ['+44 20 7946 0018', { countries: ['US'] }, 'add it to TARGET_COUNTRIES'],
    ['bob@northwind.example', { sipDomains: ['contoso.com'] }, 'add it to TARGET_SIP_DOMAINS'],
  ])('of %s ends with what to do', (text, changed, change) => {
    const detail = refusalOf(text, changed)?.detail ?? '';
    expect(detail).toContain(': choose another target');
    expect(detail).toContain(change);
    expect(detail).toMatch(/\.$/);
  });
});
