import type { Decision } from '../../../shared/ring/attempt/decision-table.ts';
import { NotEffectiveError } from '../../../shared/ring/attempt/not-effective.ts';
import { SignInPausedError } from '../../../shared/ring/attempt/sign-in-limit.ts';
import {
  CredentialInvalidError,
  CredentialMissingError,
  CredentialRejectedError,
  VaultRefusedError,
  VaultUnavailableError,
} from '../../../shared/ring/ports/credential-store.ts';
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
  type UcwaResponseError,
  UnexpectedContentError,
  UserUnknownError,
} from '../../../shared/ucwa/errors.ts';
import {
  DelegationMisconfiguredError,
  DelegationRefusedError,
  DelegationUnavailableError,
} from '../../../shared/ucwa/sign-in/on-behalf-of.ts';
import { TlsError } from '../../../shared/ucwa/transport/tls-error.ts';
import { UntrustedHostError } from '../../../shared/ucwa/transport/untrusted-host-error.ts';
import { type ResponseOptions, responseError } from './response-error.ts';

const host = 'pool.contoso.com';
const invalidToken = { 'x-ms-diagnostics': '28020;source="pool";reason="No valid security token."' };

/** An error of UCWA itself. */
function ucwa(status: number, code: string, more: Omit<ResponseOptions, 'code'> = {}): UcwaResponseError {
  return responseError(status, { code, ...more });
}

/** A response of something in front of UCWA, or of its web server. */
function page(status: number, more: Omit<ResponseOptions, 'code' | 'subcode'> = {}): UcwaResponseError {
  return responseError(status, more);
}

type ExpectedDecision = [failure: string, error: Error, steps: readonly Decision[], code: string];

/** The decision table of the design, one example or more for each row, where the route to the pool is from the cache. */
// biome-ignore format: a table reads by its rows
export const expectedDecisions: readonly ExpectedDecision[] = [
  ['500 CallbackChannelError',                        ucwa(500, 'ServiceFailure', { subcode: 'CallbackChannelError' }),                           ['retry', 'fresh-application', 'rediscover', 'defer'],  'ucwa-unavailable'],
  ['500 CallbackChannelError at a write',             ucwa(500, 'ServiceFailure', { subcode: 'CallbackChannelError', step: 'write' }),            ['retry', 'fresh-application', 'rediscover', 'defer'],  'ucwa-unavailable'],
  ['500 CallbackChannelError at a contact',           ucwa(500, 'ServiceFailure', { subcode: 'CallbackChannelError', step: 'contact' }),          ['retry', 'fresh-application', 'rediscover', 'defer'],  'ucwa-unavailable'],
  ['404 ApplicationNotFound',                         ucwa(404, 'NotFound', { subcode: 'ApplicationNotFound' }),                                  ['fresh-application', 'defer'],                         'ucwa-unavailable'],
  ['410 InactiveApplicationExpired',                  ucwa(410, 'Gone', { subcode: 'InactiveApplicationExpired' }),                               ['fresh-application', 'defer'],                         'ucwa-unavailable'],
  ['410 TooManyApplications',                         ucwa(410, 'Gone', { subcode: 'TooManyApplications', step: 'application' }),                 ['fresh-application', 'defer'],                         'ucwa-unavailable'],
  ['401 that is not from UCWA',                       page(401),                                                                                  ['fresh-token', 'rediscover', 'defer'],                 'ucwa-unavailable'],
  ['401 from UCWA',                                   ucwa(401, 'Unauthorized'),                                                                  ['fresh-token', 'rediscover', 'defer'],                 'ucwa-unavailable'],
  ['403 with a challenge',                            page(403, { hasChallenge: true }),                                                          ['fresh-token', 'rediscover', 'defer'],                 'ucwa-unavailable'],
  ['403 with a challenge, from UCWA',                 ucwa(403, 'Forbidden', { hasChallenge: true }),                                             ['fresh-token', 'rediscover', 'defer'],                 'ucwa-unavailable'],
  ['403 with the sign of an invalid token',           page(403, { diagnosis: invalidToken }),                                                     ['fresh-token', 'rediscover', 'defer'],                 'ucwa-unavailable'],
  ['403 with 28055 at the application',               ucwa(403, 'Forbidden', { step: 'application', diagnosis: { 'x-ms-diagnostics': '28055;reason="x"' } }), ['fresh-token', 'rediscover', 'defer'], 'ucwa-unavailable'],
  ['invalid_grant',                                   new PasswordRefusedError(host, { status: 400, diagnosis: {} }),                             ['reread-secret', 'fail'],                              'credential-rejected'],
  ['a version of the secret that was refused before', new CredentialRejectedError('The version was refused before.', 'v1'),                       ['reread-secret', 'fail'],                              'credential-rejected'],
  ['no password grant',                               new SignInUnsupportedError(host, 'unsupported_grant_type'),                                 ['fail'],                                               'sign-in-unsupported'],
  ['a token on behalf of a caller that is refused',   new DelegationRefusedError(host, 'AADSTS50076'),                                            ['fail'],                                               'user-not-allowed'],
  ['no token on behalf of anybody',                   new DelegationMisconfiguredError(host, 'AADSTS65001'),                                      ['defer'],                                              'misconfigured'],
  ['a tenant that does not answer',                   new DelegationUnavailableError(host, 'no usable response'),                                 ['retry', 'defer'],                                     'ucwa-unavailable'],
  ['a sign-in without a verdict',                     new SignInUnjudgedError(host, new ConnectionError('token', host, true, 'ECONNRESET')),                      ['retry', 'defer'],                                     'ucwa-unavailable'],
  ['sign-ins that are paused',                        new SignInPausedError(0, host),                                                                                   ['defer'],                                              'ucwa-unavailable'],
  ['a user whom the pool does not know',              new UserUnknownError('token', host),                                                                        ['fail'],                                               'user-not-found'],
  ['a 500 page',                                      page(500, { step: 'application' }),                                                         ['rediscover', 'defer'],                                'ucwa-unavailable'],
  ['a 500 page before sign-in',                       page(500, { step: 'discovery' }),                                                           ['retry', 'retry', 'rediscover', 'defer'],              'ucwa-unavailable'],
  ["another user's token",                            new IdentityMismatchError(host),                                                            ['reread-secret', 'fail'],                              'identity-mismatch'],
  ['403 from UCWA',                                   ucwa(403, 'Forbidden'),                                                                     ['rediscover', 'fail'],                                 'user-not-enabled'],
  ['403 from UCWA at a write',                        ucwa(403, 'Forbidden', { step: 'write' }),                                                  ['rediscover', 'fail'],                                 'user-not-enabled'],
  ['a missing link',                                  new LinkMissingError('read', host, 'callForwardingSettings'),                               ['rediscover', 'fail'],                                 'user-not-enabled'],
  ['403 at the application',                          ucwa(403, 'Forbidden', { step: 'application' }),                                            ['rediscover', 'fail'],                                 'ucwa-rejected'],
  ['403 that is not from UCWA',                       page(403),                                                                                  ['rediscover', 'defer'],                                'ucwa-unavailable'],
  ['a redirect by HTTP',                              page(302),                                                                                  ['rediscover', 'defer'],                                'ucwa-unavailable'],
  ['a page in place of a response',                   new FrontAnswerError('read', host),                                                         ['rediscover', 'defer'],                                'ucwa-unavailable'],
  ['a certificate that is not trusted',               new TlsError('challenge', host, 'issuer', 'SELF_SIGNED_CERT_IN_CHAIN'),                     ['defer'],                                              'misconfigured'],
  ['502',                                             page(502),                                                                                  ['retry-on-new-connection', 'rediscover', 'defer'],     'ucwa-unavailable'],
  ['a refused connection',                            new ConnectionError('read', host, false, 'ECONNREFUSED'),                                   ['retry-on-new-connection', 'rediscover', 'defer'],     'ucwa-unavailable'],
  ['429',                                             ucwa(429, 'TooManyRequests'),                                                               ['retry-on-new-connection', 'retry', 'retry', 'defer'], 'ucwa-unavailable'],
  ['503',                                             page(503),                                                                                  ['retry-on-new-connection', 'retry', 'retry', 'defer'], 'ucwa-unavailable'],
  ['408',                                             ucwa(408, 'Timeout'),                                                                       ['retry', 'retry', 'rediscover', 'defer'],              'ucwa-unavailable'],
  ['504',                                             page(504),                                                                                  ['retry', 'retry', 'rediscover', 'defer'],              'ucwa-unavailable'],
  ['500 from UCWA',                                   ucwa(500, 'ServiceFailure'),                                                                ['retry', 'retry', 'rediscover', 'defer'],              'ucwa-unavailable'],
  ['501',                                             ucwa(501, 'ServiceFailure'),                                                                ['retry', 'retry', 'rediscover', 'defer'],              'ucwa-unavailable'],
  ['a timeout',                                       new RequestTimeoutError('write', host, 10_000),                                             ['retry', 'retry', 'rediscover', 'defer'],              'ucwa-unavailable'],
  ['a broken connection',                             new ConnectionError('write', host, true, 'ECONNRESET'),                                     ['retry', 'retry', 'rediscover', 'defer'],              'ucwa-unavailable'],
  ['unusable content',                                new UnexpectedContentError('read', host, 'it is not JSON'),                                 ['retry', 'retry', 'rediscover', 'defer'],              'ucwa-unavailable'],
  ['a redirect loop',                                 new RedirectLoopError('discovery', host),                                                   ['rediscover', 'defer'],                                'ucwa-unavailable'],
  ['409 AlreadyExists',                               ucwa(409, 'Conflict', { subcode: 'AlreadyExists' }),                                        ['retry', 'fail'],                                      'ucwa-rejected'],
  ['410 CannotRedirect',                              ucwa(410, 'Gone', { subcode: 'CannotRedirect' }),                                           ['rediscover', 'defer'],                                'ucwa-unavailable'],
  ['410 without a subcode',                           ucwa(410, 'Gone'),                                                                          ['rediscover', 'defer'],                                'ucwa-unavailable'],
  ['410 that is not from UCWA',                       page(410),                                                                                  ['rediscover', 'defer'],                                'ucwa-unavailable'],
  ['412',                                             ucwa(412, 'PreconditionFailed'),                                                            ['retry', 'defer'],                                     'ucwa-unavailable'],
  ['428',                                             ucwa(428, 'PreconditionRequired'),                                                          ['retry', 'defer'],                                     'ucwa-unavailable'],
  ['403 NoDelegatesConfigured',                       ucwa(403, 'Conflict', { subcode: 'NoDelegatesConfigured', step: 'write' }),                 ['fail'],                                               'ucwa-rejected'],
  ['403 NoTeamMembersConfigured',                     ucwa(403, 'Conflict', { subcode: 'NoTeamMembersConfigured', step: 'write' }),               ['fail'],                                               'ucwa-rejected'],
  ['409 NoDelegatesConfigured',                       ucwa(409, 'Conflict', { subcode: 'NoDelegatesConfigured', step: 'write' }),                 ['fail'],                                               'ucwa-rejected'],
  ['409 NoTeamMembersConfigured',                     ucwa(409, 'Conflict', { subcode: 'NoTeamMembersConfigured', step: 'write' }),               ['fail'],                                               'ucwa-rejected'],
  ['409 TooManyGroups',                               ucwa(409, 'Conflict', { subcode: 'TooManyGroups' }),                                        ['fail'],                                               'ucwa-rejected'],
  ['409 that is not from UCWA',                       page(409),                                                                                  ['fail'],                                               'ucwa-rejected'],
  ['409 without a subcode',                           ucwa(409, 'Conflict'),                                                                      ['fail'],                                               'ucwa-rejected'],
  ['400 ParameterValidationFailure',                  ucwa(400, 'BadRequest', { subcode: 'ParameterValidationFailure' }),                         ['fail'],                                               'ucwa-rejected'],
  ['404 ResourceNotFound',                            ucwa(404, 'NotFound', { subcode: 'ResourceNotFound' }),                                     ['fail'],                                               'ucwa-rejected'],
  ['415 that is not from UCWA',                       page(415),                                                                                  ['fail'],                                               'ucwa-rejected'],
  ['405',                                             ucwa(405, 'MethodNotAllowed'),                                                              ['fail'],                                               'ucwa-rejected'],
  ['413',                                             ucwa(413, 'EntityTooLarge'),                                                                ['fail'],                                               'ucwa-rejected'],
  ['415',                                             ucwa(415, 'UnsupportedMediaType'),                                                          ['fail'],                                               'ucwa-rejected'],
  ['410 UserAgentNotAllowed',                         ucwa(410, 'Gone', { subcode: 'UserAgentNotAllowed' }),                                      ['fail'],                                               'ucwa-rejected'],
  ['500 InvalidExchangeServerVersion',                ucwa(500, 'ServiceFailure', { subcode: 'InvalidExchangeServerVersion' }),                   ['fail'],                                               'ucwa-rejected'],
  ['http on a trusted host',                          new UntrustedHostError('challenge', new URL('http://pool.contoso.com/'), 'scheme'),         ['defer'],                                              'misconfigured'],
  ['an untrusted host',                               new UntrustedHostError('home-pool', new URL('https://pool.contoso.local/')),                ['defer'],                                              'misconfigured'],
  ['a paused pool',                                   new PoolPausedError('discovery', host),                                                     ['defer'],                                              'ucwa-unavailable'],
  ['a write without effect',                          new NotEffectiveError('Another setting is shown.'),                                         ['fail'],                                               'not-effective'],
  ['a vault that does not respond',                   new VaultUnavailableError('The vault did not respond.'),                                    ['retry', 'retry', 'defer'],                            'vault-unavailable'],
  ['a vault that refuses access',                     new VaultRefusedError('The vault refused.'),                                                ['defer'],                                              'misconfigured'],
  ['a missing secret',                                new CredentialMissingError('There is no secret.'),                                          ['fail'],                                               'credential-missing'],
  ['a disabled secret',                               new CredentialInvalidError('The secret is disabled.'),                                      ['fail'],                                               'credential-invalid'],
];
