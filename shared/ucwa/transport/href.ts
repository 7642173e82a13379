import { hostMaxLength } from '../shown-host.ts';

/** Longer than any server's own limit. URLs are kept in memory for many users. */
const hrefMaxLength = 4_096;

/**
 * Resolves an href against the URL where it was found. Returns undefined if it is not a valid http or https URL, or longer
 * than real ones are. One that begins with `//` is a path on the same origin; a plain URL parser would take it for another
 * host and send that our token. https://learn.microsoft.com/skype-sdk/ucwa/weblinks
 */
export function resolveHref(href: string, foundAt: URL): URL | undefined {
  if (href.length > hrefMaxLength || hasOverlongHost(href)) return undefined;
  const path = href.trim();
  const url = URL.parse(/^[/\\]{2}/.test(path) ? foundAt.origin + path : path, foundAt.href);
  const isUsable = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isUsable && url.hostname.length <= hostMaxLength ? url : undefined;
}

/** Checked before parsing, since decoding a host takes time that grows with the square of its length. */
function hasOverlongHost(href: string): boolean {
  const authority = /^\s*https?:[/\\]*([^/\\?#]*)/i.exec(href)?.[1] ?? '';
  return authority.length > hostMaxLength * 2;
}

/** Returns a link with one more query parameter. The query that the server wrote stays as it is, byte for byte. */
export function withParameter(link: URL, name: string, value: string): URL {
  const url = new URL(link);
  const parameter = new URLSearchParams({ [name]: value }).toString();
  url.search = url.search === '' ? parameter : `${url.search}&${parameter}`;
  return url;
}
