import { describe, expect, it } from 'vitest';
import {
  CredentialInvalidError,
  CredentialMissingError,
  VaultRefusedError,
  VaultUnavailableError,
} from '../../../../shared/ring/credentials.ts';
import { explain, failedHost } from '../../../../shared/ring/explain.ts';
import { classify, type Failure } from '../../../../shared/ring/recovery.ts';
import {
  ConnectionError,
  IdentityMismatchError,
  LinkMissingError,
  PasswordRefusedError,
  RequestTimeoutError,
  SignInUnsupportedError,
  UnexpectedContentError,
  UntrustedHostError,
} from '../../../../shared/ucwa/errors.ts';
import { answered } from '../../../support/ring/ucwa-answers.ts';

const host = 'pool.contoso.com';

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
      'trying again later',
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
    const outOfTime: Failure = {
      ...known(answered(500)),
      name: 'out-of-time',
      code: 'ucwa-unavailable',
    };
    expect(explain(outOfTime, new DOMException('aborted')).detail).toContain(
      'time for this attempt was over',
    );
  });

  it('holds no number of a target, whatever failed with it', () => {
    const url = new URL('https://pool.contoso.com/ring?target=tel%3A%2B14255550123');
    const errors = [
      answered(400, { code: 'BadRequest', subcode: 'ParameterValidationFailure', step: 'write' }),
      new RequestTimeoutError('write', url.host, 10_000),
      new ConnectionError('write', url.host, true, 'ECONNRESET'),
      new UnexpectedContentError('contact', url.host, 'it is no JSON'),
      new UntrustedHostError('write', url),
    ];
    for (const error of errors) {
      expect(JSON.stringify(explain(known(error), error))).not.toMatch(/4255550123|target/);
    }
  });
});

describe('the host that failed', () => {
  it('is named where a server was involved', () => {
    expect(failedHost(answered(500))).toBe(host);
    expect(failedHost(new VaultUnavailableError('x'))).toBeUndefined();
    expect(failedHost(undefined)).toBeUndefined();
  });
});
