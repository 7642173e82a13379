import { describe, expect, it } from 'vitest';
import type { BrokenAnswer, Variants } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import {
  PasswordRefusedError,
  SignInUnjudgedError,
  SignInUnsupportedError,
} from '../../../../shared/ucwa/errors.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import {
  neverAborted,
  openClient,
  openSession,
  passwordFrom,
  proven,
  setRing,
} from '../../../support/ucwa/client.ts';
import { failureOf, judged } from '../../../support/ucwa/error-text.ts';
import { links, startScriptedPool } from '../../../support/ucwa/scripted-pool.ts';
import { simulate, simulateWith, stepsOf } from '../../../support/ucwa/simulation.ts';
import { alice, mobile } from '../../../support/ucwa/users.ts';

describe('a challenge', () => {
  it.each<[Variants['challenge'], string]>([
    ['two-headers', 'in two headers'],
    ['one-header', 'in one header'],
    ['unquoted-href', 'whose href has no quotes'],
    ['none', 'without a header, which means the documented path'],
    ['with-authorization-uri', 'that also offers Entra'],
  ])('%s: one %s leads to the token endpoint', async (challenge) => {
    const simulator = await simulateWith({ challenge });
    expect(await setRing(openSession(openClient(simulator)), mobile)).toEqual(proven);
    expect(simulator.requests.find(({ step }) => step === 'token')).toMatchObject({
      path: '/WebTicket/oauthtoken',
      username: alice.username,
      status: 200,
    });
  });

  it.each<[Variants['challenge'], string]>([
    ['bearer-only', 'has no MsRtcOAuth scheme'],
    ['no-password-grant', 'lacks the password grant type'],
  ])('%s: one that %s is an error, and the secret is not even read', async (challenge) => {
    const simulator = await simulateWith({ challenge });
    let asked = 0;
    const credential = passwordFrom(async () => {
      asked += 1;
      return alice;
    });
    const failure = await failureOf(
      openSession(openClient(simulator), alice, { credential }).callForwarding.readSettings(),
    );
    expect(failure).toBeInstanceOf(SignInUnsupportedError);
    expect(simulator.count('token')).toBe(0);
    expect(asked).toBe(0);
  });

  it('that never comes means that the host wants no sign-in', async () => {
    const pool = await startScriptedPool({
      'GET /user without a token': { json: links({ applications: '/applications' }) },
    });
    const failure = await failureOf(openSession(openClient(pool)).callForwarding.readSettings());
    expect(failure).toBeInstanceOf(SignInUnsupportedError);
  });

  it.each(['https://[', 'ftp://127.0.0.1/token', 'mailto:token'])(
    'with the href %s is unusable',
    async (href) => {
      const header = `MsRtcOAuth href="${href}", grant_type="password"`;
      const pool = await startScriptedPool({
        'GET /user without a token': { status: 401, headers: { 'www-authenticate': header } },
      });
      const failure = await failureOf(openSession(openClient(pool)).callForwarding.readSettings());
      expect(failure).toMatchObject({ name: 'UnexpectedContentError', step: 'challenge' });
    },
  );
});

describe('a password', () => {
  it('arrives unchanged, whatever characters it has', async () => {
    const user = { ...alice, password: 'ä&b=c+d %2B;"\\ü€ 🗝' };
    const simulator = await simulate({ users: [user] });
    expect(await setRing(openSession(openClient(simulator), user), mobile)).toEqual(proven);
  });

  it('that is wrong is reported as refused and sent only once', async () => {
    const simulator = await simulate();
    const session = openSession(openClient(simulator), { ...alice, password: 'guess' });
    const failure = await failureOf(session.callForwarding.readSettings());
    expect(failure).toBeInstanceOf(PasswordRefusedError);
    expect(failure).toMatchObject({ step: 'token', diagnosis: { 'x-ms-diagnostics': expect.any(String) } });
    expect(simulator.count('token')).toBe(1);
  });

  it('is refused for a UPN if the pool accepts only domain names', async () => {
    const simulator = await simulateWith({ upnRefused: true });
    const session = openSession(openClient(simulator), { ...alice, username: 'alice@contoso.com' });
    expect(await failureOf(session.callForwarding.readSettings())).toBeInstanceOf(PasswordRefusedError);
  });

  it('that cannot be read fails with the error of the credential', async () => {
    const simulator = await simulate();
    const credential = passwordFrom(() => Promise.reject(new RangeError('The vault is closed.')));
    const session = openSession(openClient(simulator), alice, { credential });
    await expect(session.callForwarding.readSettings()).rejects.toThrow(RangeError);
    expect(simulator.count('token')).toBe(0);
  });
});

describe('the token endpoint error', () => {
  const tokenError = (error: string, passiveAuthUri?: string): BrokenAnswer => ({
    kind: 'token-error',
    error,
    ...(passiveAuthUri === undefined ? {} : { passiveAuthUri }),
  });

  async function failWith(answer: BrokenAnswer): Promise<unknown> {
    const simulator = await simulate();
    simulator.fail({ step: 'token', answer });
    return failureOf(openSession(openClient(simulator)).callForwarding.readSettings());
  }

  it('invalid_grant means that the password is wrong', async () => {
    expect(await failWith(tokenError('invalid_grant'))).toBeInstanceOf(PasswordRefusedError);
  });

  it('invalid_grant with ms_rtc_passiveauthuri means that AD FS is required', async () => {
    const failure = await failWith(tokenError('invalid_grant', 'https://adfs.contoso.com/'));
    expect(failure).toBeInstanceOf(SignInUnsupportedError);
  });

  it('unsupported_grant_type means that passwords are not accepted', async () => {
    expect(await failWith(tokenError('unsupported_grant_type'))).toBeInstanceOf(SignInUnsupportedError);
  });

  it.each(['server_error', 'invalid_request', 'invalid_scope'])(
    '%s is no verdict, and comes with that code',
    async (error) => {
      const failure = await failWith(tokenError(error));
      expect(failure).toBeInstanceOf(SignInUnjudgedError);
      expect(failure).toMatchObject({ step: 'token', status: 400 });
      expect(judged(failure)).toMatchObject({ step: 'token', status: 400, code: error, fromUcwa: true });
    },
  );

  it('is dropped if it could be the echo of a secret', async () => {
    const failure = await failWith(tokenError('the password "correct horse" is not good'));
    expect(judged(failure)).toMatchObject({ name: 'UcwaResponseError', status: 400, code: undefined });
  });
});

describe('a token', () => {
  it.each([30, 60])('that expires in %i seconds is used but not cached', async (tokenLifetimeSeconds) => {
    const simulator = await simulate({ tokenLifetimeSeconds });
    const client = openClient(simulator);
    expect(await setRing(openSession(client), mobile)).toEqual(proven);
    simulator.clearRequests();
    expect(await setRing(openSession(client), mobile)).toEqual(proven);
    expect(stepsOf(simulator).slice(0, 2)).toEqual(['token', 'application']);
  });

  it.each([
    [4 * 60_000, ['application', 'read']],
    [5 * 60_000 + 1, ['token', 'home-pool', 'application', 'read']],
  ])('is cached for five minutes: requests %i ms later', async (laterMs, expected) => {
    const clock = new FakeClock({ realTimeouts: true });
    const simulator = await simulate();
    const client = openClient(simulator, { clock });
    await setRing(openSession(client), mobile);
    simulator.clearRequests();
    clock.pass(laterMs);
    await openSession(client).callForwarding.readSettings();
    expect(stepsOf(simulator)).toEqual(expected);
  });

  it('is unusable if it does not fit into a header', async () => {
    const pool = await startScriptedPool({ 'POST /token': { json: { access_token: 'cwt=a\r\nX-Evil: 1' } } });
    const failure = await failureOf(openSession(openClient(pool)).callForwarding.readSettings());
    expect(judged(failure)).toMatchObject({ name: 'UnexpectedContentError', step: 'token' });
  });

  it('is never used for another user', async () => {
    const simulator = await simulate();
    const client = openClient(simulator);
    await openSession(client).callForwarding.readSettings();
    const other = openSession(client, { ...alice, sip: 'sip:bob@contoso.com', password: 'unknown' });
    expect(await failureOf(other.callForwarding.readSettings())).toBeInstanceOf(PasswordRefusedError);
    await other.close(neverAborted());
  });
});
