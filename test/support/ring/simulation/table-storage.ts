import { TableClient } from '@azure/data-tables';
import { createQueuesAndTables } from '../../../../infra/local/storage/queues-and-tables.ts';
import { TableLedger } from '../../../../shared/azure/storage/table-ledger.ts';
import { TableUsers } from '../../../../shared/azure/storage/users/table-users.ts';
import type { StoredEntry } from '../../../../shared/ring/ports/ledger.ts';
import { Semaphore } from '../../../../shared/runtime/semaphore.ts';
import type { Turns } from '../turns.ts';
import type { OpenStorage, SeenEntries } from './simulated-storage.ts';

type Policy = Parameters<TableClient['pipeline']['addPolicy']>[0];

/** Creates two tables, and clients that take a turn before and after every single request to storage. */
export async function openTables(connectionString: string, name: string): Promise<OpenStorage> {
  const tables = { ledger: `${name}ledger`, users: `${name}users` };
  await createQueuesAndTables(connectionString, { queues: [], tables: Object.values(tables) });
  const clientOf = (table: string) =>
    TableClient.fromConnectionString(connectionString, table, { allowInsecureConnection: true });
  const seen = clientOf(tables.ledger);
  const unturned = { ledger: new TableLedger(seen), users: new TableUsers(clientOf(tables.users)) };
  return (turns) => {
    const policy = takeTurns(turns);
    const turned = (table: string) => {
      const client = clientOf(table);
      client.pipeline.addPolicy(policy);
      return client;
    };
    return {
      ledger: new TableLedger(turned(tables.ledger)),
      users: new TableUsers(turned(tables.users)),
      writesEntries: (call) => call.endsWith('/$batch'),
      seeEntries: () => readAll(seen, unturned.ledger),
      seeUser: async (user) => (await unturned.users.read(user)).record,
    };
  };
}

/** Lets one request at a time take effect, in the order of the turns before them. */
function takeTurns(turns: Turns): Policy {
  const one = new Semaphore(1);
  return {
    name: 'turns',
    async sendRequest(request, next) {
      const call = `${request.method} ${new URL(request.url).pathname}` as const;
      await turns.before?.(call);
      const leave = await one.acquire();
      try {
        return await next(request).finally(() => turns.done?.(call));
      } finally {
        leave();
        await turns.after?.(call);
      }
    },
  };
}

async function readAll(table: TableClient, ledger: TableLedger): Promise<SeenEntries> {
  const partitions = new Set<string>();
  for await (const { partitionKey = '' } of table.listEntities()) partitions.add(partitionKey);
  const seen = new Map<string, readonly StoredEntry[]>();
  for (const partition of partitions) {
    const [batch = '', part] = partition.split('|');
    if (batch === '' || part === undefined) continue;
    const key = { batch, part: Number(part) };
    seen.set(`${batch}|${key.part}`, await ledger.readEntries(key));
  }
  return seen;
}
