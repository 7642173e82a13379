import { describe, expect, it } from 'vitest';
import { classify, type Failure, outOfTime } from '../../../../../shared/ring/attempt/decision-table.ts';
import { explain } from '../../../../../shared/ring/attempt/explain.ts';
import { failedHost } from '../../../../../shared/ring/attempt/failed-host.ts';
import { NotEffectiveError } from '../../../../../shared/ring/attempt/not-effective.ts';
import {
  CredentialInvalidError,
  CredentialMissingError,
  VaultRefusedError,
  VaultUnavailableError,
} from '../../../../../shared/ring/ports/credential-store.ts';
import { type Clock, systemClock } from '../../../../../shared/runtime/clock.ts';
import {
  IdentityMismatchError,
  LinkMissingError,
  PasswordRefusedError,
  SignInUnsupportedError,
} from '../../../../../shared/ucwa/errors.ts';
import { readToken } from '../../../../../shared/ucwa/sign-in/token.ts';
import { parseResource } from '../../../../../shared/ucwa/transport/resource.ts';
import {
  createTransport,
  requireSuccess,
  type TransportOptions,
  type UcwaResponse,
} from '../../../../../shared/ucwa/transport/transport.ts';
import { UntrustedHostError } from '../../../../../shared/ucwa/transport/untrusted-host-error.ts';
import { rel } from '../../../../../shared/ucwa/vocabulary.ts';
import { responseError } from '../../../../support/ring/response-error.ts';
import { neverAborted } from '../../../../support/ucwa/client.ts';
import { failureOf } from '../../../../support/ucwa/error-text.ts';
import { responseWith } from '../../../../support/ucwa/responses.ts';

const host = 'pool.contoso.com';
const number = 'tel:+14255550123';
const ringUrl = 'http://127.0.0.1:1/ring?target=tel%3A%2B14255550123';

/** Returns the row of an error that has one. */
function failureRow(error: unknown): Failure {
  const failure = classify(error);
  if (failure === undefined) throw new Error('The decision table has no row for this error.');
  return failure;
}

describe('an explanation', () => {
  it.each<[string, Error, string, string]>([
    [
      'a failed pool',
      responseError(500, { code: 'ServiceFailure', step: 'write' }),
      'ucwa-unavailable',
      'pool.contoso.com returned 500 ServiceFailure in the write step.',
    ],
    [
      'missing delegates',
      responseError(403, { code: 'Forbidden', subcode: 'NoDelegatesConfigured', step: 'write' }),
      'ucwa-rejected',
      'Set up delegates or a team for this user first',
    ],
    [
      'a refused request',
      responseError(409, { code: 'Conflict' }),
      'ucwa-rejected',
      'look up this status and subcode',
    ],
    [
      'an ineffective change',
      new NotEffectiveError('It shows another setting.'),
      'not-effective',
      'what else sets this user',
    ],
    [
      'a user without rights',
      responseError(403, { code: 'Forbidden' }),
      'user-not-enabled',
      'Enterprise Voice',
    ],
    [
      'a missing link',
      new LinkMissingError('read', host, 'callForwardingSettings'),
      'user-not-enabled',
      'callForwardingSettings',
    ],
    [
      'a refused password',
      new PasswordRefusedError(host, { status: 400, diagnosis: {} }),
      'credential-rejected',
      'Set the secret again',
    ],
    [
      'a missing grant',
      new SignInUnsupportedError(host, 'no grant'),
      'sign-in-unsupported',
      'was not judged',
    ],
    ["another user's token", new IdentityMismatchError(host), 'identity-mismatch', 'secret'],
    [
      'a missing secret',
      new CredentialMissingError('There is no secret ucwa-x.'),
      'credential-missing',
      "There is no secret ucwa-x. Check the user's address first.",
    ],
    [
      'a disabled secret',
      new CredentialInvalidError('The secret ucwa-x is disabled.', { remedy: 'Enable the secret.' }),
      'credential-invalid',
      'The secret ucwa-x is disabled. Enable the secret',
    ],
    [
      'a malformed secret',
      new CredentialInvalidError('The secret ucwa-x is not JSON.', { remedy: 'Set it again in this form.' }),
      'credential-invalid',
      'The secret ucwa-x is not JSON. Set it again in this form',
    ],
    [
      'a vault that is down',
      new VaultUnavailableError('The vault v could not be read.'),
      'vault-unavailable',
      'The vault v could not be read.',
    ],
    [
      'a missing role',
      new VaultRefusedError('The vault v refuses.', { remedy: 'Assign the role.' }),
      'misconfigured',
      'The vault v refuses. Assign the role.',
    ],
    [
      'an untrusted host',
      new UntrustedHostError('home-pool', new URL('https://pool.contoso.local/x')),
      'misconfigured',
      'UCWA_TRUSTED_HOSTS',
    ],
  ])('of %s has its code and says what can be done', (_name, error, code, expectedText) => {
    const explanation = explain(failureRow(error), error);
    expect(explanation.code).toBe(code);
    expect(explanation.detail).toContain(expectedText);
    expect(explanation.detail).toMatch(/\.$/);
  });

  it('does not say whether the request is tried again, which is decided elsewhere', () => {
    const errors = [
      responseError(500),
      responseError(503),
      new VaultUnavailableError('The vault v is down.'),
    ];
    for (const error of errors) {
      expect(explain(failureRow(error), error).detail).not.toMatch(/again|later/);
    }
  });

  it('includes the status, code, subcode and diagnosis that UCWA sent, as far as it sent them', () => {
    const diagnosis = { 'x-ms-diagnostics': '28032;reason="x"' };
    const full = responseError(409, { code: 'Conflict', subcode: 'TooManyGroups', diagnosis });
    const ucwa = { status: 409, code: 'Conflict', subcode: 'TooManyGroups', diagnosis };
    expect(explain(failureRow(full), full).ucwa).toEqual(ucwa);
    const page = responseError(502);
    expect(explain(failureRow(page), page).ucwa).toEqual({ status: 502 });
    const missing = new CredentialMissingError('There is no secret ucwa-x.');
    expect(explain(failureRow(missing), missing)).not.toHaveProperty('ucwa');
  });

  it('says that the time ran out, whatever error came of it', () => {
    expect(explain(outOfTime, responseError(500)).detail).toContain('time for this attempt ran out');
  });

  it.each<[string, string, () => unknown]>([
    ['an error of UCWA', 'UcwaResponseError', () => requireSuccess(echo(409, { code: 'Conflict' }))],
    [
      'an error of UCWA whose code is the number',
      'UcwaResponseError',
      () => requireSuccess(echo(400, { code: number })),
    ],
    ['a page', 'UcwaResponseError', () => requireSuccess(echo(500, number))],
    ['a refused password', 'PasswordRefusedError', () => requireToken(400, { error: 'invalid_grant' })],
    ['an unusable token', 'SignInUnjudgedError', () => requireToken(200, { access_token: 1 })],
    ['content that is not JSON', 'UnexpectedContentError', () => parseResource(echo(200, number))],
    ['a missing link', 'LinkMissingError', () => parseResource(echo(200, {})).requireLink(rel.user)],
    ['an untrusted host', 'UntrustedHostError', () => send({ trustedHosts: [] })],
    ['a refused connection', 'ConnectionError', () => send()],
    ['a timeout', 'RequestTimeoutError', () => send({ clock: clockWithoutTime })],
  ])('of %s contains no phone number', async (_name, errorName, fail) => {
    const error = await failureOf(Promise.resolve().then(fail));
    expect(error).toMatchObject({ name: errorName });
    expect(JSON.stringify(explain(failureRow(error), error))).not.toMatch(/4255550123|target/);
  });
});

function requireToken(status: number, content: object): void {
  const token = readToken(echo(status, content));
  if (!token.ok) throw token.error;
}

/** Returns a response to a write that repeats the target wherever a server could. */
function echo(status: number, content: object | string): UcwaResponse {
  const text =
    typeof content === 'string'
      ? content
      : JSON.stringify({ subcode: number, message: number, parameters: [{ name: number }], ...content });
  const headers = {
    'x-ms-diagnostics': `28000;source="fe1";reason="${number} cannot be rung"`,
    'x-ms-server-fqdn': number,
    'retry-after': number,
    location: ringUrl,
  };
  return responseWith({ status, url: ringUrl, headers, text });
}

/** Sends a write to a port on which no server listens. */
function send(options: Partial<TransportOptions> = {}): Promise<UcwaResponse> {
  const transport = createTransport({
    trustedHosts: ['127.0.0.1'],
    requestTimeoutMs: 10_000,
    userAgent: 'test',
    clock: systemClock,
    ...options,
  });
  const exchange = {
    correlationId: 'c-1',
    signal: neverAborted(),
    onRequest: () => {},
    onResponse: () => {},
    onUnreached: () => {},
  };
  const request = { step: 'write', method: 'POST', url: new URL(ringUrl), json: { target: number } } as const;
  return transport(request, exchange);
}

/** A clock on which every request times out as soon as it was sent. */
const clockWithoutTime: Clock = {
  ...systemClock,
  timeout: () => {
    const limit = new AbortController();
    queueMicrotask(() => limit.abort());
    return { signal: limit.signal, stop: () => {} };
  },
};

describe('the failed host', () => {
  it('is known only when a server was involved', () => {
    expect(failedHost(responseError(500))).toBe(host);
    expect(failedHost(new VaultUnavailableError('x'))).toBeUndefined();
    expect(failedHost(undefined)).toBeUndefined();
  });
});
