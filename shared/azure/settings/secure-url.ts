import { isLoopback } from '../../ucwa/transport/trust.ts';

/** Reads a URL by which we may send what is secret: https, or http on this machine. Answers undefined for any other. */
export function parseSecureUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null) return undefined;
  const isSecure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  return isSecure ? url : undefined;
}
