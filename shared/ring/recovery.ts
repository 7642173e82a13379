import {
  ConnectionError,
  IdentityMismatchError,
  LinkMissingError,
  PasswordRefusedError,
  RedirectLoopError,
  RequestTimeoutError,
  SignInUnsupportedError,
  UcwaResponseError,
  UnexpectedContentError,
  UntrustedHostError,
} from '../ucwa/errors.ts';
import { code, subcode, tokenError } from '../ucwa/vocabulary.ts';
import {
  CredentialInvalidError,
  CredentialMissingError,
  CredentialRejectedError,
  VaultRefusedError,
  VaultUnavailableError,
} from './credentials.ts';
import type { FailureCode } from './failure-code.ts';
import { NotEffectiveError } from './not-effective.ts';

/** What can be done about a failure, from the least to the most. */
export type RecoveryStep =
  | 'retry'
  | 'retry-on-new-connection'
  | 'fresh-application'
  | 'fresh-token'
  | 'reread-secret'
  | 'rediscover';

/** The next step, or how it ends: tried again from the queue, or refused for good. */
export type Decision = RecoveryStep | 'defer' | 'fail';

/** A kind of failure: how it is known, what is done about it in turn, and what it is called when it stays. */
export interface Failure {
  readonly name: string;
  readonly is: (error: unknown) => boolean;
  readonly steps: readonly [...RecoveryStep[], 'defer' | 'fail'];
  readonly code: FailureCode;
}

const row = (
  name: string,
  is: (error: unknown) => boolean,
  steps: Failure['steps'],
  failureCode: FailureCode,
): Failure => ({ name, is, steps, code: failureCode });

type ResponseTest = (error: UcwaResponseError) => boolean;
const answer = (test: ResponseTest) => (error: unknown) => error instanceof UcwaResponseError && test(error);
const status = (...statuses: readonly number[]) => answer((error) => statuses.includes(error.status));
const said = (test: { status: number; subcode?: string; code?: string }) =>
  answer(
    (error) =>
      error.status === test.status &&
      (test.subcode === undefined || error.subcode === test.subcode || error.code === test.subcode) &&
      (test.code === undefined || error.code === test.code),
  );
const any =
  (...tests: readonly ((error: unknown) => boolean)[]) =>
  (error: unknown) =>
    tests.some((test) => test(error));
const instance =
  (...types: readonly (abstract new (...parameters: never) => Error)[]) =>
  (error: unknown) =>
    types.some((type) => error instanceof type);

const ticketInvalid = answer((error) => error.status === 500 && !error.fromUcwa);
const invalidTokenSign = answer(
  (error) =>
    error.status === 403 &&
    (error.hasChallenge || /^28020\b/.test(error.diagnosis['x-ms-diagnostics'] ?? '')),
);

/**
 * The decision table: the first row that knows a failure decides. Subcodes that no row names count as their status.
 * https://learn.microsoft.com/skype-sdk/ucwa/genericsynchronouserrors
 */
export const failures: readonly Failure[] = [
  // UCWA's own failure, and what becomes of applications
  row(
    'callback-channel',
    said({ status: 500, subcode: subcode.callbackChannelError }),
    ['retry', 'fresh-application', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ),
  row(
    'application-gone',
    any(
      said({ status: 404, subcode: subcode.applicationNotFound }),
      said({ status: 410, subcode: subcode.inactiveApplicationExpired }),
      said({ status: 410, subcode: subcode.tooManyApplications }),
    ),
    ['fresh-application', 'defer'],
    'ucwa-unavailable',
  ),
  // who we are
  row(
    'token-refused',
    any(status(401), invalidTokenSign),
    ['fresh-token', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ),
  row('password-refused', instance(PasswordRefusedError), ['reread-secret', 'fail'], 'credential-rejected'),
  row(
    'password-refused-before',
    instance(CredentialRejectedError),
    ['reread-secret', 'fail'],
    'credential-rejected',
  ),
  row('sign-in-unsupported', instance(SignInUnsupportedError), ['fail'], 'sign-in-unsupported'),
  row(
    'token-server-error',
    said({ status: 400, code: tokenError.serverError }),
    ['retry', 'retry', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ),
  row('ticket-of-another-pool', ticketInvalid, ['rediscover', 'defer'], 'ucwa-unavailable'),
  row('identity-mismatch', instance(IdentityMismatchError), ['fail'], 'identity-mismatch'),
  // what this user may
  row(
    'no-delegates-or-team',
    any(
      ...[403, 409].flatMap((refused) => [
        said({ status: refused, subcode: subcode.noDelegatesConfigured }),
        said({ status: refused, subcode: subcode.noTeamMembersConfigured }),
      ]),
    ),
    ['fail'],
    'ucwa-rejected',
  ),
  row(
    'client-type-refused',
    answer((error) => error.status === 403 && error.fromUcwa && error.step === 'application'),
    ['fail'],
    'ucwa-rejected',
  ),
  row(
    'forbidden',
    answer((error) => error.status === 403 && error.fromUcwa),
    ['rediscover', 'fail'],
    'user-not-enabled',
  ),
  row('link-absent', instance(LinkMissingError), ['fail'], 'user-not-enabled'),
  row('forbidden-by-a-proxy', status(403), ['rediscover', 'defer'], 'ucwa-unavailable'),
  // servers and the way to them
  row(
    'front-end-down',
    any(status(502), (error) => error instanceof ConnectionError && !error.sent),
    ['retry-on-new-connection', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ),
  row('busy', status(429, 503), ['retry-on-new-connection', 'retry', 'retry', 'defer'], 'ucwa-unavailable'),
  row(
    'already-exists',
    said({ status: 409, subcode: subcode.alreadyExists }),
    ['retry', 'retry', 'fail'],
    'ucwa-rejected',
  ),
  row(
    'client-type-gone',
    said({ status: 410, subcode: subcode.userAgentNotAllowed }),
    ['fail'],
    'ucwa-rejected',
  ),
  row('gone', status(410), ['rediscover', 'defer'], 'ucwa-unavailable'),
  row('changed-meanwhile', status(412, 428), ['retry', 'defer'], 'ucwa-unavailable'),
  row(
    'exchange-version',
    said({ status: 500, subcode: subcode.invalidExchangeServerVersion }),
    ['fail'],
    'ucwa-rejected',
  ),
  row(
    'refused-for-good',
    answer((error) => error.status >= 400 && error.status < 500 && error.status !== 408 && error.fromUcwa),
    ['fail'],
    'ucwa-rejected',
  ),
  row(
    'server-failed',
    answer((error) => error.status >= 500 || error.status === 408),
    ['retry', 'retry', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ),
  row(
    'no-answer',
    instance(RequestTimeoutError, ConnectionError, UnexpectedContentError),
    ['retry', 'retry', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ),
  row('redirect-loop', instance(RedirectLoopError), ['rediscover', 'defer'], 'ucwa-unavailable'),
  row(
    'other-answer',
    answer(() => true),
    ['rediscover', 'fail'],
    'ucwa-rejected',
  ),
  row('untrusted-host', instance(UntrustedHostError), ['defer'], 'misconfigured'),
  row('not-effective', instance(NotEffectiveError), ['fail'], 'not-effective'),
  // the vault
  row('vault-unavailable', instance(VaultUnavailableError), ['retry', 'retry', 'defer'], 'vault-unavailable'),
  row('vault-refused', instance(VaultRefusedError), ['retry', 'retry', 'defer'], 'misconfigured'),
  row('credential-missing', instance(CredentialMissingError), ['fail'], 'credential-missing'),
  row('credential-invalid', instance(CredentialInvalidError), ['fail'], 'credential-invalid'),
];

/** The row that knows an error; undefined for one that is no failure of UCWA or the vault, but a defect or an abort. */
export function classify(error: unknown): Failure | undefined {
  return failures.find((failure) => failure.is(error));
}

/** What is done next about a failure of which `seen` were met before in this attempt. */
export function decide(failure: Failure, seen: number): Decision {
  return failure.steps[Math.min(seen, failure.steps.length - 1)] ?? 'defer';
}

export function isServiceFailure(error: UcwaResponseError): boolean {
  return error.code === code.serviceFailure;
}
