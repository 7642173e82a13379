/** The stable codes of problems over HTTP and of outcomes that did not succeed. */
export const failureCodes = [
  'invalid-request',
  'target-not-allowed',
  'batch-not-found',
  'batch-exists',
  'batch-finished',
  'batch-not-finished',
  'superseded',
  'too-large',
  'user-not-enabled',
  'user-not-found',
  'ucwa-rejected',
  'not-effective',
  'previous-unknown',
  'credential-missing',
  'credential-invalid',
  'credential-rejected',
  'identity-mismatch',
  'sign-in-unsupported',
  'misconfigured',
  'busy',
  'interrupted',
  'ucwa-unavailable',
  'vault-unavailable',
  'storage-unavailable',
] as const;

export type FailureCode = (typeof failureCodes)[number];
