import { describe, expect, it } from 'vitest';
import {
  ConnectionError,
  IdentityMismatchError,
  LinkMissingError,
  PasswordRefusedError,
  PoolPausedError,
  RedirectLoopError,
  RequestTimeoutError,
  SignInUnjudgedError,
  SignInUnsupportedError,
  type UcwaError,
  UcwaResponseError,
  UnexpectedContentError,
  UserUnknownError,
} from '../../../../shared/ucwa/errors.ts';
import { UntrustedHostError } from '../../../../shared/ucwa/transport/untrusted-host-error.ts';
import { textOf } from '../../../support/ucwa/error-text.ts';

function responseErrorAt(host: string, body = { code: 'Conflict', subcode: 'AlreadyExists' }) {
  const response = { status: 409, body, retryAfter: undefined, hasChallenge: false, diagnosis: {} };
  return new UcwaResponseError('write', host, response);
}

describe('the words of an error body', () => {
  it.each(['AlreadyExists', 'alreadyexists', 'ALREADYEXISTS'])('are found in any case: %s', (subcode) => {
    const error = responseErrorAt('pool.contoso.com', { code: 'Conflict', subcode });
    expect(error.says('AlreadyExists')).toBe(true);
    expect(error.says('TooManyGroups', 'conflict')).toBe(true);
    expect(error.says('TooManyGroups')).toBe(false);
  });
});

const failuresAt: readonly ((host: string) => UcwaError)[] = [
  responseErrorAt,
  (host) => new PasswordRefusedError(host, { status: 400, diagnosis: {} }),
  (host) => new SignInUnsupportedError(host, 'it requires AD FS'),
  (host) => new UserUnknownError('token', host),
  (host) => new UserUnknownError('home-pool', host, 'homed-online'),
  (host) => new SignInUnjudgedError(host, new RequestTimeoutError('token', host, 30_000)),
  (host) => new RequestTimeoutError('read', host, 10_000),
  (host) => new ConnectionError('read', host, true, 'ECONNRESET'),
  (host) => new ConnectionError('read', host, false, 'ENOTFOUND'),
  (host) => new UnexpectedContentError('read', host, 'it is not a JSON object'),
  (host) => new UntrustedHostError('read', new URL(`https://${host}/`)),
  (host) => new UntrustedHostError('read', new URL(`http://${host}/`)),
  (host) => new RedirectLoopError('discovery', host),
  (host) => new LinkMissingError('home-pool', host, 'applications'),
  (host) => new IdentityMismatchError(host),
  (host) => new PoolPausedError('read', host),
];

describe('the host of an error', () => {
  it.each(failuresAt.map((make) => [make('pool.contoso.com').name, make] as const))(
    'is shown as it is by a %s if DNS allows it, and cut to 253 characters if not',
    (_name, make) => {
      const longest = `${'a.'.repeat(126)}b`;
      expect(make(longest)).toMatchObject({ host: longest, message: expect.stringContaining(longest) });

      const tooLong = make(`${'a.'.repeat(5_000)}com`);
      expect(tooLong.host).toHaveLength(253);
      expect(tooLong.host.endsWith('…')).toBe(true);
      expect(tooLong.message).toContain(tooLong.host);
      expect(tooLong.message.length).toBeLessThan(800);
      expect(textOf(tooLong).length).toBeLessThan(6_000);
    },
  );
});
