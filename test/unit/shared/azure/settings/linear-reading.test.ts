import { expect, it } from 'vitest';
import { connectionStringProblem } from '../../../../../shared/azure/settings/connection-string.ts';
import { certificates, domains, hosts, hours } from '../../../../../shared/azure/settings/setting-values.ts';
import { growthOf, linearGrowth } from '../../../../support/growth.ts';

const begin = '-----BEGIN CERTIFICATE-----';

it.each<[string, (text: string) => unknown, (size: number) => string]>([
  ['certificates that never end', (text) => certificates.safeParse(text), (size) => begin.repeat(size / 20)],
  ['hosts of dashes', (text) => hosts.safeParse(text), (size) => `a${'-'.repeat(size)}`],
  ['hosts of labels', (text) => hosts.safeParse(text), (size) => `${'a.'.repeat(size)}-`],
  ['many hosts', (text) => hosts.safeParse(text), (size) => 'a.example,'.repeat(size / 8)],
  ['domains of labels', (text) => domains.safeParse(text), (size) => `${'a-a.'.repeat(size)}!`],
  ['hours', (text) => hours(1, 2).safeParse(text), (size) => `1${'0'.repeat(size)}x`],
  ['connection strings of blanks', connectionStringProblem, (size) => `;${' '.repeat(size)}`],
  ['connection strings of separators', connectionStringProblem, (size) => '; '.repeat(size)],
  ['connection strings of names', connectionStringProblem, (size) => `;${'a'.repeat(size)}`],
])('reads %s in time in proportion to their length', (_what, read, inputOf) => {
  expect(growthOf(read, inputOf, 16_000)).toBeLessThan(linearGrowth);
});
