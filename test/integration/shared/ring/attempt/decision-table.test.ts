import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import { UcwaSimulator } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import { RecoveryHarness, ringsMobile, watchHangs } from '../../../../support/recovery/recovery-harness.ts';
import { countsOf } from '../../../../support/ucwa/simulation.ts';
import { foresee, type Place, type Remedy } from './journey.ts';

/** A failure, where it can occur, what is done about it in turn, and how it ends when it stays. */
interface Row {
  readonly failure: string;
  readonly answer: Fault['answer'];
  readonly places: readonly Place[];
  readonly remedies: readonly Remedy[];
  readonly ending: Ending;
}

type Ending =
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

const without = (places: readonly Place[], ...others: readonly Place[]) =>
  places.filter((place) => !others.includes(place));

const deferred = 'deferred: ucwa-unavailable';
const rejected = 'failed: ucwa-rejected';
const challenge = { 'WWW-Authenticate': 'Bearer trusted_issuers="contoso.com"' };
const invalidToken = { 'X-Ms-diagnostics': '28020;source="simulator";reason="No valid security token."' };
const wrongPool = { 'X-Ms-diagnostics': '28032;source="simulator";reason="The web ticket is invalid."' };

// biome-ignore format: a table is read by its rows
const rows: readonly Row[] = [
  // UCWA's own failure, and applications that went away
  row('500 CallbackChannelError',                 { status: 500, subcode: 'CallbackChannelError' },          everywhere,    ['retry', 'fresh-application', 'rediscover'], deferred),
  row('500 CallbackChannelError as XML',          { status: 500, subcode: 'CallbackChannelError', format: 'xml' }, writing, ['retry', 'fresh-application', 'rediscover'], deferred),
  row('404 ApplicationNotFound',                  { status: 404, subcode: 'ApplicationNotFound' },           inApplication, ['fresh-application'],                        deferred),
  row('404 ApplicationNotFound as the code',      { status: 404, code: 'ApplicationNotFound' },              inApplication, ['fresh-application'],                        deferred),
  row('410 InactiveApplicationExpired',           { status: 410, subcode: 'InactiveApplicationExpired' },    inApplication, ['fresh-application'],                        deferred),
  row('410 TooManyApplications',                  { status: 410, subcode: 'TooManyApplications' },           ['application', ...inApplication], ['fresh-application'],     deferred),

  // who we are
  row('401',                                      { status: 401 },                                           [...withToken, 'clean-up'], ['fresh-token', 'rediscover'], deferred),
  row('403 with a challenge',                     { status: 403, format: 'html', headers: challenge },       withToken,     ['fresh-token', 'rediscover'],                deferred),
  row('403 of UCWA with a challenge',             { status: 403, headers: challenge },                       withToken,     ['fresh-token', 'rediscover'],                deferred),
  row('403 of UCWA that says the token is invalid', { status: 403, headers: invalidToken },                  withToken,     ['fresh-token', 'rediscover'],                deferred),
  row('403 that says the token is invalid',       { status: 403, format: 'html', headers: invalidToken },    withToken,     ['fresh-token', 'rediscover'],                deferred),
  row('token: invalid_grant',                     tokenError('invalid_grant'),                               ['token'],     [],                                           'failed: credential-rejected'),
  row('token: invalid_grant, AD FS wanted',       { ...tokenError('invalid_grant'), passiveAuthUri: 'https://fs.contoso.com/' }, ['token'], [],                               'failed: sign-in-unsupported'),
  row('token: unsupported_grant_type',            tokenError('unsupported_grant_type'),                      ['token'],     [],                                           'failed: sign-in-unsupported'),
  row('token: server_error',                      tokenError('server_error'),                                ['token'],     ['retry', 'retry', 'rediscover'],             deferred),
  row('token: invalid_request',                   tokenError('invalid_request'),                             ['token'],     [],                                           rejected),
  row('500 page, ticket invalid',                 { status: 500, format: 'html', headers: wrongPool },       withToken,     ['rediscover'],                               deferred),

  // what this user may
  row('403 of UCWA',                              { status: 403 },                                           ['home-pool', 'read', 'write', 'later-reads'], [],         'failed: user-not-enabled'),
  row('403 of UCWA',                              { status: 403 },                                           ['application'], [],                                  rejected),
  row('403 of UCWA',                              { status: 403 },                                           ['contact'], [],                                        'applied, unverified'),
  row('404 ResourceNotFound',                     { status: 404, subcode: 'ResourceNotFound' },              ['contact'], [],                                        'applied, unverified'),
  row('403 that is no UCWA error',                { status: 403, format: 'html' },                           everywhere,    ['rediscover'],                               deferred),

  // servers, and the way to them
  row('502',                                      { status: 502, format: 'html' },                           everywhere,    ['retry', 'rediscover'],                      deferred),
  row('429',                                      { status: 429 },                                           everywhere,    ['retry', 'retry', 'retry'],                  deferred),
  row('503',                                      { status: 503 },                                           everywhere,    ['retry', 'retry', 'retry'],                  deferred),
  row('503 as a page',                            { status: 503, format: 'html' },                           everywhere,    ['retry', 'retry', 'retry'],                  deferred),
  row('408',                                      { status: 408 },                                           everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('500 ServiceTimeout',                       { status: 500, subcode: 'ServiceTimeout' },                everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('504',                                      { status: 504, format: 'html' },                           everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('500 with a subcode that nobody knows',     { status: 500, subcode: 'BornYesterday' },                 everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('507',                                      { status: 507 },                                           everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('no answer in time',                        { kind: 'hang' },                                          everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('a connection that breaks',                 { kind: 'reset' },                                         everywhere,    ['retry', 'retry', 'rediscover'],             deferred),
  row('a connection that breaks in the body',     { kind: 'reset-in-body' },                                 reading,       ['retry', 'retry', 'rediscover'],             deferred),
  row('410 CannotRedirect',                       { status: 410, subcode: 'CannotRedirect' },                everywhere,    ['rediscover'],                               deferred),
  row('410 with a subcode that nobody knows',     { status: 410, subcode: 'BornYesterday' },                 everywhere,    ['rediscover'],                               deferred),
  row('412',                                      { status: 412 },                                           inApplication, ['retry'],                                    deferred),
  row('428',                                      { status: 428 },                                           inApplication, ['retry'],                                    deferred),

  // answers that no retry changes
  row('409 AlreadyExists',                        { status: 409, subcode: 'AlreadyExists' },                 withToken,     ['retry'],                                    rejected),
  row('409 TooManyGroups',                        { status: 409, subcode: 'TooManyGroups' },                 inApplication, [],                                           rejected),
  row('409',                                      { status: 409 },                                           everywhere,    [],                                           rejected),
  row('409 as a page',                            { status: 409, format: 'html' },                           everywhere,    [],                                           rejected),
  row('403 NoDelegatesConfigured',                { status: 403, subcode: 'NoDelegatesConfigured' },         ['read', 'write', 'later-reads'], [],              rejected),
  row('409 NoTeamMembersConfigured',              { status: 409, subcode: 'NoTeamMembersConfigured' },       work,          [],                                           rejected),
  row('400 ParameterValidationFailure',           { status: 400, subcode: 'ParameterValidationFailure' },    without(everywhere, 'write'), [],                         rejected),
  row('404 ResourceNotFound',                     { status: 404, subcode: 'ResourceNotFound' },              without([...withToken, 'clean-up'], 'contact'), [], rejected),
  row('404 APIVersionNotSupported',               { status: 404, subcode: 'APIVersionNotSupported' },        ['application', 'read', 'write', 'later-reads'], [], rejected),
  row('405',                                      { status: 405 },                                           everywhere,    [],                                           rejected),
  row('413',                                      { status: 413 },                                           everywhere,    [],                                           rejected),
  row('415',                                      { status: 415 },                                           everywhere,    [],                                           rejected),
  row('410 UserAgentNotAllowed',                  { status: 410, subcode: 'UserAgentNotAllowed' },           ['application', ...inApplication], [],                rejected),
  row('500 InvalidExchangeServerVersion',         { status: 500, subcode: 'InvalidExchangeServerVersion' },  work,          [],                                           rejected),
  row('404 of discovery',                         { status: 404, format: 'html' },                           ['discovery'], ['rediscover'],                               deferred),

  // answers that are not what they should be
  row('broken gzip',                              { kind: 'broken-gzip' },                                   reading,       ['retry', 'retry', 'rediscover'],             deferred),
  row('a body over 1 MiB',                        { kind: 'huge-body', bytes: 1_100_000 },                   reading,       ['retry', 'retry', 'rediscover'],             deferred),
  row('malformed JSON',                           { kind: 'malformed-json' },                                [...reading, 'token'], ['retry', 'retry', 'rediscover'],     deferred),
  row('links that are no URLs',                   { kind: 'bad-links' },                                     without(reading, 'application', 'contact'), ['retry', 'retry', 'rediscover'], deferred),
];

function row(
  failure: string,
  answer: Row['answer'],
  places: readonly Place[],
  remedies: readonly Remedy[],
  ending: Ending,
): Row {
  return { failure, answer, places, remedies, ending };
}

function tokenError(error: string) {
  return { kind: 'token-error', error } as const;
}

const cases = rows.flatMap(({ places, ...rest }) =>
  places.flatMap((place) => [
    { ...rest, place, times: 1, often: 'once' },
    { ...rest, place, times: Number.POSITIVE_INFINITY, often: 'without end' },
  ]),
);

let simulator: UcwaSimulator;
let harness: RecoveryHarness;
let stopWatching: () => void;
let people = 0;

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

describe('every failure at every step', () => {
  it('is a table of at least 150 combinations', () => {
    expect(cases.length / 2).toBeGreaterThanOrEqual(150);
  });

  it.each(cases)('$failure at $place, $often', async ({ answer, place, times, remedies, ending }) => {
    const user = harness.addUser(`person-${++people}`);
    simulator.fail(faultAt(place, times, answer));
    const journey = foresee({ place, times, remedies, refusesToken: refusesToken(answer) });

    const outcome = await harness.outcome(user);

    const end = place === 'clean-up' || !journey.stuck ? 'applied' : ending;
    expect(outcome).toMatchObject(shownAs(end));
    expect(outcome.recovery).toEqual(journey.recovery);
    expect(outcome.attempts).toBe(1 + journey.recovery.length);
    expect(countsOf(simulator)).toEqual(journey.requests);
    expect(outcome.requests).toBe(simulator.requests.length);
    expect(harness.clock.sleepsMs.filter((ms) => ms > 0)).toEqual(waitsOf(journey.recovery));
    expect(ringsMobile(simulator, user)).toBe(journey.isRung);
    expect(simulator.applications(user)).toBe(journey.applicationsLeft);
  });
});

function faultAt(place: Place, times: number, answer: Fault['answer']): Fault {
  return place === 'later-reads'
    ? { operation: 'callForwardingSettings', skip: 1, times, answer }
    : { step: place, times, answer };
}

function refusesToken(answer: Fault['answer']): boolean {
  return 'status' in answer && [401, 403, 500].includes(answer.status);
}

function shownAs(ending: Ending | 'applied'): object {
  if (ending === 'applied') return { outcome: 'applied', verified: true, previous: { ring: 'off' } };
  if (ending === 'applied, unverified') return { outcome: 'applied', verified: false };
  const [outcome, code] = ending.split(': ');
  return { outcome, code, detail: expect.stringMatching(/\w+.*\.$/) };
}

/** Waits double with every retry; the dice show the least, which is half. */
function waitsOf(recovery: readonly Remedy[]): number[] {
  return recovery.filter((remedy) => remedy === 'retry').map((_, retry) => 125 * 2 ** retry);
}
