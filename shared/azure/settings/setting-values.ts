import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/max';
import * as z from 'zod';
import { everyCountry, noCountry } from '../../ring/model/phone/number-rules.ts';
import { isLoopback } from '../../ucwa/transport/trust.ts';
import { isPublicSuffix } from './public-suffixes.ts';
import { parseSecureUrl } from './secure-url.ts';

/** A whole number in a range, with a default. */
export function wholeNumber(standard: number, least: number, most: number) {
  return z
    .string()
    .transform((text, context) => {
      const number = Number(text);
      if (Number.isInteger(number) && number >= least && number <= most) return number;
      context.addIssue(`must be a whole number from ${least} to ${most}.`);
      return z.NEVER;
    })
    .default(standard);
}

/** A number of hours above 0, with a default; fractions are allowed. */
export function hours(standard: number, most: number) {
  return z
    .string()
    .transform((text, context) => {
      const number = Number(text);
      if (number > 0 && number <= most) return number;
      context.addIssue(`must be a number of hours above 0, at most ${most}.`);
      return z.NEVER;
    })
    .default(standard);
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

const hostName = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])$/;

/** True where the owner of a host does not own all that is below it. */
function isSharedByOthers(host: string): boolean {
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0 || isLoopback(host)) return false;
  return !host.includes('.') || isPublicSuffix(host);
}

/** Domains, in lower case. */
export const domains = z.string().transform((text, context) => {
  const names = listOf(text.toLowerCase());
  if (names.length === 0 || !names.every((name) => hostName.test(name) && name.includes('.'))) {
    context.addIssue('must be domains such as contoso.com, separated by commas.');
  }
  return names;
});

/** Domains, or `*` for any. */
export const domainsOrAny = z.string().transform((text, context): '*' | readonly string[] => {
  if (text.trim() === '*') return '*';
  const read = domains.safeParse(text);
  if (read.success) return read.data;
  context.addIssue('must be * for any domain, or domains such as contoso.com, separated by commas.');
  return z.NEVER;
});

/** Domains that tokens may be sent to unless other hosts are named. */
export const ownDomains = domains.superRefine((names, context) => {
  if (names.some(isSharedByOthers)) {
    context.addIssue('must not be a public suffix, such as co.uk: others have domains below it.');
  }
});

/** Names or addresses of hosts, in lower case. */
export const hosts = z.string().transform((text, context) => {
  const names = listOf(text.toLowerCase());
  if (names.length === 0 || !names.every((name) => hostName.test(name))) {
    context.addIssue(
      'must be host names such as pool.contoso.local, separated by commas, without scheme or port.',
    );
  } else if (names.some(isSharedByOthers)) {
    context.addIssue(
      'must not be a single label, such as com, or a public suffix, such as co.uk: hosts of others are below it. List domains or hosts of your own.',
    );
  }
  return names;
});

/** A URL that secrets may be sent to. */
export const secureUrl = z.string().transform((text, context) => {
  const url = parseSecureUrl(text);
  if (url !== undefined) return url;
  context.addIssue('must be a URL that begins with https:// (http:// on loopback only).');
  return z.NEVER;
});

/** A country that the phone rules know. */
export const country = z.string().transform((text, context): CountryCode => {
  const code = text.trim().toUpperCase();
  if (isSupportedCountry(code)) return code;
  context.addIssue('must be a country in two letters, such as US.');
  return z.NEVER;
});

/** Countries that the phone rules know, `all` for every country, and `001` for satellite and global services. */
export const countries = z.string().transform((text, context): readonly string[] => {
  const codes = listOf(text.toUpperCase());
  const isKnown = (code: string) => [everyCountry, noCountry].includes(code) || isSupportedCountry(code);
  if (codes.length === 0 || !codes.every(isKnown)) {
    context.addIssue(
      'must be countries in two letters, such as US,CA, separated by commas; all for every country, and 001 for satellite and global services.',
    );
  }
  return codes;
});

/** One of some words, in any case; the first is the default. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  const list = `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  return z
    .string()
    .transform((text) => text.trim().toLowerCase())
    .pipe(z.enum(words, `must be ${list}.`))
    .default(words[0]);
}

/** Certificates in PEM, each as a text of its own: the text itself, with `\n` as portals store it, or a file's path. */
export const certificates = z.string().transform((text, context): readonly string[] => {
  try {
    const pem = text.includes('-----BEGIN') ? text.replaceAll('\\n', '\n') : readFileSync(text, 'utf8');
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    for (const block of blocks) new X509Certificate(block);
    if (blocks.length > 0) return blocks;
  } catch {
    // A file that cannot be read and a certificate that is broken get the same message, which tells no content.
  }
  context.addIssue('must be certificates as PEM text, or the path of a readable file that contains them.');
  return z.NEVER;
});
