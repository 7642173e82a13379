import { type CryptoKey, importJWK } from 'jose';
import * as z from 'zod';
import type { Clock } from '../../runtime/clock.ts';
import { parseJson } from '../../runtime/json.ts';

const minuteMs = 60_000;

/** However many unknown key ids come, keys are fetched at most once in this time, failures included. */
const fetchIntervalMs = 5 * minuteMs;

/** Keys older than this are fetched again while they still serve, so that one the tenant withdrew does not last. */
const maxAgeMs = 24 * 60 * minuteMs;

const fetchTimeoutMs = 5_000;
const documentLimit = 256 * 1024;

/** What was found for a key id. */
export type FoundKey =
  | { readonly kind: 'found'; readonly key: CryptoKey }
  /** Keys fetched for this very request do not have it. */
  | { readonly kind: 'unknown' }
  /** Not known, and keys cannot be fetched now. */
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds: number; readonly detail: string };

export interface TenantKeysDeps {
  /** The document with the tenant's keys. */
  readonly url: string;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** Called once for each fetch that failed, with the reason. */
  readonly onFailure: (reason: string) => void;
}

/**
 * The keys of a tenant, cached, and fetched again when an unknown key id appears. A known key serves while the tenant is slow or
 * unreachable: its age only starts a fetch, which nothing waits for.
 */
export class TenantKeys {
  readonly #deps: TenantKeysDeps;
  #keys: ReadonlyMap<string, CryptoKey> = new Map();
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #fetching: Promise<string | undefined> | undefined;
  #lastFailure: string | undefined;

  constructor(deps: TenantKeysDeps) {
    this.#deps = deps;
  }

  async find(kid: string): Promise<FoundKey> {
    const known = this.#keys.get(kid);
    if (known !== undefined) {
      if (this.#ageMs() >= maxAgeMs) void this.#fetch();
      return { kind: 'found', key: known };
    }
    if (this.#fetching === undefined && this.#ageMs() < fetchIntervalMs) return this.#unavailable();
    if ((await this.#fetch()) !== undefined) return this.#unavailable();
    const key = this.#keys.get(kid);
    return key === undefined ? { kind: 'unknown' } : { kind: 'found', key };
  }

  #ageMs(): number {
    return this.#deps.clock.nowMs() - this.#startedAtMs;
  }

  #unavailable(): FoundKey {
    const waitMs = Math.max(1_000, fetchIntervalMs - this.#ageMs());
    const detail =
      this.#lastFailure === undefined
        ? "The tenant's keys were fetched a moment ago and do not include the token's key id."
        : `The tenant's keys could not be fetched (${this.#lastFailure}).`;
    return { kind: 'unavailable', retryAfterSeconds: Math.ceil(waitMs / 1000), detail };
  }

  /** Fetches the keys, or joins the fetch in progress. Resolves to the reason where it failed. */
  #fetch(): Promise<string | undefined> {
    this.#fetching ??= this.#fetchOnce().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchOnce(): Promise<string | undefined> {
    const { clock, onFailure } = this.#deps;
    this.#startedAtMs = clock.nowMs();
    const timeout = clock.timeout(fetchTimeoutMs);
    try {
      this.#keys = await this.#request(timeout.signal);
      this.#lastFailure = undefined;
    } catch (error) {
      this.#lastFailure = timeout.signal.aborted ? 'it did not respond in time' : reasonOf(error);
      onFailure(this.#lastFailure);
    } finally {
      timeout.stop();
    }
    return this.#lastFailure;
  }

  async #request(signal: AbortSignal): Promise<ReadonlyMap<string, CryptoKey>> {
    const { fetch, url } = this.#deps;
    const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
    if (!response.ok) {
      await response.body?.cancel();
      throw new KeysError(`it returned ${response.status}`);
    }
    return await readKeys(await readLimited(response));
  }
}

/** Why a document of keys cannot be used. */
class KeysError extends Error {}

const keySchema = z.object({
  kty: z.literal('RSA'),
  use: z.literal('sig').optional(),
  kid: z.string(),
  n: z.string(),
  e: z.string(),
});
const documentSchema = z.object({ keys: z.array(z.unknown()) });

/** Keys of another kind are ignored, whatever else stands in the document. */
async function readKeys(text: string): Promise<ReadonlyMap<string, CryptoKey>> {
  const document = documentSchema.safeParse(parseJson(text));
  if (!document.success) throw new KeysError('what it returned is not a key document');
  const keys = new Map<string, CryptoKey>();
  for (const one of document.data.keys) {
    const key = keySchema.safeParse(one);
    if (!key.success) continue;
    const { kid, kty, n, e } = key.data;
    const imported = await importJWK({ kty, n, e }, 'RS256');
    if (!(imported instanceof Uint8Array)) keys.set(kid, imported);
  }
  if (keys.size === 0) throw new KeysError('what it returned has no RSA key');
  return keys;
}

async function readLimited(response: Response): Promise<string> {
  let length = 0;
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > documentLimit) throw new KeysError('what it returned is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const causeSchema = z.object({ cause: z.object({ code: z.string() }) });

function reasonOf(error: unknown): string {
  if (error instanceof KeysError) return error.message;
  const cause = causeSchema.safeParse(error);
  return cause.success ? cause.data.cause.code : 'the request failed';
}
