/**
 * Resolves an href against the URL where it was found. Returns undefined if it is not a valid http or https URL. One that
 * begins with `//` is a path on the same origin; a plain URL parser would take it for another host and send that our
 * token. https://learn.microsoft.com/skype-sdk/ucwa/weblinks
 */
export function resolveHref(href: string, foundAt: URL): URL | undefined {
  const path = href.trim();
  const url = URL.parse(/^[/\\]{2}/.test(path) ? foundAt.origin + path : path, foundAt.href);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url : undefined;
}

/** Returns a link with one more query parameter. The query that the server wrote stays as it is, byte for byte. */
export function withParameter(link: URL, name: string, value: string): URL {
  const url = new URL(link);
  const parameter = new URLSearchParams({ [name]: value }).toString();
  url.search = url.search === '' ? parameter : `${url.search}&${parameter}`;
  return url;
}
