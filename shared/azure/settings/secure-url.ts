import { isLoopback } from '../../ucwa/transport/trust.ts';

/** Parses a URL that secrets may be sent to: https, or http on loopback. Returns undefined for any other. */
export function parseSecureUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null) return undefined;
  const isSecure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  return isSecure ? url : undefined;
}
