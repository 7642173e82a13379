/** The hosts that requests may go to, each with its subdomains. */
export type TrustedHosts = readonly string[];

/** Why no request may go to a URL: its host is not listed, it is not https, or it contains a user name or password. */
export type TrustProblem = 'host' | 'scheme' | 'user-info';

/**
 * Returns why requests may not go to a URL; undefined if they may: over https, to a listed host or a subdomain of one. http
 * is allowed only for loopback addresses that are listed.
 */
export function trustProblem(url: URL, trustedHosts: TrustedHosts): TrustProblem | undefined {
  const host = url.hostname.toLowerCase();
  const isListed = trustedHosts.some((trusted) => host === trusted || host.endsWith(`.${trusted}`));
  if (!isListed) return 'host';
  if (url.username !== '' || url.password !== '') return 'user-info';
  const isAllowedScheme = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(host));
  return isAllowedScheme ? undefined : 'scheme';
}

/** Tells whether requests may go to a URL; see {@link trustProblem}. */
export function isTrusted(url: URL, trustedHosts: TrustedHosts): boolean {
  return trustProblem(url, trustedHosts) === undefined;
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
