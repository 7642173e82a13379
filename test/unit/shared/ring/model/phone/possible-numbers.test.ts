import { describe, expect, it } from 'vitest';
import type { DialRules } from '../../../../../../shared/ring/model/dial-rules.ts';
import { success } from '../../../../../../shared/runtime/result.ts';
import { parse, refusalOf } from '../../../../../support/ring/targets.ts';

const possible = { numbers: 'possible' } as const;

describe('a number that is not valid by the metadata and has a possible length', () => {
  it.each<[string, string, Partial<DialRules>?]>([
    ['+1 624 305 1111', 'tel:+16243051111'],
    ['+1 861 917 6026', 'tel:+18619176026'],
    ['tel:+1-861-917-6026;ext=12', 'tel:+18619176026;ext=12'],
    ['(861) 917-6026', 'tel:+18619176026', { defaultCountry: 'US' }],
    ['011 1 861 917 6026', 'tel:+18619176026', { defaultCountry: 'US' }],
    ['001 861 917 6026', 'tel:+18619176026', { defaultCountry: 'DE' }],
    ['+44 100 946 0018', 'tel:+441009460018', { countries: ['GB', 'GG', 'IM', 'JE'] }],
    ['+1 425 155 0123', 'tel:+14251550123', { countries: ['ALL'] }],
    ['+870 123 456 789', 'tel:+870123456789', { countries: ['001'] }],
  ])('%j is sent as %s only where TARGET_NUMBERS is possible', (text, target, rules = {}) => {
    expect(parse(text, { ...rules, ...possible })).toEqual(success(target));
    for (const numbers of ['valid', undefined] as const) {
      expect(refusalOf(text, { ...rules, numbers })).toEqual({
        code: 'invalid-request',
        detail: expect.stringMatching(/metadata.*TARGET_NUMBERS/),
      });
    }
  });

  it.each<[string, string, Partial<DialRules>?]>([
    ['+1 900 155 1234', 'premium-rate'],
    ['+1 900 055 1234', 'premium-rate', { countries: ['US'] }],
    ['+49 900 2 123456', 'premium-rate'],
    ['0900 2 12345', 'premium-rate', { defaultCountry: 'DE' }],
    ['+49 180 1', 'shared-cost'],
    ['+44 909 0000', 'premium-rate'],
    ['+61 190 123', 'premium-rate'],
    ['112', 'emergency', { defaultCountry: 'DE' }],
    ['0112', 'emergency', { defaultCountry: 'DE' }],
    ['+49 0112', 'emergency'],
    ['+870 123 456 789', 'add 001, the numbers of no country, to TARGET_COUNTRIES'],
    ['+1 861 917 6026', 'The country of the target cannot be told among those of +', { countries: ['US'] }],
    ['+49 12 3456', 'Numbers of the country DE are not allowed', { countries: ['US'] }],
  ])('%j is refused by the dial rules all the same: %s', (text, reason, rules = {}) => {
    const refusal = refusalOf(text, { ...rules, ...possible });
    expect(refusal).toEqual({ code: 'target-not-allowed', detail: expect.stringContaining(reason) });
  });

  it.each<[string, DialRules['defaultCountry'], string]>([
    ['624 305 1111', 'US', 'ambiguous'],
    ['4917612345678', 'DE', 'ambiguous'],
    ['14255550123', 'AT', 'ambiguous'],
    ['+1 861 917 602', undefined, 'check its digits'],
    ['+1 861 917 6026.0', undefined, 'decimal tail'],
    ['425 155 012', 'US', 'check its digits'],
  ])('%j in %s is refused where it is ambiguous or not even possible', (text, defaultCountry, reason) => {
    expect(refusalOf(text, { defaultCountry, ...possible })?.detail).toContain(reason);
  });
});
