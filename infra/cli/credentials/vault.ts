import { isRestError } from '@azure/core-rest-pipeline';
import { SecretClient } from '@azure/keyvault-secrets';
import { createIdentity } from '../../../shared/azure/identity.ts';
import { IdentityError } from '../../../shared/azure/identity-error.ts';
import { vaultError } from '../../../shared/azure/key-vault-failure.ts';
import { restFailure } from '../../../shared/azure/rest-failure.ts';
import type { Clock } from '../../../shared/runtime/clock.ts';
import { tlsProblemOf } from '../../../shared/ucwa/transport/tls-error.ts';
import { isLoopback } from '../../../shared/ucwa/transport/trust.ts';

/** The tag of a secret that names the import which wrote it. */
const importTag = 'simring-import';

const maxTries = 8;
const firstDelayMs = 500;
const maxDelayMs = 30_000;
const requestLimitMs = 30_000;

/** What an import has to know of a secret. */
export interface ListedSecret {
  readonly name: string;
  /** The import that wrote its latest version; undefined for a secret that came another way. */
  readonly importId: string | undefined;
  /** False where nobody can read its latest version. */
  readonly isEnabled: boolean;
}

/** The secrets of one vault, read and written by a person. */
export class Vault {
  readonly #url: URL;
  /** Repeats what fails: a list changes nothing. */
  readonly #lister: SecretClient;
  readonly #client: SecretClient;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #pausedUntilMs = 0;

  /** The signal ends waits for the vault; what is in flight is still finished. */
  constructor(url: URL, clock: Clock, signal: AbortSignal) {
    this.#url = url;
    this.#clock = clock;
    this.#signal = signal;
    const identity = createIdentity();
    const client = (maxRetries: number) =>
      new SecretClient(url.href, identity, {
        disableChallengeResourceVerification: isLoopback(url.hostname),
        retryOptions: { maxRetries },
      });
    this.#lister = client(maxTries);
    this.#client = client(0);
  }

  /** Returns all secrets by name in lower case. The client itself repeats a page that fails. Throws {@link VaultFailure}. */
  async list(): Promise<ReadonlyMap<string, ListedSecret>> {
    const listed = new Map<string, ListedSecret>();
    try {
      const abortSignal = this.#signal;
      for await (const { name, tags, enabled } of this.#lister.listPropertiesOfSecrets({ abortSignal })) {
        const isEnabled = enabled !== false;
        listed.set(name.toLowerCase(), { name, importId: tags?.[importTag], isEnabled });
      }
    } catch (error) {
      if (this.#signal.aborted) throw new VaultFailure('Interrupted, before anything was written.', true);
      throw vaultFailure('list', this.#url.host, error);
    }
    return listed;
  }

  /**
   * Adds one version of a secret, tagged with the import. After a failure that leaves open whether it was written, the
   * secret is looked at before it is written again. Throws {@link VaultFailure}.
   */
  async set(name: string, value: string, importId: string): Promise<void> {
    let isOpen = false;
    await this.#retry(name, async (limit) => {
      if (isOpen && (await this.#isWritten(name, importId, limit))) return;
      isOpen = true;
      const tags = { [importTag]: importId };
      await this.#client.setSecret(name, value, {
        contentType: 'application/json',
        tags,
        abortSignal: limit,
      });
    });
  }

  async #isWritten(name: string, importId: string, abortSignal: AbortSignal): Promise<boolean> {
    try {
      const { properties } = await this.#client.getSecret(name, { abortSignal });
      return properties.tags?.[importTag] === importId;
    } catch (error) {
      if (restFailure(error).status === 404) return false;
      throw error;
    }
  }

  /** A limit of the vault is one for all requests, so that all wait for the end of its `Retry-After`. */
  async #retry<T>(subject: string, work: (limit: AbortSignal) => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried += 1) {
      const pauseMs = this.#pausedUntilMs - this.#clock.nowMs();
      if (pauseMs > 0) await this.#sleep(subject, pauseMs);
      const limit = this.#clock.timeout(requestLimitMs);
      try {
        return await work(limit.signal);
      } catch (error) {
        if (tried >= maxTries || !mayPass(error)) throw vaultFailure(subject, this.#url.host, error);
        await this.#wait(subject, error, tried);
      } finally {
        limit.stop();
      }
    }
  }

  async #wait(subject: string, error: unknown, tried: number): Promise<void> {
    const askedMs = retryAfterMs(error, this.#clock.nowMs());
    const delayMs = askedMs ?? Math.min(maxDelayMs, firstDelayMs * 2 ** (tried - 1));
    if (restFailure(error).status === 429) {
      this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#clock.nowMs() + delayMs);
    }
    await this.#sleep(subject, delayMs);
  }

  async #sleep(subject: string, ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#signal).catch((error: unknown) => {
      if (!this.#signal.aborted) throw error;
      throw new VaultFailure(`Interrupted while ${this.#url.host} had asked to wait with ${subject}.`, true);
    });
  }
}

/** A request to the vault that failed for good. Its message has neither a password nor the vault's own words. */
export class VaultFailure extends Error {
  /** True where every other request would fail as this one: it is of no use to go on. */
  readonly isGeneral: boolean;

  constructor(message: string, isGeneral: boolean) {
    super(message);
    this.isGeneral = isGeneral;
  }
}

/** A refused connection or an unknown host will not pass within seconds. */
const lastingCodes = ['ENOTFOUND', 'ECONNREFUSED'];

function mayPass(error: unknown): boolean {
  if (error instanceof IdentityError) return error.reason === 'unavailable';
  const { status, code } = restFailure(error);
  if (status !== undefined) return status >= 500 || status === 429 || status === 408;
  const isWithoutResponse = isRestError(error) || (error instanceof Error && error.name === 'AbortError');
  return isWithoutResponse && !lastingCodes.includes(code);
}

/** Reads `Retry-After`, in seconds or as a date. */
export function retryAfterMs(error: unknown, nowMs: number): number | undefined {
  const text = isRestError(error) ? error.response?.headers.get('retry-after')?.trim() : undefined;
  if (text === undefined || text === '') return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function vaultFailure(subject: string, host: string, error: unknown): VaultFailure {
  const { status, code, message } = restFailure(error);
  if (code === 'ObjectIsDeletedButRecoverable' || (status === 409 && code === 'Conflict')) {
    return new VaultFailure(
      `The secret ${subject} was deleted and still holds its name. Recover it; then import a file with this user alone, with --replace, where the password is to be the new one: az keyvault secret recover --id https://${host}/deletedsecrets/${subject}`,
      false,
    );
  }
  if (status === 403 && (code === 'ForbiddenByRbac' || code === 'AccessDenied' || code === 'Forbidden')) {
    return new VaultFailure(
      `The vault ${host} does not let you list or write secrets (403 ${code}). Get the role Key Vault Secrets Officer on the vault; a new role takes some minutes.`,
      true,
    );
  }
  if (tlsProblemOf(code, message) === 'issuer') {
    return new VaultFailure(
      `The certificate of the vault ${host} is not trusted (${code}). For the local vault give --settings FILE, the file that \`npm start -- --settings FILE\` writes; where your network inspects connections, name its certificate in NODE_EXTRA_CA_CERTS.`,
      true,
    );
  }
  const told = vaultError(subject, host, error);
  const remedy = 'remedy' in told && typeof told.remedy === 'string' ? ` ${told.remedy}` : '';
  const isGeneral = status === undefined || status === 401 || status === 403;
  return new VaultFailure(`${told.message}${remedy}`, isGeneral);
}
