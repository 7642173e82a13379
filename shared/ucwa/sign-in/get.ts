import { RedirectLoopError } from '../errors.ts';
import { isOnlineHost } from '../online-host.ts';
import type { Step } from '../steps.ts';
import {
  type Exchange,
  locationOf,
  responseError,
  type Send,
  type UcwaResponse,
} from '../transport/transport.ts';
import { UntrustedHostError } from '../transport/untrusted-host-error.ts';

/** The most redirects in a row, by link or by HTTP; real servers need fewer. */
export const maxRedirects = 5;

export interface RequestContext {
  readonly exchange: Exchange;
  readonly freshConnection: boolean;
}

/**
 * Sends a GET without a token and follows HTTP redirects, each of which must lead to a trusted host. A redirect elsewhere is
 * thrown as the response that it is: UCWA redirects by links, so it is most likely the way to a sign-in page.
 */
export async function getFollowing(
  send: Send,
  { exchange, freshConnection }: RequestContext,
  start: URL,
  step: Step,
): Promise<UcwaResponse> {
  let url = start;
  let redirect: UcwaResponse | undefined;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const request = { step, method: 'GET', url, freshConnection } as const;
    const response = await send(request, exchange).catch((error: unknown) => {
      throw redirect !== undefined && isAway(error) ? responseError(redirect) : error;
    });
    const location = locationOf(response);
    if (location === undefined) return response;
    redirect = response;
    url = location;
  }
  throw new RedirectLoopError(step, url.host);
}

/** True for a host that is not trusted, Microsoft 365 apart: what leads there is not a sign-in page. */
function isAway(error: unknown): boolean {
  return error instanceof UntrustedHostError && error.problem === 'host' && !isOnlineHost(error.host);
}
