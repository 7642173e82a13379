import fetch, { type Headers, type Response } from 'node-fetch';
import type { Clock } from '../../runtime/clock.ts';
import {
  ConnectionError,
  FrontAnswerError,
  RequestTimeoutError,
  UcwaResponseError,
  UserUnknownError,
} from '../errors.ts';
import { isOnlineHost } from '../online-host.ts';
import type { Step } from '../steps.ts';
import { createAgents, Departure } from './agents.ts';
import { diagnosisOf } from './diagnosis.ts';
import { type ErrorBody, isPage, parseErrorBody, withoutSecrets } from './error-body.ts';
import { fetchFailure } from './fetch-failure.ts';
import { resolveLink } from './link.ts';
import { holdsSecret } from './mask.ts';
import { SentSecrets } from './secrets.ts';
import { type TrustedHosts, trustProblem } from './trust.ts';
import { UntrustedHostError } from './untrusted-host-error.ts';

const bodyLimitBytes = 1024 * 1024;

/** A token request gets this many times the usual limit: the verdict on a password must not be lost to a slow directory. */
const tokenLimitFactor = 3;

export interface TransportOptions {
  readonly trustedHosts: TrustedHosts;
  /** The time limit of one request, from its start to the end of the response body; three times as long for a token. */
  readonly requestTimeoutMs: number;
  /** PEM certificates that are trusted in addition to the machine's own. */
  readonly caCertificates?: readonly string[];
  readonly userAgent: string;
  readonly clock: Clock;
}

/** Whose work it is: a request of a caller who waits goes ahead of a batch's where the pool lets few through. */
export type Priority = 'caller' | 'batch';

/** The work that a request belongs to, and its observers. */
export interface Exchange {
  readonly correlationId: string;
  /** By default a batch. */
  readonly priority?: Priority;
  /** Collects what requests hold and errors must not show. */
  readonly secrets?: SentSecrets;
  /** Aborts the wait for the pool, and the request. */
  readonly signal: AbortSignal;
  /** Aborts the request in place of `signal`, once it no longer waits for the pool. */
  readonly requestSignal?: AbortSignal;
  /** Called for each request before it waits for the pool. */
  readonly onBegin?: (request: UcwaRequest) => void;
  /** Called for each request just before it is sent. */
  readonly onRequest: (request: UcwaRequest) => void;
  /** Called when the request leaves: the server may have seen it, whatever becomes of it. */
  readonly onLeave?: () => void;
  /** Called for each complete response, 2xx or not. */
  readonly onResponse: (response: UcwaResponse) => void;
  /** Called if a request reached no server, because connecting failed. */
  readonly onUnreached: () => void;
}

export interface UcwaRequest {
  readonly step: Step;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly token?: string;
  /** At most one of `json` and `form`. A POST without either has `Content-Length: 0` and no content type. */
  readonly json?: unknown;
  readonly form?: URLSearchParams;
  /** The quoted etag of what is to be changed: the server refuses with 412 where it was changed since. */
  readonly ifMatch?: string;
  /** Uses a new connection for this request, so that a load balancer may choose another Front End. */
  readonly freshConnection?: boolean;
}

export interface UcwaResponse {
  readonly step: Step;
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What the session has sent that the response may echo. */
  readonly secrets?: SentSecrets;
}

/** Sends one request and returns the response, 2xx or not. */
export type Send = (request: UcwaRequest, exchange: Exchange) => Promise<UcwaResponse>;

/**
 * Creates the only function that sends requests to UCWA: to trusted hosts alone, over kept-alive connections, with a time
 * limit, at most 1 MiB of response body and no redirect followed. It throws {@link UntrustedHostError},
 * {@link RequestTimeoutError}, an error of {@link fetchFailure}, or the reason of the exchange's signal.
 */
export function createTransport(options: TransportOptions): Send {
  const agentFor = createAgents(options.caCertificates ?? []);
  return async (request, exchange) => {
    requireTrusted(request.step, request.url, options.trustedHosts);
    exchange.signal.throwIfAborted();
    const signal = exchange.requestSignal ?? exchange.signal;
    signal.throwIfAborted();
    const limitMs = options.requestTimeoutMs * (request.step === 'token' ? tokenLimitFactor : 1);
    const timeout = options.clock.timeout(limitMs, signal);
    const departure = new Departure(() => exchange.onLeave?.());
    const secrets = exchange.secrets ?? new SentSecrets();
    secrets.note(request);
    exchange.onRequest(request);
    try {
      const fetched = await departure.follow(() =>
        fetch(request.url.href, {
          method: request.method,
          headers: headersOf(request, exchange, options.userAgent),
          body: bodyOf(request),
          redirect: 'manual',
          size: bodyLimitBytes,
          agent: agentFor(request.url, request.freshConnection ?? false),
          signal: timeout.signal,
        }),
      );
      departure.noteLeft();
      const response = await readResponse(request, fetched, secrets);
      exchange.onResponse(response);
      return response;
    } catch (error) {
      const hasLeft = departure.mayHaveLeft();
      signal.throwIfAborted();
      if (timeout.signal.aborted) throw new RequestTimeoutError(request.step, request.url.host, limitMs);
      const failure = fetchFailure(request.step, request.url.host, error, hasLeft);
      if (failure instanceof ConnectionError && !failure.sent) exchange.onUnreached();
      throw failure;
    } finally {
      timeout.stop();
    }
  };
}

/** Throws {@link UntrustedHostError} for a URL that no request may go to. */
export function requireTrusted(step: Step, url: URL, trustedHosts: TrustedHosts): void {
  const problem = trustProblem(url, trustedHosts);
  if (problem !== undefined) throw new UntrustedHostError(step, url, problem);
}

/**
 * Returns a 2xx response. Throws {@link FrontAnswerError} for one that is a page, {@link UserUnknownError} for a redirect to
 * Microsoft 365, and {@link UcwaResponseError} for any other response.
 */
export function requireSuccess(response: UcwaResponse): UcwaResponse {
  const { status, step, url, text } = response;
  const location = locationOf(response);
  if (location !== undefined && isOnlineHost(location.hostname)) {
    throw new UserUnknownError(step, url.host, 'homed-online');
  }
  if (status < 200 || status >= 300) throw responseError(response);
  if (isPage(text)) throw new FrontAnswerError(step, url.host);
  return response;
}

/** Returns where an HTTP redirect (3xx) leads; undefined for any other response. */
export function locationOf(response: UcwaResponse): URL | undefined {
  const { status, headers } = response;
  const location = headers.get('location');
  return location === null || ![301, 302, 303, 307, 308].includes(status)
    ? undefined
    : resolveLink(location, response);
}

/** Returns the error that a response stands for. `body` replaces the error body of UCWA. */
export function responseError(
  response: UcwaResponse,
  body: ErrorBody | undefined = parseErrorBody(response.text),
): UcwaResponseError {
  const { step, url, status, headers, secrets } = response;
  const target = locationOf(response)?.host;
  return new UcwaResponseError(step, url.host, {
    status,
    body: body && withoutSecrets(body, secrets),
    retryAfter: readRetryAfter(headers),
    hasChallenge: headers.has('www-authenticate'),
    diagnosis: diagnosisOf(headers, secrets),
    redirectsTo: target && (holdsSecret(target, secrets) ? 'withheld' : target),
  });
}

/** Returns `Retry-After` as the server wrote it, unless it is neither a number of seconds nor a date in length or letters. */
function readRetryAfter(headers: Headers): string | undefined {
  const text = headers.get('retry-after') ?? '';
  return /^(?:\d{1,9}|[A-Za-z]{3,9},? [\w :-]{1,30})$/.test(text) ? text : undefined;
}

function headersOf(request: UcwaRequest, exchange: Exchange, userAgent: string): Record<string, string> {
  return {
    accept: 'application/json',
    // Bodies are a few kilobytes: unpacking one costs more time and memory than compression saves.
    'accept-encoding': 'identity',
    'user-agent': userAgent,
    'x-correlation-id': exchange.correlationId,
    ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
    ...(request.ifMatch === undefined ? {} : { 'if-match': request.ifMatch }),
    ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
    ...(request.form === undefined
      ? {}
      : { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }),
  };
}

function bodyOf({ json, form }: UcwaRequest): string | null {
  if (json !== undefined) return JSON.stringify(json);
  return form?.toString() ?? null;
}

async function readResponse(
  { step, url }: UcwaRequest,
  response: Response,
  secrets: SentSecrets,
): Promise<UcwaResponse> {
  const { status, headers } = response;
  return { step, url, status, headers, text: await response.text(), secrets };
}
