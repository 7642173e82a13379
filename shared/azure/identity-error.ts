/**
 * The app's identity got no token: its token was refused, there is no identity here, or what issues tokens failed, which may
 * pass by itself.
 */
export class IdentityError extends Error {
  readonly reason: 'refused' | 'absent' | 'unavailable';
  /** What to do about it, in whole sentences. */
  readonly remedy: string;

  constructor(message: string, reason: IdentityError['reason'], remedy: string) {
    super(message);
    this.name = 'IdentityError';
    this.reason = reason;
    this.remedy = remedy;
  }
}
