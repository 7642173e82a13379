import {
  ConnectionError,
  IdentityMismatchError,
  LinkMissingError,
  PasswordRefusedError,
  PoolPausedError,
  RedirectLoopError,
  RequestTimeoutError,
  SignInUnsupportedError,
  UcwaError,
  UcwaResponseError,
  UnexpectedContentError,
  UntrustedHostError,
} from '../../ucwa/errors.ts';
import { type Step, subcode, tokenError } from '../../ucwa/vocabulary.ts';
import type { FailureCode } from '../model/failure-code.ts';
import type { RecoveryStep } from '../model/outcome.ts';
import {
  CredentialInvalidError,
  CredentialMissingError,
  CredentialRejectedError,
  VaultRefusedError,
  VaultUnavailableError,
} from '../ports/credential-store.ts';
import { NotEffectiveError } from './not-effective.ts';

/** How an attempt ends that failed: tried again from the queue, or refused for good. */
export type Disposition = 'defer' | 'fail';

/** What a failure asks for next. */
export type Decision = RecoveryStep | 'retry-on-new-connection' | Disposition;

/** What a row may ask for: a decision, or one that the way to the pool has a say in. */
type Remedy = Exclude<Decision, Disposition> | 'rediscover-if-remembered';

type Test = (error: unknown) => boolean;

interface Row<Name extends string> {
  readonly name: Name;
  readonly is: Test;
  readonly steps: readonly [...Remedy[], Disposition];
  readonly code: FailureCode;
  /** An attempt that ends so counts towards the most that an entry may take: it reached UCWA. */
  readonly countsAsAttempt: boolean;
  /** Somebody has to mend it: where a caller waits for the answer it is refused, not deferred. */
  readonly requiresOperator: boolean;
}

/** What a kind of failure is called in logs. */
export type FailureName = (typeof failures)[number]['name'] | 'out-of-time' | 'no-place';

/** A kind of failure: how it is known, what is done about it in turn, and what it is called when it stays. */
export type Failure = Row<FailureName>;

const row = <const Name extends string>(
  name: Name,
  is: Test,
  steps: Row<Name>['steps'],
  code: FailureCode,
): Row<Name> => ({
  name,
  is,
  steps,
  code,
  countsAsAttempt: code === 'ucwa-unavailable',
  requiresOperator: false,
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

const noTicketYet = new Set<Step>(['discovery', 'challenge', 'token']);
/** IIS answers for UCWA where the token is that of another pool, with a page. */
const wrongTicket = answer(
  ({ status: is, fromUcwa: ucwa, step }) => is === 500 && !ucwa && !noTicketYet.has(step),
);
const notSent: Test = (error) => error instanceof ConnectionError && !error.sent;
/** A page of something before UCWA is a refusal too, where its status can mean nothing else. */
const refusedRequest = any(
  answer(({ status: is, fromUcwa: ucwa }) => ucwa && is >= 400 && is < 500 && is !== 408),
  status(400, 405, 409, 413, 415),
);
const serverFailed = answer(({ status: is }) => is >= 500 || is === 408);

const gone = subcode.inactiveApplicationExpired;
const full = subcode.tooManyApplications;
const nobody = [subcode.noDelegatesConfigured, subcode.noTeamMembersConfigured] as const;

/**
 * The decision table: the first row that knows a failure decides what is done about it, in turn, and what it is called
 * when it stays. Subcodes that no row names count as their status.
 * https://learn.microsoft.com/skype-sdk/ucwa/genericsynchronouserrors
 */
// biome-ignore format: a table is read by its rows
export const failures = [
  // UCWA's own failure, and applications that went away
  row('callback-channel',        said(500, subcode.callbackChannelError),                ['retry', 'fresh-application', 'rediscover', 'defer'], 'ucwa-unavailable'),
  row('application-gone',        any(said(404, subcode.applicationNotFound), said(410, gone, full)), ['fresh-application', 'defer'],            'ucwa-unavailable'),

  // who we are
  row('token-refused',           answer((error) => error.refusesToken),                  ['fresh-token', 'rediscover', 'defer'],                'ucwa-unavailable'),
  row('password-refused',        kind(PasswordRefusedError),                             ['reread-secret', 'fail'],                             'credential-rejected'),
  row('password-refused-before', kind(CredentialRejectedError),                          ['reread-secret', 'fail'],                             'credential-rejected'),
  row('sign-in-unsupported',     kind(SignInUnsupportedError),                           ['fail'],                                              'sign-in-unsupported'),
  row('token-server-error',      said(400, tokenError.serverError),                      ['retry', 'retry', 'rediscover', 'defer'],             'ucwa-unavailable'),
  row('ticket-of-another-pool',  wrongTicket,                                            ['rediscover', 'defer'],                               'ucwa-unavailable'),
  row('identity-mismatch',       kind(IdentityMismatchError),                            ['fail'],                                              'identity-mismatch'),

  // what this user may
  row('nobody-configured',       any(said(403, ...nobody), said(409, ...nobody)),        ['fail'],                                              'ucwa-rejected'),
  row('client-type-refused',     at('application', fromUcwa(403)),                       ['rediscover-if-remembered', 'fail'],                  'ucwa-rejected'),
  row('forbidden',               fromUcwa(403),                                          ['rediscover-if-remembered', 'fail'],                  'user-not-enabled'),
  row('link-absent',             kind(LinkMissingError),                                 ['rediscover-if-remembered', 'fail'],                  'user-not-enabled'),
  row('forbidden-by-a-proxy',    status(403),                                            ['rediscover', 'defer'],                               'ucwa-unavailable'),

  // servers, and the way to them
  { ...row('pool-paused',        kind(PoolPausedError),                                  ['defer'],                                             'ucwa-unavailable'), countsAsAttempt: false },
  row('front-end-down',          any(status(502), notSent),                              ['retry-on-new-connection', 'rediscover', 'defer'],    'ucwa-unavailable'),
  row('busy',                    status(429, 503),                                       ['retry-on-new-connection', 'retry', 'retry', 'defer'], 'ucwa-unavailable'),
  row('already-exists',          said(409, subcode.alreadyExists),                       ['retry', 'fail'],                                     'ucwa-rejected'),
  row('client-type-gone',        said(410, subcode.userAgentNotAllowed),                 ['fail'],                                              'ucwa-rejected'),
  row('pool-gone',               status(410),                                            ['rediscover', 'defer'],                               'ucwa-unavailable'),
  row('changed-meanwhile',       status(412, 428),                                       ['retry', 'defer'],                                    'ucwa-unavailable'),
  row('exchange-version',        said(500, subcode.invalidExchangeServerVersion),        ['fail'],                                              'ucwa-rejected'),
  row('discovery-absent',        at('discovery', status(404)),                           ['rediscover', 'defer'],                               'ucwa-unavailable'),
  row('refused-for-good',        refusedRequest,                                         ['fail'],                                              'ucwa-rejected'),
  row('server-failed',           serverFailed,                                           ['retry', 'retry', 'rediscover', 'defer'],             'ucwa-unavailable'),
  row('no-answer',               kind(RequestTimeoutError, ConnectionError),             ['retry', 'retry', 'rediscover', 'defer'],             'ucwa-unavailable'),
  row('unusable-answer',         kind(UnexpectedContentError),                           ['retry', 'retry', 'rediscover', 'defer'],             'ucwa-unavailable'),
  row('redirect-loop',           kind(RedirectLoopError),                                ['rediscover', 'defer'],                               'ucwa-unavailable'),
  { ...row('untrusted-host',     kind(UntrustedHostError),                               ['defer'],                                             'misconfigured'), requiresOperator: true },
  row('not-effective',           kind(NotEffectiveError),                                ['fail'],                                              'not-effective'),
  row('other-answer',            answer(() => true),                                     ['rediscover', 'fail'],                                'ucwa-rejected'),

  // the vault
  row('vault-unavailable',       kind(VaultUnavailableError),                            ['retry', 'retry', 'defer'],                           'vault-unavailable'),
  row('vault-refused',           kind(VaultRefusedError),                                ['retry', 'retry', 'defer'],                           'misconfigured'),
  row('credential-missing',      kind(CredentialMissingError),                           ['fail'],                                              'credential-missing'),
  row('credential-invalid',      kind(CredentialInvalidError),                           ['fail'],                                              'credential-invalid'),
] as const;

/** The time of an attempt was over, or the instance is about to stop: told by the signal, not by an error. */
export const outOfTime: Failure = row('out-of-time', () => false, ['defer'], 'ucwa-unavailable');

/** Others were at work all the time that there was to wait: not begun, and nobody's fault. */
export const noSlot: Failure = {
  ...row('no-place', () => false, ['defer'], 'ucwa-unavailable'),
  countsAsAttempt: false,
};

/** The row that knows an error; undefined for one that is no failure of UCWA or the vault, but a defect or an abort. */
export function classify(error: unknown): Failure | undefined {
  return failures.find((failure) => failure.is(error));
}

/**
 * What is done next about a failure of which `seen` were met before in this attempt. Where the way to the pool was not
 * remembered, discovering it anew could tell nothing new.
 */
export function decide(failure: Failure, seen: number, isRouteCached: boolean): Decision {
  const step = failure.steps[Math.min(seen, failure.steps.length - 1)] ?? 'defer';
  if (step !== 'rediscover-if-remembered') return step;
  return isRouteCached ? 'rediscover' : decide(failure, seen + 1, isRouteCached);
}
