import type { PasswordCredential } from '../../ucwa/sign-in/token.ts';
import type { SipUri } from '../../ucwa/uri.ts';

/**
 * A user's credential, and the version of the secret that holds it. The version must change whenever the secret is set,
 * to the same value too: a version that UCWA refused is never sent again.
 */
export interface Credential extends PasswordCredential {
  readonly version: string;
  /** The name of the secret, by which an operator finds it. */
  readonly name: string;
}

/** Where credentials are kept. */
export interface CredentialStore {
  /**
   * Reads a user's credential; `fresh` bypasses the cache. Throws {@link CredentialMissingError},
   * {@link CredentialInvalidError}, {@link VaultRefusedError}, {@link VaultUnavailableError} or the signal's reason. Where
   * the signal aborts while the store works, a VaultUnavailableError may tell what had not answered.
   */
  read(user: SipUri, options: { fresh: boolean; signal: AbortSignal }): Promise<Credential>;
}

interface CredentialErrorOptions extends ErrorOptions {
  readonly remedy?: string | undefined;
}

abstract class CredentialError extends Error {
  /** What to do about it, in whole sentences; undefined where its kind alone tells. */
  readonly remedy: string | undefined;

  constructor(message: string, { remedy, ...options }: CredentialErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.remedy = remedy;
  }
}

/** Returns what the store says to do about a failure of its own; undefined for any other error. */
export function remedyOf(error: unknown): string | undefined {
  return error instanceof CredentialError ? error.remedy : undefined;
}

/** The vault has no secret for the user. */
export class CredentialMissingError extends CredentialError {}

/** The secret is disabled, or is not the JSON that is expected. */
export class CredentialInvalidError extends CredentialError {}

/** UCWA refused this version of the secret before, so it is not sent again. */
export class CredentialRejectedError extends CredentialError {
  readonly version: string;

  constructor(message: string, version: string) {
    super(message);
    this.version = version;
  }
}

/** Only an operator can make the vault readable: the identity got no token, or the vault refuses it. */
export class VaultRefusedError extends CredentialError {}

/** The vault, or the identity endpoint before it, did not answer or asked to wait. */
export class VaultUnavailableError extends CredentialError {}
