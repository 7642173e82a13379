/** Hosts, each with its subdomains, that any request may go to. */
export type TrustedHosts = readonly string[];

/**
 * Tells whether a request may go to this URL: its host is listed, or lies below one that is, and the scheme is https.
 * http is for loopback alone, and only where that is listed.
 */
export function isTrusted(url: URL, trustedHosts: TrustedHosts): boolean {
  const host = url.hostname.toLowerCase();
  const listed = trustedHosts.some((trusted) => host === trusted || host.endsWith(`.${trusted}`));
  if (!listed || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(host));
}

/** Tells whether a host name means this machine. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host === '[::1]' ||
    host === '::1' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
  );
}
