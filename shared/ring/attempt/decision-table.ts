import {
  ConnectionError,
  FrontAnswerError,
  IdentityMismatchError,
  LinkMissingError,
  PasswordRefusedError,
  PoolPausedError,
  RedirectLoopError,
  RequestTimeoutError,
  SignInUnjudgedError,
  SignInUnsupportedError,
  UcwaError,
  UcwaResponseError,
  UnexpectedContentError,
  UserUnknownError,
} from '../../ucwa/errors.ts';
import { decisiveError } from '../../ucwa/sign-in/discovery-error.ts';
import {
  DelegationMisconfiguredError,
  DelegationRefusedError,
  DelegationUnavailableError,
} from '../../ucwa/sign-in/on-behalf-of.ts';
import type { Step } from '../../ucwa/steps.ts';
import { TlsError } from '../../ucwa/transport/tls-error.ts';
import { UntrustedHostError } from '../../ucwa/transport/untrusted-host-error.ts';
import { subcode } from '../../ucwa/vocabulary.ts';
import type { FailureCode } from '../model/failure-code.ts';
import type { Disposition, RecoveryStep } from '../model/outcome.ts';
import {
  CredentialInvalidError,
  CredentialMissingError,
  CredentialRejectedError,
  VaultRefusedError,
  VaultUnavailableError,
} from '../ports/credential-store.ts';
import { NotEffectiveError } from './not-effective.ts';
import { SignInPausedError } from './sign-in-limit.ts';

/** What to do next about a failure. */
export type Decision = RecoveryStep | 'retry-on-new-connection' | Disposition;

/** A step of a row: a decision, or one that depends on where the route to the pool came from. */
type Remedy = Exclude<Decision, Disposition> | 'rediscover-if-cached';

type Test = (error: unknown) => boolean;

interface Row<Name extends string> {
  readonly name: Name;
  readonly is: Test;
  readonly steps: readonly [...Remedy[], Disposition];
  readonly code: FailureCode;
  /** True where an attempt that ends so counts towards BULK_MAX_ATTEMPTS, provided that it reached UCWA. */
  readonly countsAsAttempt: boolean;
  /** True where only an operator can correct it: refused at once for a caller who waits, instead of deferred. */
  readonly requiresOperator: boolean;
}

/** The name of a kind of failure, as logs have it. */
export type FailureName =
  | (typeof failures)[number]['name']
  | 'out-of-time'
  | 'interrupted'
  | 'not-begun'
  | 'no-slot';

/** A kind of failure: how it is recognised, the steps against it in turn, and its code if it persists. */
export type Failure = Row<FailureName>;

const row = <const Name extends string>(
  name: Name,
  is: Test,
  steps: Row<Name>['steps'],
  code: FailureCode,
  counts: 'counts' | 'free',
  cure: 'operator' | '-',
): Row<Name> => ({
  name,
  is,
  steps,
  code,
  countsAsAttempt: counts === 'counts',
  requiresOperator: cure === 'operator',
});

const answer =
  (test: (error: UcwaResponseError) => boolean): Test =>
  (error) =>
    error instanceof UcwaResponseError && test(error);
const status = (...statuses: readonly number[]): Test => answer((error) => statuses.includes(error.status));
const fromUcwa = (statusCode: number): Test =>
  answer((error) => error.status === statusCode && error.fromUcwa);
const said = (statusCode: number, ...words: readonly string[]): Test =>
  answer((error) => error.status === statusCode && error.says(...words));
const at =
  (step: Step, test: Test): Test =>
  (error) =>
    error instanceof UcwaError && error.step === step && test(error);
const any =
  (...tests: readonly Test[]): Test =>
  (error) =>
    tests.some((test) => test(error));
const kind =
  (...types: readonly (abstract new (...parameters: never) => Error)[]): Test =>
  (error) =>
    types.some((type) => error instanceof type);

/** The steps whose requests carry no token. */
const withoutToken = new Set<Step>(['discovery', 'challenge', 'token']);
/** IIS returns a page where the token belongs to another pool. The log calls the row by UCWA's name, web ticket. */
const tokenOfAnotherPool = answer(
  ({ status: is, fromUcwa: ucwa, step }) => is === 500 && !ucwa && !withoutToken.has(step),
);
const notSent: Test = (error) => error instanceof ConnectionError && !error.sent;
/** UCWA and its web server neither redirect by HTTP nor send pages with these statuses. */
const fromSomethingInFront = any(
  kind(FrontAnswerError),
  answer(({ status: is, fromUcwa: ucwa }) => (is >= 300 && is < 400) || (is === 403 && !ucwa)),
);
/** A page from something in front of UCWA is a refusal too, where its status can mean nothing else. */
const refusedRequest = any(
  answer(({ status: is, fromUcwa: ucwa }) => ucwa && is >= 400 && is < 500 && is !== 408),
  status(400, 405, 409, 413, 415),
);
const serverFailed = answer(({ status: is }) => is >= 500 || is === 408);

const gone = subcode.inactiveApplicationExpired;
const full = subcode.tooManyApplications;
const nobody = [subcode.noDelegatesConfigured, subcode.noTeamMembersConfigured] as const;

/**
 * The decision table: the first row that matches a failure decides the steps against it, in turn, and its code if it
 * persists. A subcode that no row names counts as its status. Columns: name, test, steps, code, whether the attempt
 * counts, and whether only an operator can correct it.
 * https://learn.microsoft.com/skype-sdk/ucwa/genericsynchronouserrors
 */
// biome-ignore format: a table reads by its rows
export const failures = [
  // the password
  row('sign-in-unsupported',     kind(SignInUnsupportedError),                                       ['fail'],                                               'sign-in-unsupported', 'free',   '-'),
  row('password-refused',        kind(PasswordRefusedError),                                         ['reread-secret', 'fail'],                              'credential-rejected', 'free',   '-'),
  row('password-refused-before', kind(CredentialRejectedError),                                      ['reread-secret', 'fail'],                              'credential-rejected', 'free',   '-'),
  row('user-unknown',            kind(UserUnknownError),                                             ['fail'],                                               'user-not-found',      'free',   '-'),
  row('sign-in-paused',          kind(SignInPausedError),                                            ['defer'],                                              'ucwa-unavailable',    'free',   '-'),
  row('sign-in-unjudged',        kind(SignInUnjudgedError),                                          ['retry', 'defer'],                                     'ucwa-unavailable',    'counts', '-'),
  row('delegation-refused',      kind(DelegationRefusedError),                                       ['fail'],                                               'user-not-allowed',    'free',   '-'),
  row('delegation-misconfigured', kind(DelegationMisconfiguredError),                                ['defer'],                                              'misconfigured',       'free',   'operator'),
  row('delegation-unavailable',  kind(DelegationUnavailableError),                                   ['retry', 'defer'],                                     'ucwa-unavailable',    'free',   '-'),

  // UCWA's own failure, and applications that are gone
  row('callback-channel',        said(500, subcode.callbackChannelError),                            ['retry', 'fresh-application', 'rediscover', 'defer'],  'ucwa-unavailable',    'counts', '-'),
  row('application-gone',        any(said(404, subcode.applicationNotFound), said(410, gone, full)), ['fresh-application', 'defer'],                         'ucwa-unavailable',    'counts', '-'),

  // the token
  row('token-refused',           answer((error) => error.refusesToken),                              ['fresh-token', 'rediscover', 'defer'],                 'ucwa-unavailable',    'counts', '-'),
  row('ticket-of-another-pool',  tokenOfAnotherPool,                                                 ['rediscover', 'defer'],                                'ucwa-unavailable',    'counts', '-'),
  row('identity-mismatch',       kind(IdentityMismatchError),                                        ['reread-secret', 'fail'],                              'identity-mismatch',   'free',   '-'),

  // the user's rights
  row('nobody-configured',       any(said(403, ...nobody), said(409, ...nobody)),                    ['fail'],                                               'ucwa-rejected',       'free',   '-'),
  row('client-type-refused',     at('application', fromUcwa(403)),                                   ['rediscover-if-cached', 'fail'],                       'ucwa-rejected',       'free',   '-'),
  row('forbidden',               fromUcwa(403),                                                      ['rediscover-if-cached', 'fail'],                       'user-not-enabled',    'free',   '-'),
  row('link-absent',             kind(LinkMissingError),                                             ['rediscover-if-cached', 'fail'],                       'user-not-enabled',    'free',   '-'),

  // servers and the route to them
  row('front-answer',            fromSomethingInFront,                                               ['rediscover', 'defer'],                                'ucwa-unavailable',    'counts', '-'),
  row('tls-failed',              kind(TlsError),                                                     ['defer'],                                              'misconfigured',       'free',   'operator'),
  row('pool-paused',             kind(PoolPausedError),                                              ['defer'],                                              'ucwa-unavailable',    'free',   '-'),
  row('front-end-down',          any(status(502), notSent),                                          ['retry-on-new-connection', 'rediscover', 'defer'],     'ucwa-unavailable',    'counts', '-'),
  row('busy',                    status(429, 503),                                                   ['retry-on-new-connection', 'retry', 'retry', 'defer'], 'ucwa-unavailable',    'counts', '-'),
  row('already-exists',          said(409, subcode.alreadyExists),                                   ['retry', 'fail'],                                      'ucwa-rejected',       'free',   '-'),
  row('client-type-gone',        said(410, subcode.userAgentNotAllowed),                             ['fail'],                                               'ucwa-rejected',       'free',   '-'),
  row('pool-gone',               status(410),                                                        ['rediscover', 'defer'],                                'ucwa-unavailable',    'counts', '-'),
  row('changed-meanwhile',       status(412, 428),                                                   ['retry', 'defer'],                                     'ucwa-unavailable',    'counts', '-'),
  row('exchange-version',        said(500, subcode.invalidExchangeServerVersion),                    ['fail'],                                               'ucwa-rejected',       'free',   '-'),
  row('discovery-absent',        at('discovery', status(404)),                                       ['rediscover', 'defer'],                                'ucwa-unavailable',    'counts', '-'),
  row('refused-for-good',        refusedRequest,                                                     ['fail'],                                               'ucwa-rejected',       'free',   '-'),
  row('server-failed',           serverFailed,                                                       ['retry', 'retry', 'rediscover', 'defer'],              'ucwa-unavailable',    'counts', '-'),
  row('no-answer',               kind(RequestTimeoutError, ConnectionError),                         ['retry', 'retry', 'rediscover', 'defer'],              'ucwa-unavailable',    'counts', '-'),
  row('unusable-answer',         kind(UnexpectedContentError),                                       ['retry', 'retry', 'rediscover', 'defer'],              'ucwa-unavailable',    'counts', '-'),
  row('redirect-loop',           kind(RedirectLoopError),                                            ['rediscover', 'defer'],                                'ucwa-unavailable',    'counts', '-'),
  row('untrusted-host',          kind(UntrustedHostError),                                           ['defer'],                                              'misconfigured',       'free',   'operator'),
  row('not-effective',           kind(NotEffectiveError),                                            ['fail'],                                               'not-effective',       'free',   '-'),
  row('other-answer',            answer(() => true),                                                 ['rediscover', 'fail'],                                 'ucwa-rejected',       'free',   '-'),

  // the vault
  row('vault-unavailable',       kind(VaultUnavailableError),                                        ['retry', 'retry', 'defer'],                            'vault-unavailable',   'free',   '-'),
  row('vault-refused',           kind(VaultRefusedError),                                            ['defer'],                                              'misconfigured',       'free',   'operator'),
  row('credential-missing',      kind(CredentialMissingError),                                       ['fail'],                                               'credential-missing',  'free',   '-'),
  row('credential-invalid',      kind(CredentialInvalidError),                                       ['fail'],                                               'credential-invalid',  'free',   '-'),
] as const;

/** The attempt's time ran out: known from the signal, not from an error. */
export const outOfTime: Failure = row(
  'out-of-time',
  () => false,
  ['defer'],
  'ucwa-unavailable',
  'counts',
  '-',
);

/** The time ran out while the vault had not returned the secret. The pool is not at fault. */
export const outOfTimeAtVault: Failure = row(
  'out-of-time',
  () => false,
  ['defer'],
  'vault-unavailable',
  'free',
  '-',
);

/** The instance is about to stop: known from the signal, not from an error. The pool is not at fault, so it does not count. */
export const interrupted: Failure = row('interrupted', () => false, ['defer'], 'interrupted', 'free', '-');

/** The attempt's time was over before it could begin: its claim took too long. Nothing was sent. */
export const notBegun: Failure = row('not-begun', () => false, ['defer'], 'interrupted', 'free', '-');

/** All slots stayed taken: the attempt was not started. */
export const noSlot: Failure = row('no-slot', () => false, ['defer'], 'busy', 'free', '-');

/** Returns the row of an error; undefined for one that is not a failure of UCWA or the vault: a defect or an abort. */
export function classify(error: unknown): Failure | undefined {
  const decisive = decisiveError(error);
  return failures.find((failure) => failure.is(decisive));
}

/**
 * Returns the next step against a failure that this attempt has met `seen` times before. With a route that is not from
 * the cache, rediscovery could bring nothing new and is skipped.
 */
export function decide(failure: Failure, seen: number, isRouteCached: boolean): Decision {
  const step = failure.steps[Math.min(seen, failure.steps.length - 1)] ?? 'defer';
  if (step !== 'rediscover-if-cached') return step;
  return isRouteCached ? 'rediscover' : decide(failure, seen + 1, isRouteCached);
}
