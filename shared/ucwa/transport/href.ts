/**
 * The URL that a href means, seen from the URL where it was found; undefined when it is none.
 * One that begins with `//` is a path on the same origin: to a URL parser it would be another host, which would be
 * sent our token. https://learn.microsoft.com/skype-sdk/ucwa/weblinks
 */
export function resolveHref(href: string, foundAt: URL): URL | undefined {
  const path = href.trim();
  const url = URL.parse(/^[/\\]{2}/.test(path) ? foundAt.origin + path : path, foundAt.href);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url : undefined;
}

/** Adds a parameter to a link, whose own query stays as the server wrote it, byte for byte. */
export function withParameter(link: URL, name: string, value: string): URL {
  const url = new URL(link);
  const parameter = new URLSearchParams({ [name]: value }).toString();
  url.search = url.search === '' ? parameter : `${url.search}&${parameter}`;
  return url;
}
