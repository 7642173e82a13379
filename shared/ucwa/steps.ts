/** The steps of our work on UCWA, in the order of a first request: the names that errors, logs and counts use. */
export type Step =
  | 'discovery'
  | 'challenge'
  | 'token'
  | 'home-pool'
  | 'application'
  | 'read'
  | 'write'
  | 'read-back'
  | 'contact'
  | 'clean-up';
