import { describe, expect, it } from 'vitest';
import { countries } from '../../../../../shared/azure/settings/setting-values.ts';

describe('TARGET_COUNTRIES', () => {
  it.each<[string, readonly string[]]>([
    ['all', ['ALL']],
    ['001', ['001']],
    ['all,001', ['ALL', '001']],
    [' All , 001 ', ['ALL', '001']],
    ['us, CA,001', ['US', 'CA', '001']],
  ])('takes %j', (text, expected) => {
    expect(countries.safeParse(text)).toEqual({ success: true, data: expected });
  });

  it.each(['1', '01', '002', '*', 'everywhere', 'US;001', 'all 001'])('refuses %j', (text) => {
    expect(countries.safeParse(text).success).toBe(false);
  });
});
