import type * as z from 'zod/mini';
import type { Authorization } from './authorization.ts';
import { type Problem, problemSchema } from './schemas.ts';

/** Why a request brought nothing. */
export type Failure =
  /** Nothing came back: no network, or the functions do not run. */
  | { readonly kind: 'offline' }
  /** The functions run, and do not serve now: they restart, or what they need is unavailable. */
  | { readonly kind: 'unavailable'; readonly problem: Problem }
  /** The caller is not known: without the key or the token that is wanted, or with a wrong one. */
  | { readonly kind: 'unauthorized'; readonly wants: 'key' | 'token' }
  | { readonly kind: 'refused'; readonly status: number; readonly problem: Problem };

export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: BodyInit;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

/** `x-simring` shows that a change comes from this page, and not from a form of another: a form sends no such header. */
const ofChanges = { 'x-source': 'console', 'x-simring': '1' };

/** The HTTP API of the functions that served this page. Throws nothing but the signal's reason. */
export class Api {
  readonly #fetch: typeof fetch;
  readonly #authorization: Authorization;

  constructor(fetchFrom: typeof fetch, authorization: Authorization) {
    this.#fetch = fetchFrom;
    this.#authorization = authorization;
  }

  /** Requests a path such as `/api/bulk` and parses the JSON of a 2xx. */
  async json<T>(path: string, schema: z.ZodMiniType<T>, options: RequestOptions = {}): Promise<Reply<T>> {
    const reply = await this.#send(path, options);
    if (!reply.ok) return reply;
    const parsed = schema.safeParse(parseJson(await reply.value.text()));
    return parsed.success ? { ok: true, value: parsed.data } : { ok: false, failure: unreadable(path) };
  }

  /** Requests a file, such as a report. */
  async file(path: string, options: RequestOptions = {}): Promise<Reply<Blob>> {
    const reply = await this.#send(path, { accept: 'text/csv', ...options });
    return reply.ok ? { ok: true, value: await reply.value.blob() } : reply;
  }

  async #send(path: string, options: RequestOptions): Promise<Reply<Response>> {
    const { method = 'GET', body, contentType, accept = 'application/json', signal } = options;
    const headers: Record<string, string> = { ...(await this.#authorization.headers()), accept };
    if (contentType !== undefined) headers['content-type'] = contentType;
    if (method !== 'GET') Object.assign(headers, ofChanges);
    const init: RequestInit = { method, headers, cache: 'no-store', credentials: 'same-origin' };
    if (body !== undefined) init.body = body;
    if (signal !== undefined) init.signal = signal;
    try {
      const response = await this.#fetch(path, init);
      return response.ok ? { ok: true, value: response } : { ok: false, failure: await failureOf(response) };
    } catch (error) {
      if (signal?.aborted === true) throw error;
      return { ok: false, failure: { kind: 'offline' } };
    }
  }
}

async function failureOf(response: Response): Promise<Failure> {
  const { status } = response;
  if (status === 401) {
    const wanted = response.headers.get('www-authenticate') ?? '';
    return { kind: 'unauthorized', wants: wanted.startsWith('Bearer') ? 'token' : 'key' };
  }
  const parsed = problemSchema.safeParse(parseJson(await response.text()));
  const problem = parsed.success ? parsed.data : {};
  if (status >= 500) return { kind: 'unavailable', problem };
  return { kind: 'refused', status, problem };
}

function unreadable(path: string): Failure {
  const detail = `The response for ${path.split('?', 1)[0]} is not what this page expects. Load the page again: the functions may have been updated.`;
  return { kind: 'refused', status: 200, problem: { detail } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
