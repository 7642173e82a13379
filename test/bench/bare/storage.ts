import { TableClient, type TransactionAction } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import type { BenchUser } from '../system/users.ts';

const connection = process.env['BulkStorage'] ?? '';
const table = (name: string) =>
  TableClient.fromConnectionString(connection, name, { allowInsecureConnection: true });
const users = table('simringusers');
const ledger = table('simringledger');
const results = new QueueClient(connection, 'simring-results');

/** Records as long as those of the functions: a request, and later its outcome. */
const request = JSON.stringify({
  newest: {
    order: { effectiveAtMs: 1_700_000_000_000, batch: 'bare', part: 0, entry: 0 },
    desired: { ring: 'contact', target: 'tel:+14252000000' },
  },
  claim: { id: 'a3c5a1f0-6a4f-4d6c-8f6a-000000000000', untilMs: 1_700_000_120_000 },
});
const outcome = JSON.stringify({
  user: 'sip:user000000@bench.example',
  outcome: 'applied',
  ring: 'contact',
  target: 'tel:+14252000000',
  previous: { ring: 'off' },
  verified: true,
  attempts: 1,
  recovery: [],
  requests: 8,
  correlationId: 'a3c5a1f0-6a4f-4d6c-8f6a-000000000000',
});

/** Reads a user and writes a claim. Returns the function that records the outcome. */
export async function claim({ address }: BenchUser): Promise<() => Promise<void>> {
  const key = { partitionKey: `bare-${address}`, rowKey: 'user' };
  await users.getEntity(key.partitionKey, key.rowKey).catch(() => undefined);
  const common = { ...key, user: `sip:${address}`, requestedAt: '2026-11-23T09:00:00.000Z' };
  const claimedUntil = '2026-11-23T09:02:00.000Z';
  const { etag = '*' } = await users.createEntity({ ...common, record: request, claimedUntil });
  return async () => {
    const record = `${request}${outcome}`;
    await users.updateEntity({ ...common, record, outcome: 'applied' }, 'Replace', { etag });
  };
}

/** The ledger's operations for one message: at its start, after every hundred users, and at its end. */
export class BareLedger {
  readonly #batch: string;
  readonly #partition: string;
  readonly #users: readonly BenchUser[];
  readonly #part: { partitionKey: string; rowKey: string; entries: number; counts: string };
  readonly #etags: string[] = [];
  #done: number[] = [];

  constructor(batch: string, users: readonly BenchUser[]) {
    this.#batch = batch;
    this.#partition = `${batch}|000000`;
    this.#users = users;
    const counts = JSON.stringify({ applied: 0, pending: users.length });
    this.#part = { partitionKey: batch, rowKey: '000000', entries: users.length, counts };
  }

  async begin(): Promise<void> {
    await ledger.createEntity({ partitionKey: this.#batch, rowKey: '!batch', cancelled: false });
    await ledger.upsertEntity({ partitionKey: '|batches', rowKey: `bare|${this.#batch}` }, 'Replace');
    await ledger.createEntity(this.#part);
    await this.#readEntries();
    for (let start = 0; start < this.#users.length; start += 100) {
      const entities = this.#users.slice(start, start + 100).map((_, index) => this.#entity(start + index));
      const { subResponses } = await ledger.submitTransaction(
        entities.map((entity): TransactionAction => ['create', { ...entity, outcome: 'pending' }]),
      );
      this.#etags.push(...subResponses.map(({ etag = '*' }) => etag));
    }
  }

  async add(entry: number): Promise<void> {
    this.#done.push(entry);
    if (this.#done.length >= 100) await this.#flush();
  }

  async end(): Promise<void> {
    if (this.#done.length > 0) await this.#flush();
    await ledger.getEntity(this.#batch, this.#part.rowKey);
    await this.#readEntries();
    await results.sendMessage(Buffer.from(this.#part.counts).toString('base64'));
    await ledger.updateEntity(this.#part, 'Replace', { etag: '*' });
  }

  async #flush(): Promise<void> {
    const done = this.#done.splice(0);
    await ledger.submitTransaction(
      done.map((entry): TransactionAction => {
        const entity = { ...this.#entity(entry), outcome: 'applied', result: outcome };
        return ['update', entity, 'Replace', { etag: this.#etags[entry] ?? '*' }];
      }),
    );
    await ledger.updateEntity(this.#part, 'Replace', { etag: '*' });
  }

  async #readEntries(): Promise<void> {
    const filter = `PartitionKey eq '${this.#partition}'`;
    for await (const _entry of ledger.listEntities({ queryOptions: { filter } }));
  }

  #entity(entry: number) {
    const user = `sip:${this.#users[entry]?.address}`;
    const rowKey = String(entry).padStart(6, '0');
    return { partitionKey: this.#partition, rowKey, user, hop: 0, digest: 'x'.repeat(22) };
  }
}
