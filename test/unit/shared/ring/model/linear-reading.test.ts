import { expect, it } from 'vitest';
import { parseTarget } from '../../../../../shared/ring/model/dial-rules.ts';
import { parseUser } from '../../../../../shared/ring/model/parse-request.ts';
import { growthOf, linearGrowth } from '../../../../support/growth.ts';

const rules = { defaultCountry: 'US', countries: undefined, sipDomains: undefined } as const;

it.each<[string, (size: number) => string]>([
  ['digits', (size) => '1'.repeat(size)],
  ['digits and a letter', (size) => `+${'1'.repeat(size)}x`],
  ['semicolons', (size) => `${';'.repeat(size)}\n!`],
  ['blanks', (size) => `+1${' '.repeat(size)}x`],
  ['invisible characters', (size) => '\u202a'.repeat(size)],
  ['an address of dots', (size) => `sip:${'.'.repeat(size)}@contoso.com`],
  ['an address of pluses', (size) => `sip:${'+.'.repeat(size)}@contoso.com`],
  ['a domain of labels', (size) => `sip:a@${'a-a.'.repeat(size)}`],
  ['parameters', (size) => `sip:a@contoso.com${';user='.repeat(size)}`],
])('reads a target of %s in time in proportion to its length', (_what, inputOf) => {
  const read = (text: string) => {
    parseTarget(text, undefined, rules);
    parseUser(text, { sipDomains: ['contoso.com'] });
  };
  expect(growthOf(read, inputOf, 16_000)).toBeLessThan(linearGrowth);
});
