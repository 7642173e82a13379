import { UcwaError } from '../errors.ts';
import type { Token } from './token.ts';

/**
 * Obtains tokens for pools on behalf of the person who calls, in place of a password. Such a token is for one host, and lives as
 * long as the session at most.
 */
export interface OnBehalfOf {
  /**
   * Returns a token for a host that challenged, with the scope `User.ReadWrite`. Throws {@link DelegationRefusedError},
   * {@link DelegationMisconfiguredError}, {@link DelegationUnavailableError} or the signal's reason.
   */
  getToken(host: string, signal: AbortSignal): Promise<Token>;
}

/** The tenant gives no token for this person, who has to sign in again or is not allowed to. */
export class DelegationRefusedError extends UcwaError {
  constructor(host: string, reason: string) {
    super('token', host, (shown) => `Entra gave no token for ${shown} on behalf of the caller (${reason}).`);
  }
}

/** The tenant gives a token to nobody: consent, the federated credential or the pool's resource is missing. */
export class DelegationMisconfiguredError extends UcwaError {
  constructor(host: string, reason: string) {
    super('token', host, (shown) => `Entra gives no token for ${shown} on behalf of anybody (${reason}).`);
  }
}

/** The tenant, or the identity of this app, did not answer. It may pass. */
export class DelegationUnavailableError extends UcwaError {
  constructor(host: string, reason: string, options?: ErrorOptions) {
    super(
      'token',
      host,
      (shown) => `Entra could not be asked for a token for ${shown} on behalf of the caller (${reason}).`,
      options,
    );
  }
}
