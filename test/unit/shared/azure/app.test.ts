import { describe, expect, it } from 'vitest';
import { type App, createApp } from '../../../../shared/azure/app.ts';
import { readSettings } from '../../../../shared/azure/settings/settings.ts';
import { connectStorage } from '../../../../shared/azure/storage/storage-clients.ts';
import type { Slots } from '../../../../shared/runtime/semaphore.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const noIdentity = () => Promise.reject(new Error('Nothing is asked of the identity.'));

async function appWith(environment: NodeJS.ProcessEnv): Promise<App> {
  const settings = readSettings({
    SIP_DOMAINS: 'contoso.com,fabrikam.com',
    KEY_VAULT_URL: 'https://ring.vault.azure.net/',
    BulkStorage: 'UseDevelopmentStorage=true',
    ...environment,
  });
  if (!settings.ok) throw new Error(JSON.stringify(settings.error));
  const storage = await connectStorage(settings.value.storage, noIdentity);
  return createApp(settings.value, { storage, identity: noIdentity, clock: new FakeClock() });
}

async function sizeOf(slots: Slots): Promise<number> {
  let size = 0;
  for (; !slots.isFull; size++) await slots.acquire();
  return size;
}

describe('the app', () => {
  it('takes its limits from the settings', async () => {
    const { deps } = await appWith({
      UCWA_ATTEMPT_LIMIT_MS: '60000',
      HTTP_BUDGET_MS: '5000',
      BULK_MAX_ATTEMPTS: '3',
      BULK_SLICE_MS: '2000',
      BULK_GIVE_UP_HOURS: '0.5',
    });
    expect(deps.limits).toEqual({
      attemptLimitMs: 60_000,
      httpBudgetMs: 5_000,
      maxAttempts: 3,
      sliceMs: 2_000,
      giveUpAfterMs: 1_800_000,
      retentionMs: 30 * 24 * 3_600_000,
    });
  });

  it.each([
    [undefined, ['contoso.com', 'fabrikam.com']],
    ['partner.example', ['partner.example']],
    ['*', undefined],
  ])('lets contacts be rung in the domains that TARGET_SIP_DOMAINS names: %s', async (given, domains) => {
    const { deps } = await appWith({ TARGET_SIP_DOMAINS: given, TARGET_DEFAULT_COUNTRY: 'DE' });
    expect(deps.rules).toEqual({
      users: { sipDomains: ['contoso.com', 'fabrikam.com'] },
      targets: { defaultCountry: 'DE', numbers: 'valid', countries: undefined, sipDomains: domains },
    });
  });

  it('reads numbers as TARGET_NUMBERS says', async () => {
    const { deps } = await appWith({ TARGET_NUMBERS: 'possible' });
    expect(deps.rules.targets.numbers).toBe('possible');
  });

  it('has half as many users again in flight as it has slots', async () => {
    const { deps } = await appWith({ UCWA_CONCURRENCY: '5' });
    expect(await sizeOf(deps.slots)).toBe(5);
    expect(await sizeOf(deps.inFlight)).toBe(8);
  });
});
