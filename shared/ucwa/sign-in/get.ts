import { RedirectLoopError } from '../errors.ts';
import type { Step } from '../steps.ts';
import { resolveHref } from '../transport/href.ts';
import type { Exchange, Send, UcwaResponse } from '../transport/transport.ts';

/** The most redirects in a row, by link or by HTTP; real servers need fewer. */
export const maxRedirects = 5;

export interface RequestContext {
  readonly exchange: Exchange;
  readonly freshConnection: boolean;
}

/** Sends a GET without a token and follows HTTP redirects, each of which must lead to a trusted host. */
export async function getFollowing(
  send: Send,
  { exchange, freshConnection }: RequestContext,
  start: URL,
  step: Step,
): Promise<UcwaResponse> {
  let url = start;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await send({ step, method: 'GET', url, freshConnection }, exchange);
    const location = locationOf(response);
    if (location === undefined) return response;
    url = location;
  }
  throw new RedirectLoopError(step, url.host);
}

/** Returns where an HTTP redirect leads; undefined for any other response. */
export function locationOf(response: UcwaResponse): URL | undefined {
  const location = response.headers.get('location');
  return location === null || ![301, 302, 303, 307, 308].includes(response.status)
    ? undefined
    : resolveHref(location, response.url);
}
