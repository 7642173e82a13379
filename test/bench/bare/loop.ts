import { DefaultAzureCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import * as z from 'zod';
import { secretNameOf } from '../../../infra/local/local-users.ts';
import type { BenchUser } from '../system/users.ts';
import { BareLedger, claim } from './storage.ts';
import { discoverRoute, type Route, setRing } from './ucwa.ts';

/**
 * Sends the same requests for users as the functions do, to UCWA, Key Vault and storage, through the same libraries, and does
 * nothing else: the base for the CPU time of the functions. Its parent sends users and gets a message when they are done.
 */
const workSchema = z.object({
  batch: z.string(),
  users: z.array(
    z.object({ address: z.string(), username: z.string(), password: z.string(), target: z.string() }),
  ),
});

const concurrency = 16;
const vault = new SecretClient(process.env['KEY_VAULT_URL'] ?? '', new DefaultAzureCredential(), {
  disableChallengeResourceVerification: true,
});
let cachedRoute: Promise<Route> | undefined;

process.on('message', async (message) => {
  const work = workSchema.safeParse(message);
  if (!work.success) return;
  cachedRoute ??= discoverRoute(process.env['UCWA_DISCOVERY_URL'] ?? '');
  await setAll(work.data.batch, work.data.users, await cachedRoute);
  process.send?.({ done: work.data.users.length });
});
process.channel?.ref();
console.log('Ready');

async function setAll(batch: string, users: readonly BenchUser[], route: Route): Promise<void> {
  const ledger = new BareLedger(batch, users);
  await ledger.begin();
  const queue = users.entries();
  const workers = Array.from({ length: concurrency }, async () => {
    for (const [entry, user] of queue) {
      await setOne(user, route);
      await ledger.add(entry);
    }
  });
  await Promise.all(workers);
  await ledger.end();
}

async function setOne(user: BenchUser, route: Route): Promise<void> {
  const record = await claim(user);
  const { value = '' } = await vault.getSecret(secretNameOf(`sip:${user.address}`));
  await setRing(route, { ...user, ...JSON.parse(value) });
  await record();
}
