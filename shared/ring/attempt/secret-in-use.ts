import type { SipUri } from '../../ucwa/uri.ts';
import { type Credential, CredentialRejectedError, type CredentialStore } from '../ports/credential-store.ts';

/** Whose secret it is, and what ends the reading of it. */
export interface SecretOptions {
  readonly user: SipUri;
  readonly signal: AbortSignal;
  /** The version of the secret that UCWA refused before. */
  readonly refusedVersion: string | undefined;
}

/** The secret that signs in, with the version that must not be sent. */
export class SecretInUse {
  readonly #credentials: CredentialStore;
  readonly #options: SecretOptions;
  readonly #readingAhead = new AbortController();
  #ahead: Promise<Credential> | undefined;
  #fresh: Credential | undefined;
  #sent: string | undefined;
  #refusedNow: string | undefined;

  constructor(credentials: CredentialStore, options: SecretOptions) {
    this.#credentials = credentials;
    this.#options = options;
  }

  /** A version that was refused while this secret was in use. */
  get refusedNow(): string | undefined {
    return this.#refusedNow;
  }

  /** Asks for the secret while this user waits for a place; what comes of it, failures too, is for the first to read. */
  readAhead(): void {
    this.#ahead = this.#ask(AbortSignal.any([this.#options.signal, this.#readingAhead.signal]));
    this.#ahead.catch(() => {});
  }

  /** Ends the reading ahead where nobody asked for what it brings. */
  forgetAhead(): void {
    this.#readingAhead.abort();
  }

  /** Throws {@link CredentialRejectedError} for a version that was refused, or as the vault does. */
  async read(): Promise<Credential> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const credential = this.#fresh ?? (await (ahead ?? this.#ask(this.#options.signal)));
    if (credential.version === this.#refused) {
      throw new CredentialRejectedError(
        'UCWA refused this version of the secret before, so it is not sent again.',
        credential.version,
      );
    }
    this.#sent = credential.version;
    return credential;
  }

  /** The version that was read last is not sent again. */
  refuse(): void {
    this.#refusedNow = this.#sent;
    this.#fresh = undefined;
  }

  /** Asks the vault past the cache whether there is another version than the refused one. Throws as the vault does. */
  async hasChanged(): Promise<boolean> {
    const { user, signal } = this.#options;
    this.#fresh = await this.#credentials.read(user, { fresh: true, signal });
    return this.#fresh.version !== this.#refused;
  }

  get #refused(): string | undefined {
    return this.#refusedNow ?? this.#options.refusedVersion;
  }

  /**
   * Where a version was refused before, the cache is passed by: it may hold one that was refused even earlier, by way of
   * another instance.
   */
  #ask(signal: AbortSignal): Promise<Credential> {
    const { user } = this.#options;
    return this.#credentials.read(user, { fresh: this.#refused !== undefined, signal });
  }
}
