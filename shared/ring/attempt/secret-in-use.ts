import type { Clock } from '../../runtime/clock.ts';
import type { PasswordSource } from '../../ucwa/sign-in/token.ts';
import type { SipUri } from '../../ucwa/uri.ts';
import { type Credential, CredentialRejectedError, type CredentialStore } from '../ports/credential-store.ts';
import type { UnjudgedSignIns } from '../ports/user-store.ts';
import { SignInPausedError, signInPausedUntilMs, withSignIn } from './sign-in-limit.ts';

/** What earlier attempts recorded of a user's sign-ins. */
export interface SignInHistory {
  /** The version of the secret that UCWA refused before. */
  readonly refusedVersion: string | undefined;
  readonly signIns: UnjudgedSignIns | undefined;
}

export interface SecretOptions extends SignInHistory {
  readonly user: SipUri;
  /** Records the history while the attempt goes on. Throws where that fails. */
  readonly record: (history: SignInHistory) => Promise<void>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * The secret that one attempt signs in with. Never returns a version that UCWA refused, nor any while too many sign-ins
 * got no verdict.
 */
export class SecretInUse implements PasswordSource {
  readonly #credentials: CredentialStore;
  readonly #options: SecretOptions;
  readonly #prefetching = new AbortController();
  #prefetched: Promise<Credential> | undefined;
  #fresh: Credential | undefined;
  #lastRead: string | undefined;
  #refusedNow: string | undefined;
  #signIns: UnjudgedSignIns | undefined;
  #isUnrecorded = false;
  #readings = 0;

  constructor(credentials: CredentialStore, options: SecretOptions) {
    this.#credentials = credentials;
    this.#options = options;
    this.#signIns = options.signIns;
  }

  /** What is to be recorded of the sign-ins, those of earlier attempts included. */
  get history(): SignInHistory {
    return { refusedVersion: this.#refused, signIns: this.#signIns };
  }

  /** True while the store has not returned the secret that was asked for. */
  get isReading(): boolean {
    return this.#readings > 0;
  }

  /** Starts reading while the user waits for a slot. The first {@link read} returns, or throws, what comes of it. */
  prefetch(): void {
    this.#prefetched = this.#ask(AbortSignal.any([this.#options.signal, this.#prefetching.signal]));
    this.#prefetched.catch(() => {});
  }

  /** Aborts a prefetch that nothing has read. */
  cancelPrefetch(): void {
    if (this.#prefetched !== undefined) this.#prefetching.abort();
  }

  /**
   * Throws {@link SignInPausedError} while sign-ins are paused and the secret is no new version, and what the store
   * throws. Called before anything is sent, since a user whose sign-ins are paused sends nothing at all.
   */
  async requireSignInAllowed(): Promise<void> {
    if (this.#pausedUntilMs === undefined) return;
    this.#fresh = await this.read();
  }

  /**
   * Throws {@link CredentialRejectedError} for a version that was refused, {@link SignInPausedError} while sign-ins are
   * paused, and what the store throws.
   */
  async read(): Promise<Credential> {
    const prefetched = this.#prefetched;
    this.#prefetched = undefined;
    const credential = this.#fresh ?? (await (prefetched ?? this.#ask(this.#options.signal)));
    if (credential.version === this.#refused) {
      throw new CredentialRejectedError(
        `UCWA refused this version of the secret ${credential.name} before, so it was not sent again.`,
        credential.version,
      );
    }
    const { version: unjudgedVersion = credential.version } = this.#signIns ?? {};
    if (unjudgedVersion !== credential.version) this.#signIns = undefined;
    const untilMs = this.#pausedUntilMs;
    if (untilMs !== undefined) throw new SignInPausedError(untilMs, this.#signIns?.host);
    await this.#recordEarlierSend();
    this.#lastRead = credential.version;
    return credential;
  }

  /** Counts the password as sent without a verdict, until {@link onVerdict}. */
  onSent(host: string): void {
    const { clock } = this.#options;
    const counted = { ...withSignIn(this.#signIns, clock.nowMs()), host };
    this.#signIns = this.#lastRead === undefined ? counted : { ...counted, version: this.#lastRead };
    this.#isUnrecorded = true;
  }

  /** Forgets all sign-ins without a verdict: this one shows that the account is not locked, or that it was refused. */
  onVerdict(): void {
    this.#signIns = undefined;
    this.#isUnrecorded = false;
  }

  /**
   * Notes that UCWA refused the version that was read last, and records it at once: an instance that is killed before its
   * attempt ends must not make another send it again. Where recording fails, the end of the attempt records it and tells.
   */
  async refuse(): Promise<void> {
    this.#refusedNow = this.#lastRead;
    this.#fresh = undefined;
    await this.#options.record(this.history).catch(() => {});
  }

  /**
   * Reads past the cache. Returns true where the version is neither the refused one nor the one that this attempt signed in
   * with. Throws what the store throws.
   */
  async hasChanged(): Promise<boolean> {
    this.#fresh = await this.#readFrom(true, this.#options.signal);
    const { version } = this.#fresh;
    return version !== this.#refused && version !== this.#lastRead;
  }

  /** A claim that expires counts as one sign-in without a verdict, so an attempt that sends again records the one before. */
  async #recordEarlierSend(): Promise<void> {
    if (!this.#isUnrecorded) return;
    await this.#options.record(this.history);
    this.#isUnrecorded = false;
  }

  get #refused(): string | undefined {
    return this.#refusedNow ?? this.#options.refusedVersion;
  }

  get #pausedUntilMs(): number | undefined {
    return this.#signIns === undefined
      ? undefined
      : signInPausedUntilMs(this.#signIns, this.#options.clock.nowMs());
  }

  /**
   * Bypasses the cache after a refusal or a sign-in without a verdict: there may be a new version, and another instance
   * may have learnt of a refusal while the cache holds an older version.
   */
  #ask(signal: AbortSignal): Promise<Credential> {
    const fresh = this.#refused !== undefined || this.#signIns !== undefined;
    return this.#readFrom(fresh, signal);
  }

  /** A reading that its signal ended still counts: what ran out of time was waiting for it. */
  async #readFrom(fresh: boolean, signal: AbortSignal): Promise<Credential> {
    this.#readings += 1;
    try {
      return await this.#credentials.read(this.#options.user, { fresh, signal });
    } finally {
      if (!signal.aborted) this.#readings -= 1;
    }
  }
}
