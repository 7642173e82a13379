import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localTenant } from '../../../infra/local/entra/local-tenant.ts';
import { bearer } from '../../support/e2e/callers.ts';
import { localUser, System } from '../../support/e2e/system.ts';

/** People without a secret in the vault: only a token of Entra can sign in as them. */
const people = ['ann', 'ben', 'cora'].map((name) => localUser(`${name}@entra.example`, { secret: false }));
const target = '+1 425 555 0123';

let system: System;
const secrets: string[] = [];

beforeAll(async () => {
  const tenant = { entra: localTenant(people) };
  system = await System.start(people, { HTTP_BUDGET_MS: '6000' }, tenant);
});
afterAll(() => system?.stop());

function as(name: string): { readonly authorization: string } {
  const token = system.services.entra.personToken(`${name}@entra.example`, ['SimultaneousRing.Self'], {
    name: 'Secretname',
  });
  secrets.push(token, token.split('.')[1] ?? token);
  return bearer(token);
}

const ringOf = (name: string) => `/api/users/${name}@entra.example/simultaneous-ring`;
const settingOf = (name: string) => system.services.ucwa.state(`sip:${name}@entra.example`).activeSetting;

describe('a person without a stored password', () => {
  it('sets, reads and turns off their own ring with a token on their behalf', async () => {
    const tokens = system.services.ucwa.count('token');
    const set = await system.call('PUT', ringOf('ann'), { target }, as('ann'));
    expect([set.status, set.body]).toMatchObject([200, { outcome: 'applied', verified: true }]);
    expect(settingOf('ann')).toBe('SimultaneousRing');
    const read = await system.call('GET', ringOf('ann'), undefined, as('ann'));
    expect([read.status, read.body]).toMatchObject([200, { ring: 'contact', target: 'tel:+14255550123' }]);
    const off = await system.call('DELETE', ringOf('ann'), undefined, as('ann'));
    expect([off.status, off.body]).toMatchObject([200, { outcome: 'applied' }]);
    expect(settingOf('ann')).toBe('None');
    expect(system.services.ucwa.count('token')).toBe(tokens);
    expect(system.services.vault.count()).toBe(0);
  });

  it('may not act for anybody else, and nothing is sent', async () => {
    const before = system.services.ucwa.requests.length;
    const response = await system.call('PUT', ringOf('ben'), { target }, as('ann'));
    expect([response.status, response.body]).toMatchObject([403, { code: 'user-not-allowed' }]);
    expect(system.services.ucwa.requests.length).toBe(before);
  });

  it('is told where nobody consented, and that an administrator has to', async () => {
    const { entra } = system.services;
    entra.refuseConsent(true);
    const response = await system.call('PUT', ringOf('ben'), { target }, as('ben'));
    entra.refuseConsent(false);
    expect([response.status, response.body]).toMatchObject([503, { code: 'misconfigured' }]);
    expect(response.text).toContain('AADSTS65001');
    expect(response.text).toContain('administrator of the tenant');
    expect(settingOf('ben')).toBe('None');
  });

  it('is asked to try again while the tenant gives no tokens, and nothing is queued', async () => {
    const { entra } = system.services;
    entra.fail({ endpoint: 'token', answer: { status: 503 } });
    const response = await system.call('PUT', ringOf('ben'), { target }, as('ben'));
    entra.clearFaults();
    expect([response.status, response.body]).toMatchObject([503, { code: 'ucwa-unavailable' }]);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(settingOf('ben')).toBe('None');
    const again = await system.call('PUT', ringOf('ben'), { target }, as('ben'));
    expect([again.status, again.body]).toMatchObject([200, { outcome: 'applied' }]);
  });

  it('uses the secret where the pool takes no tokens of Entra', async () => {
    const { ucwa } = system.services;
    ucwa.setVariants({ challenge: 'two-headers' });
    const response = await system.call('PUT', ringOf('cora'), { target }, as('cora'));
    ucwa.setVariants({ challenge: 'with-authorization-uri' });
    expect([response.status, response.body]).toMatchObject([424, { code: 'credential-missing' }]);
  });

  it('leaves no token and no name in responses or in the log', () => {
    const told = `${system.responses}\n${system.functions.output}`;
    for (const secret of secrets) expect(told.includes(secret)).toBe(false);
    expect(told).not.toContain('Secretname');
  });
});
