import { readFileSync, writeFileSync } from 'node:fs';
import { domainToASCII, fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

/**
 * Writes `shared/azure/settings/public-suffix-list.ts` from the list that https://publicsuffix.org publishes:
 * `node infra/public-suffixes.ts public_suffix_list.dat`. The list grows by some suffixes a week; once a year will do.
 */
const [source] = process.argv.slice(2);
if (source === undefined)
  throw new Error('Name the file: node infra/public-suffixes.ts public_suffix_list.dat');

const rules = readFileSync(source, 'utf8')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '' && !line.startsWith('//'))
  .map(toAscii)
  .filter((rule) => rule.includes('.'));

/** Lines of a suffix and the labels before it that make another suffix: half as long as the rules themselves. */
const lines = [...Map.groupBy(rules, (rule) => rule.slice(rule.indexOf('.') + 1))]
  .map(([suffix, some]) => [suffix, ...some.map((rule) => rule.slice(0, rule.indexOf('.'))).sort()].join(' '))
  .sort();

const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
const compressed = brotliCompressSync(lines.join('\n'), { params }).toString('base64');

writeFileSync(
  fileURLToPath(new URL('../shared/azure/settings/public-suffix-list.ts', import.meta.url)),
  `/**
 * The rules of the Public Suffix List (https://publicsuffix.org, Mozilla Public License 2.0) that have more than one label:
 * brotli in base64 of lines, each a suffix and the labels before it. Written by infra/public-suffixes.ts.
 */
export const publicSuffixList =
  '${compressed}';
`,
);

/** Settings hold domains in ASCII. The marks before a rule, `!` and `*.`, are no part of its domain. */
function toAscii(rule: string): string {
  const [, mark = '', domain = ''] = /^(!|\*\.|)(.*)$/.exec(rule) ?? [];
  return `${mark}${domainToASCII(domain)}`;
}
