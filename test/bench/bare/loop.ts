import { DefaultAzureCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import * as z from 'zod';
import { secretNameOf } from '../../../infra/local/local-users.ts';
import type { Person } from '../world/people.ts';
import { BareLedger, claim } from './storage.ts';
import { findWay, ring, type Way } from './ucwa.ts';

/**
 * The same requests for people as the functions make, to UCWA, Key Vault and storage, through the same libraries, and
 * nothing else: what the functions' CPU is compared with. Its parent sends people, and hears when they are done.
 */
const workForm = z.object({
  batch: z.string(),
  people: z.array(
    z.object({ address: z.string(), username: z.string(), password: z.string(), target: z.string() }),
  ),
});

const atOnce = 16;
const vault = new SecretClient(process.env['KEY_VAULT_URL'] ?? '', new DefaultAzureCredential(), {
  disableChallengeResourceVerification: true,
});
let way: Promise<Way> | undefined;

process.on('message', async (message) => {
  const work = workForm.safeParse(message);
  if (!work.success) return;
  way ??= findWay(process.env['UCWA_DISCOVERY_URL'] ?? '');
  await workThrough(work.data.batch, work.data.people, await way);
  process.send?.({ done: work.data.people.length });
});
process.channel?.ref();
console.log('Ready');

async function workThrough(batch: string, people: readonly Person[], found: Way): Promise<void> {
  const ledger = new BareLedger(batch, people);
  await ledger.begin();
  const queue = people.entries();
  const workers = Array.from({ length: atOnce }, async () => {
    for (const [entry, person] of queue) {
      await setOne(person, found);
      await ledger.add(entry);
    }
  });
  await Promise.all(workers);
  await ledger.end();
}

async function setOne(person: Person, found: Way): Promise<void> {
  const record = await claim(person);
  const { value = '' } = await vault.getSecret(secretNameOf(`sip:${person.address}`));
  await ring(found, { ...person, ...JSON.parse(value) });
  await record();
}
