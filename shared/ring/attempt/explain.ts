import { PasswordRefusedError, UcwaError, UcwaResponseError } from '../../ucwa/errors.ts';
import type { FailureCode } from '../model/failure-code.ts';
import type { UcwaWords } from '../model/outcome.ts';
import { CredentialInvalidError } from '../ports/credential-store.ts';
import { type Failure, type FailureName, outOfTime } from './decision-table.ts';

/** A failure in the words of an outcome: a stable code, what happened and what to do, and UCWA's own words. */
export interface Explanation {
  readonly code: FailureCode;
  readonly detail: string;
  readonly ucwa?: UcwaWords;
}

/**
 * What to do, by the name of the failure or else by its code. Where only time can help there is none: whether a request
 * is tried again is not known here.
 */
const advice: Readonly<Partial<Record<FailureCode | FailureName, string>>> = {
  'user-not-enabled':
    'Enable Enterprise Voice for this user and allow simultaneous ring in the voice policy, then try again.',
  'nobody-configured': 'Set up delegates or a team for this user first, then try again.',
  'ucwa-rejected':
    'Trying again alone does not help: look up this status and subcode in the reference of UCWA, and correct the cause.',
  'not-effective':
    'Find out what else changes this setting, such as a policy or another program, then try again.',
  'credential-missing':
    "Check the user's address first. If it is right, put the user's credential into Key Vault under that name, then try again.",
  'credential-rejected':
    'Set the secret again with the right password; once the account is unlocked, setting the same value is enough.',
  'user-not-found':
    'Check the address: the user is not enabled for Skype for Business Server, was renamed, or is homed online.',
  'sign-in-unsupported': 'Allow the password grant on the pool; the password was not judged.',
  'identity-mismatch': "Correct the user name in this user's secret: it signs in as another user.",
  'untrusted-host': 'If the host is one of yours, add it, or its domain, to UCWA_TRUSTED_HOSTS.',
  'vault-refused': "Give this app's identity the role Key Vault Secrets User on the vault.",
};

/** Explains a failure. The text contains no body, token or phone number. */
export function explain(failure: Failure, error: unknown): Explanation {
  const { code, name } = failure;
  const sentences = [describe(failure, error), adviceFor(error) ?? advice[name] ?? advice[code]];
  return {
    code,
    detail: sentences.filter((sentence) => sentence !== undefined).join(' '),
    ...ucwaWordsOf(error),
  };
}

/** What to do about a refused password, by the reason that the server gave for it. */
const refusalAdvice: readonly (readonly [reason: RegExp, advice: string])[] = [
  [/disabled/i, 'Enable the account, then set the secret again; the same value is enough.'],
  [/lock(?:ed|out)/i, 'Unlock the account, then set the secret again; the same value is enough.'],
  [/expired/i, "Change the account's password, then set the secret to the new one."],
];

/** What to do about a secret that cannot be used. */
const secretAdvice = {
  disabled: 'Enable the secret, or set it again.',
  malformed: 'Set it again in this form, with the backslash of the user name doubled.',
} as const;

function adviceFor(error: unknown): string | undefined {
  if (error instanceof CredentialInvalidError) return secretAdvice[error.reason];
  if (!(error instanceof PasswordRefusedError)) return undefined;
  const reason = error.diagnosis['x-ms-diagnostics'] ?? '';
  return refusalAdvice.find(([pattern]) => pattern.test(reason))?.[1];
}

function describe(failure: Failure, error: unknown): string | undefined {
  if (failure === outOfTime) return 'The time for this attempt ran out.';
  return error instanceof Error ? error.message : undefined;
}

/** Returns the host that failed, for logs and alerts; undefined where no server was involved. */
export function failedHost(error: unknown): string | undefined {
  return error instanceof UcwaError ? error.host : undefined;
}

function ucwaWordsOf(error: unknown): { ucwa?: UcwaWords } {
  if (error instanceof UcwaResponseError) return { ucwa: ucwaWords(error) };
  if (!(error instanceof PasswordRefusedError)) return {};
  const { status, diagnosis } = error;
  return { ucwa: { status, ...(Object.keys(diagnosis).length === 0 ? {} : { diagnosis }) } };
}

function ucwaWords(error: UcwaResponseError): UcwaWords {
  return {
    status: error.status,
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(error.subcode === undefined ? {} : { subcode: error.subcode }),
    ...(Object.keys(error.diagnosis).length === 0 ? {} : { diagnosis: error.diagnosis }),
  };
}
