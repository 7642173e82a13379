import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import { UcwaSimulator } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import { RecoveryHarness, ringsMobile, watchHangs } from '../../../../support/recovery/recovery-harness.ts';
import { countsOf } from '../../../../support/ucwa/simulation.ts';
import { type FaultPoint, modelAttempt, type UcwaRecoveryStep } from './attempt-model.ts';

/** A failure, the points where it can occur, the recovery steps against it in turn, and the outcome if it persists. */
interface Row {
  readonly failure: string;
  readonly answer: Fault['answer'];
  readonly points: readonly FaultPoint[];
  readonly recovery: readonly UcwaRecoveryStep[];
  readonly outcome: PersistentOutcome;
}

type PersistentOutcome =
  | 'deferred: ucwa-unavailable'
  | 'failed: ucwa-rejected'
  | 'failed: user-not-enabled'
  | 'failed: credential-rejected'
  | 'failed: sign-in-unsupported'
  | 'applied, unverified';

const signIn = ['challenge', 'token', 'home-pool'] as const;
const work = ['read', 'write', 'later-reads', 'contact'] as const;
const withToken = ['home-pool', 'application', ...work] as const;
const inApplication = [...work, 'clean-up'] as const;
const everywhere = ['discovery', ...signIn, 'application', ...inApplication] as const;
const writing = ['application', 'write'] as const;
const reading = ['discovery', 'home-pool', 'application', 'read', 'later-reads', 'contact'] as const;

const without = (points: readonly FaultPoint[], ...others: readonly FaultPoint[]) =>
  points.filter((point) => !others.includes(point));

const deferred = 'deferred: ucwa-unavailable';
const rejected = 'failed: ucwa-rejected';
const challenge = { 'WWW-Authenticate': 'Bearer trusted_issuers="contoso.com"' };
const invalidToken = { 'X-Ms-diagnostics': '28020;source="simulator";reason="No valid security token."' };
const wrongPool = { 'X-Ms-diagnostics': '28032;source="simulator";reason="The web ticket is invalid."' };

// biome-ignore format: a table reads by its rows
const rows: readonly Row[] = [
  // UCWA's own failure, and applications that are gone
  row('500 CallbackChannelError',                    { status: 500, subcode: 'CallbackChannelError' },          everywhere,    ['retry', 'fresh-application', 'rediscover'], deferred),
  row('500 CallbackChannelError as XML',             { status: 500, subcode: 'CallbackChannelError', format: 'xml' }, writing, ['retry', 'fresh-application', 'rediscover'], deferred),
  row('404 ApplicationNotFound',                     { status: 404, subcode: 'ApplicationNotFound' },           inApplication, ['fresh-application'],                        deferred),
  row('404 ApplicationNotFound as the code',         { status: 404, code: 'ApplicationNotFound' },              inApplication, ['fresh-application'],                        deferred),
  row('410 InactiveApplicationExpired',              { status: 410, subcode: 'InactiveApplicationExpired' },    inApplication, ['fresh-application'],                        deferred),
  row('410 TooManyApplications',                     { status: 410, subcode: 'TooManyApplications' },           ['application', ...inApplication], ['fresh-application'],     deferred),

  // sign-in and token
  row('401',                                         { status: 401 },                                           [...withToken, 'clean-up'], ['fresh-token', 'rediscover'], deferred),
  row('403 page with a challenge',                   { status: 403, format: 'html', headers: challenge },       withToken,     ['fresh-token', 'rediscover'],                deferred),
  row('UCWA error 403 with a challenge',             { status: 403, headers: challenge },                       withToken,     ['fresh-token', 'rediscover'],                deferred),
  row('UCWA error 403 naming an invalid token',      { status: 403, headers: invalidToken },                  withToken,     ['fresh-token', 'rediscover'],                deferred),
  row('403 page naming an invalid token',            { status: 403, format: 'html', headers: invalidToken },    withToken,     ['fresh-token', 'rediscover'],                deferred),
  row('token: invalid_grant',                        tokenError('invalid_grant'),                               ['token'],     [],                                           'failed: credential-rejected'),
  row('token: invalid_grant with an AD FS URI',      { ...tokenError('invalid_grant'), passiveAuthUri: 'https://fs.contoso.com/' }, ['token'], [],                               'failed: sign-in-unsupported'),
  row('token: unsupported_grant_type',               tokenError('unsupported_grant_type'),                      ['token'],     [],                                           'failed: sign-in-unsupported'),
  row('token: server_error',                         tokenError('server_error'),                                ['token'],     ['retry'],                                    deferred),
  row('token: invalid_request',                      tokenError('invalid_request'),                             ['token'],     ['retry'],                                    deferred),
  row('500 page for an invalid ticket',              { status: 500, format: 'html', headers: wrongPool },       withToken,     ['rediscover'],                               deferred),

  // the user's rights
  row('UCWA error 403',                              { status: 403 },                                           ['home-pool', 'read', 'write', 'later-reads'], [],         'failed: user-not-enabled'),
  row('UCWA error 403',                              { status: 403 },                                           ['application'], [],                                  rejected),
  row('UCWA error 403',                              { status: 403 },                                           ['contact'], [],                                        'applied, unverified'),
  row('404 ResourceNotFound',                        { status: 404, subcode: 'ResourceNotFound' },              ['contact'], [],                                        'applied, unverified'),
  row('403 page',                                    { status: 403, format: 'html' },                           everywhere,    ['rediscover'],                               deferred),

  // servers and the route to them
  row('502',                                         { status: 502, format: 'html' },                           everywhere,    ['retry', 'rediscover'],                      deferred),
  row('429',                                         { status: 429 },                                           everywhere,    ['retry', 'retry', 'retry'],                  deferred),
  row('503',                                         { status: 503 },                                           everywhere,    ['retry', 'retry', 'retry'],                  deferred),
  row('503 page',                                    { status: 503, format: 'html' },                           everywhere,    ['retry', 'retry', 'retry'],                  deferred),
  row('408',                                         { status: 408 },                                           everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('500 ServiceTimeout',                          { status: 500, subcode: 'ServiceTimeout' },                everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('504',                                         { status: 504, format: 'html' },                           everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('500 with an unknown subcode',                 { status: 500, subcode: 'BornYesterday' },                 everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('507',                                         { status: 507 },                                           everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('no response in time',                         { kind: 'hang' },                                          everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('a connection reset',                          { kind: 'reset' },                                         everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('a connection reset within the body',          { kind: 'reset-in-body' },                                 reading,       ['retry', 'retry', 'rediscover'],             deferred),
  row('410 CannotRedirect',                          { status: 410, subcode: 'CannotRedirect' },                everywhere,    ['rediscover'],                               deferred),
  row('410 with an unknown subcode',                 { status: 410, subcode: 'BornYesterday' },                 everywhere,    ['rediscover'],                               deferred),
  row('412',                                         { status: 412 },                                           inApplication, ['retry'],                                    deferred),
  row('428',                                         { status: 428 },                                           inApplication, ['retry'],                                    deferred),

  // refusals that no retry changes
  row('409 AlreadyExists',                           { status: 409, subcode: 'AlreadyExists' },                 withToken,     ['retry'],                                    rejected),
  row('409 TooManyGroups',                           { status: 409, subcode: 'TooManyGroups' },                 inApplication, [],                                           rejected),
  row('409',                                         { status: 409 },                                           everywhere,    [],                                           rejected),
  row('409 page',                                    { status: 409, format: 'html' },                           everywhere,    [],                                           rejected),
  row('403 NoDelegatesConfigured',                   { status: 403, subcode: 'NoDelegatesConfigured' },         ['read', 'write', 'later-reads'], [],              rejected),
  row('409 NoTeamMembersConfigured',                 { status: 409, subcode: 'NoTeamMembersConfigured' },       work,          [],                                           rejected),
  row('400 ParameterValidationFailure',              { status: 400, subcode: 'ParameterValidationFailure' },    without(everywhere, 'write'), [],                         rejected),
  row('404 ResourceNotFound',                        { status: 404, subcode: 'ResourceNotFound' },              without([...withToken, 'clean-up'], 'contact'), [], rejected),
  row('404 APIVersionNotSupported',                  { status: 404, subcode: 'APIVersionNotSupported' },        ['application', 'read', 'write', 'later-reads'], [], rejected),
  row('405',                                         { status: 405 },                                           everywhere,    [],                                           rejected),
  row('413',                                         { status: 413 },                                           everywhere,    [],                                           rejected),
  row('415',                                         { status: 415 },                                           everywhere,    [],                                           rejected),
  row('410 UserAgentNotAllowed',                     { status: 410, subcode: 'UserAgentNotAllowed' },           ['application', ...inApplication], [],                rejected),
  row('500 InvalidExchangeServerVersion',            { status: 500, subcode: 'InvalidExchangeServerVersion' },  work,          [],                                           rejected),
  row('404 page of discovery',                       { status: 404, format: 'html' },                           ['discovery'], ['rediscover'],                               deferred),

  // unusable responses
  row('broken gzip',                                 { kind: 'broken-gzip' },                                   reading,       ['retry', 'retry', 'rediscover'],             deferred),
  row('a body over 1 MiB',                           { kind: 'huge-body', bytes: 1_100_000 },                   reading,       ['retry', 'retry', 'rediscover'],             deferred),
  row('malformed JSON',                              { kind: 'malformed-json' },                                [...reading, 'token'], ['retry', 'retry', 'rediscover'],     deferred),
  row('links that are not valid URLs',               { kind: 'bad-links' },                                     without(reading, 'application', 'contact'), ['retry', 'retry', 'rediscover'], deferred),
];

function row(
  failure: string,
  answer: Row['answer'],
  points: readonly FaultPoint[],
  recovery: readonly UcwaRecoveryStep[],
  outcome: PersistentOutcome,
): Row {
  return { failure, answer, points, recovery, outcome };
}

function tokenError(error: string) {
  return { kind: 'token-error', error } as const;
}

/** A token request that fails in a way that is no verdict may have counted against the account: repeated once only. */
const unjudged = { recovery: ['retry'], outcome: deferred } as const;

function isUnjudged({ failure }: Pick<Row, 'failure'>, point: FaultPoint): boolean {
  return point === 'token' && !failure.startsWith('token: ');
}

const cases = rows.flatMap(({ points, ...rest }) =>
  points.flatMap((point) => {
    const one = { ...rest, ...(isUnjudged(rest, point) ? unjudged : {}), point };
    return [
      { ...one, times: 1, frequency: 'once' },
      { ...one, times: Number.POSITIVE_INFINITY, frequency: 'at every try' },
    ];
  }),
);

let simulator: UcwaSimulator;
let harness: RecoveryHarness;
let stopWatching: () => void;
let userCount = 0;

beforeAll(async () => {
  simulator = new UcwaSimulator({ users: [] });
  await simulator.start();
  stopWatching = watchHangs(simulator, () => harness.onHang());
});

afterAll(async () => {
  stopWatching();
  await simulator.stop();
});

beforeEach(() => {
  simulator.clearFaults();
  simulator.clearRequests();
  harness = new RecoveryHarness(simulator);
});

describe('recovery from each failure at each step', () => {
  it('is tested in at least 150 combinations', () => {
    expect(cases.length / 2).toBeGreaterThanOrEqual(150);
  });

  it.each(cases)('handles $failure at $point, $frequency', async (row) => {
    const { answer, point, times, recovery, outcome: outcomeIfPersistent } = row;
    const user = harness.addUser(`user-${++userCount}`);
    simulator.fail(faultAt(point, times, answer));
    const expected = modelAttempt({
      point,
      times,
      recovery,
      refusesToken: refusesToken(answer),
      repeatsCleanUp: repeatsCleanUp(answer),
    });

    const outcome = await harness.outcome(user);

    const isApplied = !expected.isPersistent || point === 'clean-up';
    expect(outcome).toMatchObject(shownAs(isApplied ? 'applied' : outcomeIfPersistent));
    expect(outcome.recovery).toEqual(expected.recovery);
    expect(outcome.attempts).toBe(1 + expected.recovery.length);
    expect(countsOf(simulator)).toEqual(expected.requests);
    expect(outcome.requests).toBe(simulator.requests.length);
    expect(harness.clock.sleepsMs.filter((ms) => ms > 0)).toEqual(retryDelaysMs(expected.recovery));
    expect(ringsMobile(simulator, user)).toBe(expected.isRinging);
    expect(simulator.applications(user)).toBe(expected.applicationsLeft);
  });
});

function faultAt(point: FaultPoint, times: number, answer: Fault['answer']): Fault {
  return point === 'later-reads'
    ? { operation: 'callForwardingSettings', skip: 1, times, answer }
    : { step: point, times, answer };
}

function refusesToken(answer: Fault['answer']): boolean {
  return 'status' in answer && [401, 403, 500].includes(answer.status);
}

function repeatsCleanUp(answer: Fault['answer']): boolean {
  if ('kind' in answer) return answer.kind === 'reset';
  return answer.status >= 500 || answer.status === 408 || answer.status === 429;
}

function shownAs(expected: PersistentOutcome | 'applied'): object {
  if (expected === 'applied') return { outcome: 'applied', verified: true, previous: { ring: 'off' } };
  if (expected === 'applied, unverified') return { outcome: 'applied', verified: false };
  const [outcome, code] = expected.split(': ');
  return { outcome, code, detail: expect.stringMatching(/\w+.*\.$/) };
}

/** The delay doubles with every retry. The harness draws the least jitter, which leaves half of it. */
function retryDelaysMs(recovery: readonly UcwaRecoveryStep[]): number[] {
  return recovery.filter((step) => step === 'retry').map((_, retry) => 125 * 2 ** retry);
}
