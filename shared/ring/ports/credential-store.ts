import type { PasswordCredential } from '../../ucwa/sign-in/token.ts';
import type { SipUri } from '../../ucwa/uri.ts';

/**
 * A user's credential, and the version of the secret that holds it. The version must change whenever the secret is set,
 * to the same value too: a version that UCWA refused is never sent again.
 */
export interface Credential extends PasswordCredential {
  readonly version: string;
}

/** Where credentials are kept. */
export interface CredentialStore {
  /**
   * Reads a user's credential; `fresh` bypasses the cache. Throws {@link CredentialMissingError},
   * {@link CredentialInvalidError}, {@link VaultRefusedError}, {@link VaultUnavailableError} or the signal's reason.
   */
  read(user: SipUri, options: { fresh: boolean; signal: AbortSignal }): Promise<Credential>;
}

abstract class CredentialError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The vault has no secret for the user. */
export class CredentialMissingError extends CredentialError {}

/** The secret is disabled, or is not the JSON that is expected. */
export class CredentialInvalidError extends CredentialError {
  readonly reason: 'disabled' | 'malformed';

  constructor(message: string, reason: 'disabled' | 'malformed', options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** UCWA refused this version of the secret before, so it is not sent again. */
export class CredentialRejectedError extends CredentialError {
  readonly version: string;

  constructor(message: string, version: string) {
    super(message);
    this.version = version;
  }
}

/** The vault does not let this app's identity read secrets. */
export class VaultRefusedError extends CredentialError {}

/** The vault, or the identity endpoint before it, did not answer or asked to wait. */
export class VaultUnavailableError extends CredentialError {}
