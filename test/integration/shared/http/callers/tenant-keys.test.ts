import { randomUUID } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { HttpRequest } from '@azure/functions';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EntraEmulator } from '../../../../../infra/local/entra/entra-emulator.ts';
import { makeSigningKey } from '../../../../../infra/local/entra/signing-keys.ts';
import { type Certificate, makeCertificate } from '../../../../../infra/local/key-vault/certificate.ts';
import { type CheckCaller, createCallerCheck } from '../../../../../shared/http/callers/check-caller.ts';
import { systemClock } from '../../../../../shared/runtime/clock.ts';

const trusted = getCACertificates('default');
const app = { clientId: randomUUID(), secret: 's', roles: ['SimultaneousRing.Read'] };
const minuteMs = 60_000;
let certificate: Certificate;
let entra: EntraEmulator;
let check: CheckCaller;
let aheadMs: number;
let timeoutMs: number;
let failures: string[];

beforeAll(async () => {
  certificate = await makeCertificate();
  setDefaultCACertificates([...trusted, certificate.cert]);
});
afterAll(() => setDefaultCACertificates(trusted));

beforeEach(async () => {
  [aheadMs, timeoutMs, failures] = [0, 30_000, []];
  const nowMs = () => Date.now() + aheadMs;
  entra = new EntraEmulator({ certificate, api: { clientId: randomUUID() }, apps: [app], now: nowMs });
  await entra.start();
  const { api } = { api: String(entra.read(entra.appToken(app.clientId))?.['aud']) };
  const settings = { tenantId: entra.tenantId, audience: api, authority: entra.url, sipClaim: undefined };
  const clock = { ...systemClock, nowMs, timeout: () => systemClock.timeout(timeoutMs) };
  check = createCallerCheck(settings, { clock, fetch, onKeysFailure: (reason) => failures.push(reason) });
});
afterEach(() => entra.stop());

/** Returns how a request with this token ends: `ok`, or the kind of refusal. */
async function ask(token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const request = new HttpRequest({ method: 'GET', url: 'https://app.example/api/users', headers });
  const checked = await check(request, { needs: 'read' });
  return checked.ok ? 'ok' : checked.error.kind;
}

const token = () => entra.appToken(app.clientId);

/** A token that is right but for its key, whose id nobody knows. */
function unknownKey(): string {
  return entra.issue(entra.read(token()) ?? {}, {}, makeSigningKey());
}

describe("the tenant's keys", () => {
  it('are fetched once for many requests, and once for a flood of unknown key ids', async () => {
    expect(await Promise.all(Array.from({ length: 20 }, () => ask(token())))).toEqual(Array(20).fill('ok'));
    expect(entra.count('keys')).toBe(1);
    const key = makeSigningKey();
    const flood = Array.from({ length: 200 }, (_, index) =>
      ask(entra.issue(entra.read(token()) ?? {}, { kid: `unknown-${index}` }, key)),
    );
    expect(new Set(await Promise.all(flood))).toEqual(new Set(['unavailable']));
    expect([await ask(token()), entra.count('keys')]).toEqual(['ok', 1]);
  });

  it('are fetched again for a new key once five minutes are over', async () => {
    expect(await ask(token())).toBe('ok');
    const former = token();
    entra.rotateKeys();
    expect(await ask(token())).toBe('unavailable');
    aheadMs = 5 * minuteMs;
    expect(await Promise.all([ask(token()), ask(token()), ask(former)])).toEqual(['ok', 'ok', 'ok']);
    expect(entra.count('keys')).toBe(2);
  });

  it('that a fetch for the request did not bring make the token invalid', async () => {
    expect(await ask(unknownKey())).toBe('invalid');
    expect(await ask(unknownKey())).toBe('unavailable');
    expect(entra.count('keys')).toBe(1);
  });

  it('are not fetched for a token that is for others', async () => {
    expect(await ask(entra.appToken(app.clientId, { aud: 'others' }))).toBe('invalid');
    expect(entra.count('keys')).toBe(0);
  });

  it.each(['unreachable', 'broken', 'failing', 'slow'] as const)(
    'serve as they are while the tenant is %s, and others are told when to try again',
    async (state) => {
      expect(await ask(token())).toBe('ok');
      const [known, other] = [token(), unknownKey()];
      aheadMs = 6 * minuteMs;
      if (state === 'unreachable') await entra.stop();
      if (state === 'broken') entra.fail({ endpoint: 'keys', answer: 'reset' });
      if (state === 'failing') entra.fail({ endpoint: 'keys', answer: { status: 503 } });
      if (state === 'slow') entra.fail({ endpoint: 'keys', answer: 'hang' });
      timeoutMs = 50;
      expect(await Promise.all([ask(other), ask(other)])).toEqual(['unavailable', 'unavailable']);
      expect(await ask(known)).toBe('ok');
      expect(await ask(other)).toBe('unavailable');
      expect(failures).toHaveLength(1);
      expect(entra.count('keys')).toBe(state === 'unreachable' ? 1 : 2);
    },
  );

  it('come after a tenant that was unreachable at the start, five minutes later', async () => {
    entra.fail({ endpoint: 'keys', answer: { status: 500 } });
    expect(await ask(token())).toBe('unavailable');
    entra.clearFaults();
    expect(await ask(token())).toBe('unavailable');
    aheadMs = 5 * minuteMs;
    expect(await ask(token())).toBe('ok');
  });

  it('are fetched again after a day, without anybody waiting for them', async () => {
    expect(await ask(token())).toBe('ok');
    const { kid } = entra.key;
    aheadMs = 25 * 60 * minuteMs;
    entra.fail({ endpoint: 'keys', answer: 'hang' });
    expect([await ask(token()), entra.key.kid]).toEqual(['ok', kid]);
  });
});
