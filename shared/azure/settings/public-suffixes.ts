import { brotliDecompressSync } from 'node:zlib';
import { publicSuffixList } from './public-suffix-list.ts';

/** The labels before each suffix, in one line. */
let lines: ReadonlyMap<string, string> | undefined;

/**
 * Returns true for a domain of at least two labels below which others register theirs, such as `co.uk` or
 * `azurewebsites.net`: to trust it would be to trust all of them. True also where only its subdomains are listed as
 * suffixes, by a wildcard.
 */
export function isPublicSuffix(domain: string): boolean {
  const dot = domain.indexOf('.');
  const [label, parent] = [domain.slice(0, dot), domain.slice(dot + 1)];
  const siblings = labelsBefore(parent);
  if (siblings.includes(`!${label}`)) return false;
  return siblings.includes(label) || siblings.includes('*') || labelsBefore(domain).includes('*');
}

/** The labels that make a suffix of this one. */
function labelsBefore(suffix: string): readonly string[] {
  lines ??= readLines();
  return lines.get(suffix)?.split(' ') ?? [];
}

function readLines(): ReadonlyMap<string, string> {
  const text = brotliDecompressSync(Buffer.from(publicSuffixList, 'base64')).toString('utf8');
  const line = (some: string): [string, string] => {
    const end = some.indexOf(' ');
    return [some.slice(0, end), some.slice(end + 1)];
  };
  return new Map(text.split('\n').map(line));
}
