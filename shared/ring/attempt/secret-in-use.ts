import type { SipUri } from '../../ucwa/uri.ts';
import { type Credential, CredentialRejectedError, type CredentialStore } from '../ports/credential-store.ts';

export interface SecretOptions {
  readonly user: SipUri;
  readonly signal: AbortSignal;
  /** The version of the secret that UCWA refused before. */
  readonly refusedVersion: string | undefined;
}

/** The secret that one attempt signs in with. Never returns a version that UCWA refused. */
export class SecretInUse {
  readonly #credentials: CredentialStore;
  readonly #options: SecretOptions;
  readonly #prefetching = new AbortController();
  #prefetched: Promise<Credential> | undefined;
  #fresh: Credential | undefined;
  #lastRead: string | undefined;
  #refusedNow: string | undefined;

  constructor(credentials: CredentialStore, options: SecretOptions) {
    this.#credentials = credentials;
    this.#options = options;
  }

  /** The version that was refused during this attempt. */
  get refusedNow(): string | undefined {
    return this.#refusedNow;
  }

  /** Starts reading while the user waits for a slot. The first {@link read} returns, or throws, what comes of it. */
  prefetch(): void {
    this.#prefetched = this.#ask(AbortSignal.any([this.#options.signal, this.#prefetching.signal]));
    this.#prefetched.catch(() => {});
  }

  /** Aborts a prefetch that nothing has read. */
  cancelPrefetch(): void {
    this.#prefetching.abort();
  }

  /** Throws {@link CredentialRejectedError} for a version that was refused, and what the store throws. */
  async read(): Promise<Credential> {
    const prefetched = this.#prefetched;
    this.#prefetched = undefined;
    const credential = this.#fresh ?? (await (prefetched ?? this.#ask(this.#options.signal)));
    if (credential.version === this.#refused) {
      throw new CredentialRejectedError(
        'UCWA refused this version of the secret before, so it was not sent again.',
        credential.version,
      );
    }
    this.#lastRead = credential.version;
    return credential;
  }

  /** Records that UCWA refused the version that was read last. */
  refuse(): void {
    this.#refusedNow = this.#lastRead;
    this.#fresh = undefined;
  }

  /** Reads past the cache. Returns true where the version is not the refused one. Throws what the store throws. */
  async hasChanged(): Promise<boolean> {
    const { user, signal } = this.#options;
    this.#fresh = await this.#credentials.read(user, { fresh: true, signal });
    return this.#fresh.version !== this.#refused;
  }

  get #refused(): string | undefined {
    return this.#refusedNow ?? this.#options.refusedVersion;
  }

  /** Bypasses the cache after a refusal: another instance may have learnt of it, and the cache may hold an older version. */
  #ask(signal: AbortSignal): Promise<Credential> {
    const { user } = this.#options;
    return this.#credentials.read(user, { fresh: this.#refused !== undefined, signal });
  }
}
