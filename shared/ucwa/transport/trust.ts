/** The hosts that requests may go to, each with its subdomains. */
export type TrustedHosts = readonly string[];

/**
 * Tells whether requests may go to a URL: over https, to a listed host or a subdomain of one. http is allowed only for
 * loopback addresses that are listed.
 */
export function isTrusted(url: URL, trustedHosts: TrustedHosts): boolean {
  const host = url.hostname.toLowerCase();
  const listed = trustedHosts.some((trusted) => host === trusted || host.endsWith(`.${trusted}`));
  if (!listed || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(host));
}

/** Tells whether a host name is a loopback address or `localhost`. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host === '[::1]' ||
    host === '::1' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
  );
}
