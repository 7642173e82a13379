import { describe, expect, it } from 'vitest';
import { classify, type Failure, outOfTime } from '../../../../../shared/ring/attempt/decision-table.ts';
import { explain, failedHost } from '../../../../../shared/ring/attempt/explain.ts';
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
  UntrustedHostError,
} from '../../../../../shared/ucwa/errors.ts';
import { readToken } from '../../../../../shared/ucwa/sign-in/token.ts';
import { parseResource } from '../../../../../shared/ucwa/transport/resource.ts';
import {
  createTransport,
  requireSuccess,
  type TransportOptions,
  type UcwaResponse,
} from '../../../../../shared/ucwa/transport/transport.ts';
import { rel } from '../../../../../shared/ucwa/vocabulary.ts';
import { answered } from '../../../../support/ring/ucwa-answers.ts';
import { neverAborted } from '../../../../support/ucwa/client.ts';
import { failureOf } from '../../../../support/ucwa/error-text.ts';
import { responseWith } from '../../../../support/ucwa/responses.ts';

const host = 'pool.contoso.com';
const number = 'tel:+14255550123';
const ringUrl = 'http://127.0.0.1:1/ring?target=tel%3A%2B14255550123';

function known(error: unknown): Failure {
  const failure = classify(error);
  if (failure === undefined) throw new Error('No row knows this error.');
  return failure;
}

describe('an explanation', () => {
  it.each<[string, Error, string, string]>([
    [
      'the pool',
      answered(500, { code: 'ServiceFailure', step: 'write' }),
      'ucwa-unavailable',
      'Trying again later may succeed',
    ],
    ['the user', answered(403, { code: 'Forbidden' }), 'user-not-enabled', 'Enterprise Voice'],
    [
      'the link',
      new LinkMissingError('read', host, 'callForwardingSettings'),
      'user-not-enabled',
      'callForwardingSettings',
    ],
    ['the password', new PasswordRefusedError(host, {}), 'credential-rejected', 'Set the secret again'],
    ['the grant', new SignInUnsupportedError(host, 'no grant'), 'sign-in-unsupported', 'was not judged'],
    ['the token', new IdentityMismatchError(host), 'identity-mismatch', 'secret'],
    ['the secret', new CredentialMissingError('There is no secret ucwa-x.'), 'credential-missing', 'ucwa-x'],
    [
      'the form',
      new CredentialInvalidError('The secret ucwa-x is disabled.'),
      'credential-invalid',
      'ucwa-x',
    ],
    ['the vault', new VaultUnavailableError('The vault v could not be asked.'), 'vault-unavailable', 'later'],
    ['the role', new VaultRefusedError('The vault v refuses.'), 'misconfigured', 'Key Vault Secrets User'],
    [
      'the host',
      new UntrustedHostError('home-pool', new URL('https://pool.contoso.local/x')),
      'misconfigured',
      'UCWA_TRUSTED_HOSTS',
    ],
  ])('says what is the matter with %s, and what can be done', (_what, error, code, words) => {
    const { detail, ...told } = explain(known(error), error);
    expect(told.code).toBe(code);
    expect(detail).toContain(words);
    expect(detail).toMatch(/\.$/);
  });

  it('tells what UCWA said, as far as it said it', () => {
    const diagnosis = { 'x-ms-diagnostics': '28032;reason="x"' };
    const whole = answered(409, { code: 'Conflict', subcode: 'TooManyGroups', diagnosis });
    const words = { status: 409, code: 'Conflict', subcode: 'TooManyGroups', diagnosis };
    expect(explain(known(whole), whole).ucwa).toEqual(words);
    const page = answered(502);
    expect(explain(known(page), page).ucwa).toEqual({ status: 502 });
    const missing = new CredentialMissingError('There is no secret ucwa-x.');
    expect(explain(known(missing), missing)).not.toHaveProperty('ucwa');
  });

  it('says that the time was over, whatever was under way then', () => {
    expect(explain(outOfTime, answered(500)).detail).toContain('time for this attempt ran out');
  });

  it.each<[string, string, () => unknown]>([
    ['an error of UCWA', 'UcwaResponseError', () => requireSuccess(echo(409, { code: 'Conflict' }))],
    ['words that are none', 'UcwaResponseError', () => requireSuccess(echo(400, { code: number }))],
    ['a page', 'UcwaResponseError', () => requireSuccess(echo(500, number))],
    ['a refused password', 'PasswordRefusedError', () => readToken(echo(400, { error: 'invalid_grant' }))],
    ['a token that is none', 'UnexpectedContentError', () => readToken(echo(200, { access_token: 1 }))],
    ['no JSON', 'UnexpectedContentError', () => parseResource(echo(200, number))],
    ['a link that is none', 'LinkMissingError', () => parseResource(echo(200, {})).requireLink(rel.user)],
    ['a host', 'UntrustedHostError', () => send({ trustedHosts: [] })],
    ['no connection', 'ConnectionError', () => send()],
    ['no answer', 'RequestTimeoutError', () => send({ clock: hurried })],
  ])('holds no number of a target: %s', async (_what, name, fail) => {
    const error = await failureOf(Promise.resolve().then(fail));
    expect(error).toMatchObject({ name });
    expect(JSON.stringify(explain(known(error), error))).not.toMatch(/4255550123|target/);
  });
});

/** An answer to a ring that gives back the number wherever a server could. */
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

/** Sends a ring to where nobody listens. */
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

/** The time of a request is over as soon as it was sent. */
const hurried: Clock = {
  ...systemClock,
  timeout: () => {
    const limit = new AbortController();
    queueMicrotask(() => limit.abort());
    return { signal: limit.signal, stop: () => {} };
  },
};

describe('the host that failed', () => {
  it('is named where a server was involved', () => {
    expect(failedHost(answered(500))).toBe(host);
    expect(failedHost(new VaultUnavailableError('x'))).toBeUndefined();
    expect(failedHost(undefined)).toBeUndefined();
  });
});
