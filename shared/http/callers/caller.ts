/** A caller that the tenant identified. With function keys nobody is. */
export interface Caller {
  readonly kind: 'app' | 'person';
  /** The object id of a person, the application id of an application. It stands as `by` in what is recorded. */
  readonly id: string;
  readonly roles: readonly string[];
  /** Present where a person acts by the delegated scope alone, for their own address. */
  readonly self?: SelfAccess;
}

/** The right of a person to act for their own address. */
export interface SelfAccess {
  /** In lower case, without `sip:`. */
  readonly address: string;
  /** The token that the person called with, for a token of the pool on their behalf. It must not be stored or logged. */
  readonly assertion: string;
}
