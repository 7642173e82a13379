import { UcwaError, UcwaResponseError } from '../../ucwa/errors.ts';
import type { FailureCode } from '../model/failure-code.ts';
import type { UcwaWords } from '../model/outcome.ts';
import { type Failure, type FailureName, outOfTime } from './decision-table.ts';

/** A failure as callers are told: a stable code, a sentence, and what UCWA said. */
export interface Explanation {
  readonly code: FailureCode;
  readonly detail: string;
  readonly ucwa?: UcwaWords;
}

/** What can be done, by what a failure is called where its code does not tell. */
const advice: Readonly<Partial<Record<FailureCode | FailureName, string>>> = {
  'user-not-enabled':
    'Enable Enterprise Voice for this user and allow simultaneous ring in the voice policy, then try again.',
  'credential-missing': "Put the user's credential into Key Vault, then try again.",
  'credential-invalid': 'Enable the secret, or set it again as {"username": "…", "password": "…"}.',
  'credential-rejected':
    'Set the secret again with the right password; once the account is unlocked, setting it to the same value is enough.',
  'sign-in-unsupported':
    'Let the pool accept passwords (the grant type password); the password was not judged.',
  'identity-mismatch': "Look at the user name in this user's secret: it signs in as somebody else.",
  'ucwa-unavailable': 'The server failed or could not be reached; later it may answer.',
  'vault-unavailable': 'Key Vault could not be reached; later it may answer.',
  'untrusted-host': 'If the host is one of yours, add it, or its domain, to UCWA_TRUSTED_HOSTS.',
  'vault-refused': 'Give the identity of this app the role Key Vault Secrets User on the vault.',
};

/** Says what happened and what can be done. Nothing of a body, a token or a number is in it. */
export function explain(failure: Failure, error: unknown): Explanation {
  const { code, name } = failure;
  const sentences = [happened(failure, error), advice[name] ?? advice[code]];
  return {
    code,
    detail: sentences.filter((sentence) => sentence !== undefined).join(' '),
    ...(error instanceof UcwaResponseError ? { ucwa: ucwaWords(error) } : {}),
  };
}

function happened(failure: Failure, error: unknown): string | undefined {
  if (failure === outOfTime) return 'The time for this attempt was over.';
  return error instanceof Error ? error.message : undefined;
}

/** The host that failed, for logs and alerts; undefined where no server was involved. */
export function failedHost(error: unknown): string | undefined {
  return error instanceof UcwaError ? error.host : undefined;
}

function ucwaWords(error: UcwaResponseError): UcwaWords {
  return {
    status: error.status,
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(error.subcode === undefined ? {} : { subcode: error.subcode }),
    ...(Object.keys(error.diagnosis).length === 0 ? {} : { diagnosis: error.diagnosis }),
  };
}
