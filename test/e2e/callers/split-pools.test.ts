import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localTenant } from '../../../infra/local/entra/local-tenant.ts';
import { bearer } from '../../support/e2e/callers.ts';
import { localUser, System } from '../../support/e2e/system.ts';

/** People without a secret, some of whom are homed on another pool than the registrar. */
const people = [
  localUser('ann@split.example', { secret: false, pool: 'north' }),
  localUser('ben@split.example', { secret: false, pool: 'south' }),
  localUser('cora@split.example', { secret: false, pool: 'south' }),
];

let system: System;

beforeAll(async () => {
  system = await System.start(people, {}, { entra: localTenant(people), pools: ['north', 'south'] });
});
afterAll(() => system?.stop());

const ringOf = (name: string) => `/api/users/${name}@split.example/simultaneous-ring`;
const settingOf = (name: string) => system.services.ucwa.state(`sip:${name}@split.example`).activeSetting;
const as = (name: string) =>
  bearer(system.services.entra.personToken(`${name}@split.example`, ['SimultaneousRing.Self']));

describe.each(['link', 'redirect'] as const)('a home pool that the registrar names by a %s', (homePool) => {
  it('gets a token of its own for each person, and no password', async () => {
    system.services.ucwa.setVariants({ homePool });
    for (const name of ['ann', 'ben', 'cora']) {
      const set = await system.call('PUT', ringOf(name), { ring: 'team' }, as(name));
      expect([name, set.status, set.body]).toMatchObject([name, 200, { outcome: 'applied', verified: true }]);
      const read = await system.call('GET', ringOf(name), undefined, as(name));
      expect(read.body).toMatchObject({ ring: 'team' });
      expect((await system.call('DELETE', ringOf(name), undefined, as(name))).status).toBe(200);
      expect(settingOf(name)).toBe('None');
    }
    expect(system.services.ucwa.count('token')).toBe(0);
    expect(system.services.vault.count()).toBe(0);
  });
});
