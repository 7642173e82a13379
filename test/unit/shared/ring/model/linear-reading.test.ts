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
  ['white space of all kinds', (size) => `+1${'\u3000\t\u0085'.repeat(size)}4`],
  ['full-width digits', (size) => `\uff0b${'\uff11'.repeat(size)}`],
  ['line breaks', (size) => `+1${'\n'.repeat(size)}4`],
  ['trailing marks', (size) => `+14255550123${'; ,'.repeat(size)}x`],
  ['slashes', (size) => `1${'/1'.repeat(size)}`],
  ['commas', (size) => `1${', '.repeat(size)}1`],
  ['words between digits', (size) => `1${' or '.repeat(size)}`],
  ['dashes of two kinds', (size) => `1${'-1\u2013'.repeat(size)}`],
  ['pluses', (size) => `1${'+'.repeat(size)}`],
  ['angle brackets', (size) => '<'.repeat(size)],
  ['angle brackets and an at sign', (size) => `${'<'.repeat(size)}@`],
  [
    'a domain of foreign letters',
    (size) =>
      `a@${Array.from({ length: size }, (_, i) => String.fromCodePoint(0x4e00 + (i % 20_000))).join('')}`,
  ],
  ['a domain of foreign labels', (size) => `a@${'\u00fc.'.repeat(size)}`],
  ['at signs', (size) => '@\u00fc'.repeat(size)],
  ['parameters', (size) => `sip:a@contoso.com${';user='.repeat(size)}`],
])('reads a target of %s in time in proportion to its length', (_what, inputOf) => {
  const read = (text: string) => {
    parseTarget(text, undefined, rules);
    parseUser(text, { sipDomains: ['contoso.com'] });
  };
  expect(growthOf(read, inputOf, 16_000)).toBeLessThan(linearGrowth);
});
