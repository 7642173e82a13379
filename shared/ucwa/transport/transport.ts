import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { getCACertificates } from 'node:tls';
import fetch, { FetchError, type Headers, type Response } from 'node-fetch';
import type { Clock } from '../../runtime/clock.ts';
import {
  ConnectionError,
  RequestTimeoutError,
  UcwaResponseError,
  UnexpectedContentError,
  UntrustedHostError,
} from '../errors.ts';
import type { Step } from '../vocabulary.ts';
import { diagnosisOf } from './diagnosis.ts';
import { parseErrorBody } from './error-body.ts';
import { isTrusted, type TrustedHosts } from './trust.ts';

const bodyLimitBytes = 1024 * 1024;

export interface TransportOptions {
  readonly trustedHosts: TrustedHosts;
  /** How long one request may take, from its start to the end of its body. */
  readonly requestTimeoutMs: number;
  /** PEM certificates that are trusted besides the machine's own. */
  readonly caCertificates?: readonly string[];
  readonly userAgent: string;
  readonly clock: Clock;
}

/** The part of the work that a request belongs to. */
export interface Exchange {
  readonly correlationId: string;
  readonly signal: AbortSignal;
  /** Called once for each request that is sent. */
  readonly onRequest: (request: UcwaRequest) => void;
  /** Called for each answer, whatever it says. */
  readonly onAnswer: (answer: UcwaAnswer) => void;
  /** Called where its connection could not be made: it reached nobody. */
  readonly onUnreached: () => void;
}

export interface UcwaRequest {
  readonly step: Step;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly token?: string;
  /** At most one of the two; a POST without either is sent with `Content-Length: 0` and no content type. */
  readonly json?: unknown;
  readonly form?: URLSearchParams;
  /** Makes a connection of its own, so that a load balancer may choose another Front End. */
  readonly freshConnection?: boolean;
}

export interface UcwaAnswer {
  readonly step: Step;
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends one request and answers with whatever the server said, 2xx or not. */
export type Send = (request: UcwaRequest, exchange: Exchange) => Promise<UcwaAnswer>;

/**
 * Makes the one way out to UCWA: trusted hosts only, kept-alive connections, a time limit for each request, bodies of
 * at most 1 MiB, no redirect followed. Throws {@link UntrustedHostError}, {@link RequestTimeoutError},
 * {@link ConnectionError}, {@link UnexpectedContentError}, or the reason of the exchange's signal.
 */
export function createTransport(options: TransportOptions): Send {
  const agentFor = createAgents(options.caCertificates ?? []);
  return async (request, exchange) => {
    if (!isTrusted(request.url, options.trustedHosts))
      throw new UntrustedHostError(request.step, request.url);
    exchange.signal.throwIfAborted();
    const timeout = options.clock.timeout(options.requestTimeoutMs);
    exchange.onRequest(request);
    try {
      const response = await fetch(request.url.href, {
        method: request.method,
        headers: headersOf(request, exchange, options.userAgent),
        body: bodyOf(request),
        redirect: 'manual',
        size: bodyLimitBytes,
        agent: agentFor(request),
        signal: AbortSignal.any([exchange.signal, timeout.signal]),
      });
      const answer = await readAnswer(request, response);
      exchange.onAnswer(answer);
      return answer;
    } catch (error) {
      exchange.signal.throwIfAborted();
      if (timeout.signal.aborted) {
        throw new RequestTimeoutError(request.step, request.url.host, options.requestTimeoutMs);
      }
      const failure = transportError(request, error);
      if (failure instanceof ConnectionError && !failure.sent) exchange.onUnreached();
      throw failure;
    } finally {
      timeout.stop();
    }
  };
}

/** Throws {@link UcwaResponseError} unless the answer is a 2xx. */
export function requireSuccess(answer: UcwaAnswer): UcwaAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw responseError(answer);
}

/** The error that an answer stands for. */
export function responseError(answer: UcwaAnswer): UcwaResponseError {
  return new UcwaResponseError(answer.step, answer.url.host, {
    status: answer.status,
    body: parseErrorBody(answer.text),
    retryAfter: answer.headers.get('retry-after') ?? undefined,
    hasChallenge: answer.headers.has('www-authenticate'),
    diagnosis: diagnosisOf(answer.headers),
  });
}

function createAgents(caCertificates: readonly string[]): (request: UcwaRequest) => HttpAgent | HttpsAgent {
  const ca = caCertificates.length === 0 ? {} : { ca: [...getCACertificates('default'), ...caCertificates] };
  const kept = { keepAlive: true, scheduling: 'lifo', maxFreeSockets: 64 } as const;
  const agents = {
    kept: { 'http:': new HttpAgent(kept), 'https:': new HttpsAgent({ ...kept, ...ca }) },
    fresh: { 'http:': new HttpAgent(), 'https:': new HttpsAgent(ca) },
  };
  return ({ url, freshConnection }) =>
    agents[freshConnection === true ? 'fresh' : 'kept'][url.protocol === 'http:' ? 'http:' : 'https:'];
}

function headersOf(request: UcwaRequest, exchange: Exchange, userAgent: string): Record<string, string> {
  return {
    accept: 'application/json',
    // Bodies are a few kilobytes: unpacking one costs more time and memory than it saves on the wire.
    'accept-encoding': 'identity',
    'user-agent': userAgent,
    'x-correlation-id': exchange.correlationId,
    ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
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

async function readAnswer(request: UcwaRequest, response: Response): Promise<UcwaAnswer> {
  const { step, url } = request;
  return { step, url, status: response.status, headers: response.headers, text: await response.text() };
}

/** Errors of a connection that was never made: the server cannot have acted on what it did not get. */
const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Without its cause, whose message holds the whole URL, and so perhaps a number. */
function transportError({ step, url }: UcwaRequest, error: unknown): Error {
  if (error instanceof FetchError) {
    if (error.type === 'max-size') {
      return new UnexpectedContentError(step, url.host, 'the body is over 1 MiB');
    }
    const reason = error.code ?? error.type;
    if (reason.startsWith('Z_')) {
      return new UnexpectedContentError(step, url.host, `the compressed body is broken (${reason})`);
    }
    return new ConnectionError(step, url.host, !unreachable.has(reason), reason);
  }
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'broken';
  return new ConnectionError(step, url.host, true, reason);
}
