import type { TokenCredential } from '@azure/identity';
import type { KeyVaultSecret, SecretClient } from '@azure/keyvault-secrets';
import { LRUCache } from 'lru-cache';
import * as z from 'zod';
import { encodeAddress } from '../ring/model/address-key.ts';
import {
  type Credential,
  CredentialInvalidError,
  CredentialMissingError,
  type CredentialStore,
} from '../ring/ports/credential-store.ts';
import type { Clock } from '../runtime/clock.ts';
import { once } from '../runtime/once.ts';
import { isLoopback } from '../ucwa/transport/trust.ts';
import type { SipUri } from '../ucwa/uri.ts';
import { lateVaultError, vaultError } from './key-vault-failure.ts';
import { readSecretValue } from './secret-value.ts';

const cacheMs = 60_000;
const cacheSize = 1_000;

/** A vault that hangs must not use up the time of an attempt. */
const requestLimitMs = 10_000;

/** Nobody's secret: its absence proves that the vault responds and lets us read. */
const probedSecret = 'simultaneous-ring-health';

/** Key Vault gives every secret a version. */
const versionSchema = z.string().min(1);

/** Returns the name of a user's secret: `ucwa-` and the encoded address. Parsing has made sure that Key Vault takes its length. */
export function secretName(user: SipUri): string {
  return `ucwa-${encodeAddress(user)}`;
}

/** Credentials from Key Vault, one secret for each user, cached for a minute. */
export class KeyVaultCredentials implements CredentialStore {
  readonly #url: URL;
  readonly #identity: () => Promise<TokenCredential>;
  readonly #clock: Clock;
  readonly #cache: LRUCache<SipUri, Credential>;
  readonly #client: () => Promise<SecretClient>;

  constructor(url: URL, identity: () => Promise<TokenCredential>, clock: Clock) {
    this.#url = url;
    this.#identity = identity;
    this.#clock = clock;
    this.#client = once(() => this.#createClient());
    const perf = { now: () => clock.nowMs() };
    this.#cache = new LRUCache({ max: cacheSize, ttl: cacheMs, ttlResolution: 0, perf });
  }

  async read(user: SipUri, { fresh, signal }: { fresh: boolean; signal: AbortSignal }): Promise<Credential> {
    const cached = fresh ? undefined : this.#cache.get(user);
    if (cached !== undefined) return cached;
    const name = secretName(user);
    const credential = parseSecret(name, await this.#getSecret(name, signal));
    this.#cache.set(user, credential);
    return credential;
  }

  /** Resolves if the vault responds and lets us read secrets. Throws as `read` does. */
  async probe(signal: AbortSignal): Promise<void> {
    try {
      await this.#getSecret(probedSecret, signal);
    } catch (error) {
      if (!(error instanceof CredentialMissingError)) throw error;
    }
  }

  /** A signal that aborts meanwhile makes an error that tells what was being waited for. */
  async #getSecret(name: string, signal: AbortSignal): Promise<KeyVaultSecret> {
    signal.throwIfAborted();
    const limit = this.#clock.timeout(requestLimitMs, signal);
    try {
      return await (await this.#client()).getSecret(name, { abortSignal: limit.signal });
    } catch (error) {
      const { host } = this.#url;
      if (signal.aborted) throw lateVaultError(name, host, { error, limitMs: undefined });
      if (limit.signal.aborted) throw lateVaultError(name, host, { error, limitMs: requestLimitMs });
      throw vaultError(name, host, error);
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
  const content = readSecretValue(secret.value ?? '');
  if (!content.ok) {
    const { problem, remedy } = content.error;
    throw new CredentialInvalidError(`The secret ${name} ${problem}.`, { remedy });
  }
  return { ...content.value, name, version: versionSchema.parse(secret.properties.version) };
}
