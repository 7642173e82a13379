import type { TokenCredential } from '@azure/identity';
import type { KeyVaultSecret, SecretClient } from '@azure/keyvault-secrets';
import { LRUCache } from 'lru-cache';
import * as z from 'zod';
import { secretName } from '../ring/model/address-key.ts';
import {
  type Credential,
  CredentialInvalidError,
  CredentialMissingError,
  type CredentialStore,
  VaultRefusedError,
  VaultUnavailableError,
} from '../ring/ports/credential-store.ts';
import type { Clock } from '../runtime/clock.ts';
import { parseJson } from '../runtime/json.ts';
import { isLoopback } from '../ucwa/transport/trust.ts';
import type { SipUri } from '../ucwa/uri.ts';
import { restFailure } from './rest-failure.ts';

const cacheMs = 60_000;
const cachedAtMost = 1_000;

/** A vault that hangs must not use up the time of an attempt. */
const answerLimitMs = 10_000;

const secretForm = z.object({ username: z.string().min(1), password: z.string().min(1) });

/** Credentials from Key Vault, one secret a person, kept for a minute. */
export class KeyVaultCredentials implements CredentialStore {
  readonly #url: URL;
  readonly #identity: () => Promise<TokenCredential>;
  readonly #clock: Clock;
  readonly #cache: LRUCache<SipUri, Credential>;
  #client: Promise<SecretClient> | undefined;

  constructor(url: URL, identity: () => Promise<TokenCredential>, clock: Clock) {
    this.#url = url;
    this.#identity = identity;
    this.#clock = clock;
    const perf = { now: () => clock.nowMs() };
    this.#cache = new LRUCache({ max: cachedAtMost, ttl: cacheMs, ttlResolution: 0, perf });
  }

  async read(user: SipUri, { fresh, signal }: { fresh: boolean; signal: AbortSignal }): Promise<Credential> {
    const cached = fresh ? undefined : this.#cache.get(user);
    if (cached !== undefined) return cached;
    const name = secretName(user);
    const credential = parseSecret(name, await this.#getSecret(name, signal));
    this.#cache.set(user, credential);
    return credential;
  }

  /** Asks for a secret that nobody has: tells that the vault answers and lets us read. Throws as `read` does. */
  async probe(signal: AbortSignal): Promise<void> {
    try {
      await this.#getSecret('simultaneous-ring-health', signal);
    } catch (error) {
      if (!(error instanceof CredentialMissingError)) throw error;
    }
  }

  async #getSecret(name: string, signal: AbortSignal): Promise<KeyVaultSecret> {
    this.#client ??= this.#createClient();
    const limit = this.#clock.timeout(answerLimitMs);
    try {
      const abortSignal = AbortSignal.any([signal, limit.signal]);
      return await (await this.#client).getSecret(name, { abortSignal });
    } catch (error) {
      signal.throwIfAborted();
      throw vaultError(name, this.#url.host, error);
    } finally {
      limit.stop();
    }
  }

  async #createClient(): Promise<SecretClient> {
    const [{ SecretClient }, identity] = await Promise.all([
      import('@azure/keyvault-secrets'),
      this.#identity(),
    ]);
    return new SecretClient(this.#url.href, identity, {
      disableChallengeResourceVerification: isLoopback(this.#url.hostname),
      retryOptions: { maxRetries: 0 },
    });
  }
}

function parseSecret(name: string, secret: KeyVaultSecret): Credential {
  const content = secretForm.safeParse(parseJson(secret.value ?? ''));
  const { version } = secret.properties;
  if (!content.success || version === undefined) {
    throw new CredentialInvalidError(`The secret ${name} is not {"username": "…", "password": "…"}.`);
  }
  return { ...content.data, version };
}

function vaultError(name: string, host: string, error: unknown): Error {
  const { status, code } = restFailure(error);
  const cause = { cause: code };
  if (status === 404 && code === 'SecretNotFound')
    return new CredentialMissingError(`There is no secret ${name}.`, cause);
  if (status === 403 && code === 'SecretDisabled')
    return new CredentialInvalidError(`The secret ${name} is disabled.`, cause);
  if (status === 401 || status === 403) {
    return new VaultRefusedError(
      `The vault ${host} does not let this app's identity read secrets (${status} ${code}).`,
      cause,
    );
  }
  return new VaultUnavailableError(
    `The vault ${host} could not be asked (${status ?? 'no answer'} ${code}).`,
    cause,
  );
}
