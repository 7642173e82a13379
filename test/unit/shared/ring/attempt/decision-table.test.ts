import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classify,
  type Decision,
  decide,
  failures,
} from '../../../../../shared/ring/attempt/decision-table.ts';
import { NotEffectiveError } from '../../../../../shared/ring/attempt/not-effective.ts';
import {
  CredentialInvalidError,
  CredentialMissingError,
  CredentialRejectedError,
  VaultRefusedError,
  VaultUnavailableError,
} from '../../../../../shared/ring/ports/credential-store.ts';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import {
  ConnectionError,
  IdentityMismatchError,
  LinkMissingError,
  PasswordRefusedError,
  PoolPausedError,
  RedirectLoopError,
  RequestTimeoutError,
  SignInUnsupportedError,
  UnexpectedContentError,
  UntrustedHostError,
} from '../../../../../shared/ucwa/errors.ts';
import { answered } from '../../../../support/ring/ucwa-answers.ts';

const host = 'pool.contoso.com';
const failing = { code: 'ServiceFailure' };
const forbidden = { code: 'Forbidden' };
const conflict = { code: 'Conflict' };
const gone = { code: 'Gone' };
const notFound = { code: 'NotFound' };
const noGrant = { code: 'invalid_token' };

type Row = [what: string, error: Error, steps: readonly Decision[], code: string];

/** The design's table, row by row, for a way to the pool that was remembered. */
const rows: readonly Row[] = [
  [
    '500 CallbackChannelError',
    answered(500, { ...failing, subcode: 'CallbackChannelError' }),
    ['retry', 'fresh-application', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  [
    '500 CallbackChannelError of a write',
    answered(500, { ...failing, subcode: 'CallbackChannelError', step: 'write' }),
    ['retry', 'fresh-application', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  [
    '500 CallbackChannelError of a contact',
    answered(500, { ...failing, subcode: 'CallbackChannelError', step: 'contact' }),
    ['retry', 'fresh-application', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  [
    '404 ApplicationNotFound',
    answered(404, { ...notFound, subcode: 'ApplicationNotFound' }),
    ['fresh-application', 'defer'],
    'ucwa-unavailable',
  ],
  [
    '410 InactiveApplicationExpired',
    answered(410, { ...gone, subcode: 'InactiveApplicationExpired' }),
    ['fresh-application', 'defer'],
    'ucwa-unavailable',
  ],
  [
    '410 TooManyApplications',
    answered(410, { ...gone, subcode: 'TooManyApplications', step: 'application' }),
    ['fresh-application', 'defer'],
    'ucwa-unavailable',
  ],
  ['401', answered(401), ['fresh-token', 'rediscover', 'defer'], 'ucwa-unavailable'],
  [
    '401 of UCWA',
    answered(401, { code: 'Unauthorized' }),
    ['fresh-token', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  [
    '403 with a challenge',
    answered(403, { hasChallenge: true }),
    ['fresh-token', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  [
    '403 with a challenge, of UCWA',
    answered(403, { ...forbidden, hasChallenge: true }),
    ['fresh-token', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  [
    '403 with the sign of an invalid token',
    answered(403, {
      diagnosis: { 'x-ms-diagnostics': '28020;source="pool";reason="No valid security token."' },
    }),
    ['fresh-token', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  ['invalid_grant', new PasswordRefusedError(host, {}), ['reread-secret', 'fail'], 'credential-rejected'],
  [
    'a version that was refused before',
    new CredentialRejectedError('It was refused before.', 'v1'),
    ['reread-secret', 'fail'],
    'credential-rejected',
  ],
  [
    'no grant for passwords',
    new SignInUnsupportedError(host, 'unsupported_grant_type'),
    ['fail'],
    'sign-in-unsupported',
  ],
  [
    'token: 400 server_error',
    answered(400, { code: 'server_error', step: 'token' }),
    ['retry', 'retry', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  ['500 as a page', answered(500, { step: 'application' }), ['rediscover', 'defer'], 'ucwa-unavailable'],
  [
    '500 as a page before there is a token',
    answered(500, { step: 'discovery' }),
    ['retry', 'retry', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  ['the token of somebody else', new IdentityMismatchError(host), ['fail'], 'identity-mismatch'],
  ['403 of UCWA', answered(403, forbidden), ['rediscover', 'fail'], 'user-not-enabled'],
  [
    '403 of UCWA at a write',
    answered(403, { ...forbidden, step: 'write' }),
    ['rediscover', 'fail'],
    'user-not-enabled',
  ],
  [
    'an absent link',
    new LinkMissingError('read', host, 'callForwardingSettings'),
    ['rediscover', 'fail'],
    'user-not-enabled',
  ],
  [
    '403 of the client type',
    answered(403, { ...forbidden, step: 'application' }),
    ['rediscover', 'fail'],
    'ucwa-rejected',
  ],
  ['403 of no UCWA', answered(403), ['rediscover', 'defer'], 'ucwa-unavailable'],
  ['502', answered(502), ['retry-on-new-connection', 'rediscover', 'defer'], 'ucwa-unavailable'],
  [
    'a refused connection',
    new ConnectionError('read', host, false, 'ECONNREFUSED'),
    ['retry-on-new-connection', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  [
    '429',
    answered(429, { code: 'TooManyRequests' }),
    ['retry-on-new-connection', 'retry', 'retry', 'defer'],
    'ucwa-unavailable',
  ],
  ['503', answered(503), ['retry-on-new-connection', 'retry', 'retry', 'defer'], 'ucwa-unavailable'],
  ['408', answered(408, { code: 'Timeout' }), ['retry', 'retry', 'rediscover', 'defer'], 'ucwa-unavailable'],
  ['504', answered(504), ['retry', 'retry', 'rediscover', 'defer'], 'ucwa-unavailable'],
  ['500 of UCWA', answered(500, failing), ['retry', 'retry', 'rediscover', 'defer'], 'ucwa-unavailable'],
  ['501', answered(501, failing), ['retry', 'retry', 'rediscover', 'defer'], 'ucwa-unavailable'],
  [
    'a timeout',
    new RequestTimeoutError('write', host, 10_000),
    ['retry', 'retry', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  [
    'a broken connection',
    new ConnectionError('write', host, true, 'ECONNRESET'),
    ['retry', 'retry', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  [
    'content that cannot be used',
    new UnexpectedContentError('read', host, 'it is no JSON'),
    ['retry', 'retry', 'rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  [
    'links in a circle',
    new RedirectLoopError('discovery', host),
    ['rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  [
    '409 AlreadyExists',
    answered(409, { ...conflict, subcode: 'AlreadyExists' }),
    ['retry', 'fail'],
    'ucwa-rejected',
  ],
  [
    '410 CannotRedirect',
    answered(410, { ...gone, subcode: 'CannotRedirect' }),
    ['rediscover', 'defer'],
    'ucwa-unavailable',
  ],
  ['another 410', answered(410, gone), ['rediscover', 'defer'], 'ucwa-unavailable'],
  ['410 of no UCWA', answered(410), ['rediscover', 'defer'], 'ucwa-unavailable'],
  ['412', answered(412, { code: 'PreconditionFailed' }), ['retry', 'defer'], 'ucwa-unavailable'],
  ['428', answered(428, { code: 'PreconditionRequired' }), ['retry', 'defer'], 'ucwa-unavailable'],
  ...[403, 409].flatMap((status) =>
    ['NoDelegatesConfigured', 'NoTeamMembersConfigured'].map(
      (subcode): Row => [
        `${status} ${subcode}`,
        answered(status, { ...conflict, subcode, step: 'write' }),
        ['fail'],
        'ucwa-rejected',
      ],
    ),
  ),
  ['409 TooManyGroups', answered(409, { ...conflict, subcode: 'TooManyGroups' }), ['fail'], 'ucwa-rejected'],
  ['a bare 409', answered(409), ['fail'], 'ucwa-rejected'],
  ['another 409', answered(409, conflict), ['fail'], 'ucwa-rejected'],
  [
    '400',
    answered(400, { code: 'BadRequest', subcode: 'ParameterValidationFailure' }),
    ['fail'],
    'ucwa-rejected',
  ],
  [
    '404 ResourceNotFound',
    answered(404, { ...notFound, subcode: 'ResourceNotFound' }),
    ['fail'],
    'ucwa-rejected',
  ],
  ['a bare 415', answered(415), ['fail'], 'ucwa-rejected'],
  ['405', answered(405, { code: 'MethodNotAllowed' }), ['fail'], 'ucwa-rejected'],
  ['413', answered(413, { code: 'EntityTooLarge' }), ['fail'], 'ucwa-rejected'],
  ['415', answered(415, { code: 'UnsupportedMediaType' }), ['fail'], 'ucwa-rejected'],
  [
    '410 UserAgentNotAllowed',
    answered(410, { ...gone, subcode: 'UserAgentNotAllowed' }),
    ['fail'],
    'ucwa-rejected',
  ],
  [
    '500 InvalidExchangeServerVersion',
    answered(500, { ...failing, subcode: 'InvalidExchangeServerVersion' }),
    ['fail'],
    'ucwa-rejected',
  ],
  [
    'a host that is not trusted',
    new UntrustedHostError('home-pool', new URL('https://pool.contoso.local/')),
    ['defer'],
    'misconfigured',
  ],
  ['a pool that is left alone', new PoolPausedError('discovery', host), ['defer'], 'ucwa-unavailable'],
  ['what did not take effect', new NotEffectiveError('It is not so.'), ['fail'], 'not-effective'],
  [
    'a vault that does not answer',
    new VaultUnavailableError('It did not answer.'),
    ['retry', 'retry', 'defer'],
    'vault-unavailable',
  ],
  [
    'a vault that refuses us',
    new VaultRefusedError('It refused.'),
    ['retry', 'retry', 'defer'],
    'misconfigured',
  ],
  ['no secret', new CredentialMissingError('There is none.'), ['fail'], 'credential-missing'],
  [
    'a secret that cannot be used',
    new CredentialInvalidError('It is disabled.'),
    ['fail'],
    'credential-invalid',
  ],
];

function decisionsOf(error: unknown, isWayRemembered = true): Decision[] {
  const failure = classify(error);
  if (failure === undefined) return [];
  const decisions: Decision[] = [];
  for (let seen = 0; seen < 10; seen++) {
    const decision = decide(failure, seen, isWayRemembered);
    decisions.push(decision);
    if (decision === 'defer' || decision === 'fail') break;
  }
  return decisions;
}

describe('the decision table', () => {
  it.each(rows)('%s', (_what, error, steps, code) => {
    expect(decisionsOf(error)).toEqual(steps);
    expect(classify(error)?.code).toBe(code);
  });

  it('has no row that nothing reaches, but for answers that nobody foresaw', () => {
    const reached = new Set([...rows.map(([, error]) => classify(error)), classify(answered(302))]);
    const others = failures.filter((failure) => !reached.has(failure)).map(({ name }) => name);
    expect(others).toEqual(['discovery-absent']);
  });

  it('names each row once', () => {
    const names = failures.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('gives a discovery that is not there another try', () => {
    expect(decisionsOf(answered(404, { step: 'discovery' }))).toEqual(['rediscover', 'defer']);
  });

  it('ends for good what no row foresaw, after looking for another way', () => {
    for (const status of [302, 404, 418]) {
      expect(decisionsOf(answered(status))).toEqual(['rediscover', 'fail']);
      expect(classify(answered(status))?.code).toBe('ucwa-rejected');
    }
  });

  it('takes a subcode that stands in the place of the code', () => {
    const error = answered(500, { code: 'CallbackChannelError' });
    expect(classify(error)?.name).toBe('callback-channel');
  });

  it('counts an unknown subcode as its status alone', () => {
    const words = fc.stringMatching(/^[A-Z][A-Za-z]{3,20}X$/);
    const status = fc.constantFrom(400, 401, 403, 404, 408, 409, 410, 412, 429, 500, 502, 503, 504);
    fc.assert(
      fc.property(status, words, (is, subcode) => {
        const plain = classify(answered(is, noGrant));
        expect(classify(answered(is, { ...noGrant, subcode }))).toBe(plain);
      }),
    );
  });

  it('does not look for another way where none was remembered', () => {
    expect(decisionsOf(answered(403, forbidden), false)).toEqual(['fail']);
    expect(decisionsOf(answered(403), false)).toEqual(['rediscover', 'defer']);
  });

  it('stays at its end, however often a failure is met', () => {
    fc.assert(
      fc.property(fc.constantFrom(...failures), fc.nat(100), fc.boolean(), (failure, more, remembered) => {
        const end = failure.steps.at(-1);
        expect(decide(failure, failure.steps.length + more, remembered)).toBe(end);
      }),
    );
  });

  it.each([
    ['a defect', new TypeError('x is not a function')],
    ['an abort', new DOMException('The time is over.', 'TimeoutError')],
    ['storage', new StorageUnavailableError('It did not answer.')],
    ['no error at all', undefined],
  ])('knows nothing of %s', (_what, error) => {
    expect(classify(error)).toBeUndefined();
  });
});

describe('what counts as an attempt', () => {
  it.each([
    ['a pool that failed', answered(500, failing), true],
    ['a pool that timed out', new RequestTimeoutError('write', host, 10_000), true],
    ['a pool that is left alone', new PoolPausedError('discovery', host), false],
    ['the vault', new VaultUnavailableError('It did not answer.'), false],
    ['our identity', new VaultRefusedError('It refused.'), false],
    ['an untrusted host', new UntrustedHostError('home-pool', new URL('https://pool.contoso.local/')), false],
  ])('%s: %3$s', (_what, error, counts) => {
    expect(classify(error)?.countsAsAttempt).toBe(counts);
  });
});

it('takes people to mend a host that is not trusted, and nothing else', () => {
  expect(failures.filter(({ requiresOperator }) => requiresOperator).map(({ name }) => name)).toEqual([
    'untrusted-host',
  ]);
});
