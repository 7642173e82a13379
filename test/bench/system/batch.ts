import { setTimeout as sleep } from 'node:timers/promises';
import { odata, TableClient } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import type { BenchSystem } from './bench-system.ts';
import type { BenchUser } from './users.ts';

/** The number of entries in one message, as the limits assume. */
export const entriesPerMessage = 400;

/** What is asked for a user. */
export type EntryOf = (user: BenchUser, index: number) => Readonly<Record<string, string>>;

const ringTarget: EntryOf = ({ address, target }) => ({ user: address, target });

/** A batch that was sent through the queue. */
export class Batch {
  readonly name: string;
  readonly users: readonly BenchUser[];
  readonly #storage: string;

  private constructor(name: string, users: readonly BenchUser[], storage: string) {
    this.name = name;
    this.users = users;
    this.#storage = storage;
  }

  /** Sends a batch through the queue, 400 entries in a message; by default it rings each user's target. */
  static async send(
    { environment }: BenchSystem,
    name: string,
    users: readonly BenchUser[],
    entryOf: EntryOf = ringTarget,
  ): Promise<Batch> {
    const batch = new Batch(name, users, environment['BulkStorage'] ?? '');
    const queue = new QueueClient(batch.#storage, 'simring-bulk');
    const messages = formatMessages(name, users.map(entryOf));
    for (const message of messages) await queue.sendMessage(message);
    return batch;
  }

  /** Waits until all parts are finished. Throws where that takes longer than `limitMs`, or where `check` throws. */
  async waitUntilFinished(limitMs: number, check: () => void = () => {}): Promise<void> {
    const parts = Math.ceil(this.users.length / entriesPerMessage);
    const endMs = performance.now() + limitMs;
    for (;;) {
      check();
      const finished = await this.#countFinishedParts();
      if (finished >= parts) return;
      if (performance.now() > endMs)
        throw new Error(`${finished} of ${parts} parts of ${this.name} were finished in ${limitMs} ms.`);
      // Azurite scans its whole table for each query: few of them, so that they do not slow down the batch.
      await sleep(Math.min(5_000, 500 + parts * 20));
    }
  }

  /** Returns the users by outcome, as the ledger has them. */
  async outcomes(): Promise<ReadonlyMap<string, readonly string[]>> {
    const [from, to] = [`${this.name}|`, `${this.name}}`];
    const filter = odata`PartitionKey ge ${from} and PartitionKey lt ${to}`;
    const found = new Map<string, string[]>();
    for await (const { user, outcome } of this.#ledger().listEntities({ queryOptions: { filter } })) {
      const users = found.get(String(outcome));
      if (users === undefined) found.set(String(outcome), [String(user)]);
      else users.push(String(user));
    }
    return found;
  }

  /** Throws unless every entry was applied. */
  async requireApplied(): Promise<void> {
    const outcomes = [...(await this.outcomes())].map(([outcome, users]) => `${users.length} ${outcome}`);
    const counts = outcomes.join(', ');
    if (counts !== `${this.users.length} applied`) throw new Error(`Not every entry was applied: ${counts}.`);
  }

  async #countFinishedParts(): Promise<number> {
    const filter = odata`PartitionKey eq ${this.name} and finished eq true`;
    let count = 0;
    for await (const _part of this.#ledger().listEntities({ queryOptions: { filter } })) count += 1;
    return count;
  }

  #ledger(): TableClient {
    return TableClient.fromConnectionString(this.#storage, 'simringledger', {
      allowInsecureConnection: true,
    });
  }
}

/** Sends a batch through the queue and waits until it is finished. Throws unless every entry was applied. */
export async function runBatch(
  system: BenchSystem,
  name: string,
  users: readonly BenchUser[],
  entryOf: EntryOf = ringTarget,
): Promise<void> {
  const batch = await Batch.send(system, name, users, entryOf);
  await batch.waitUntilFinished(30_000 + users.length * 100);
  await batch.requireApplied();
}

function formatMessages(name: string, all: readonly object[]): readonly string[] {
  const parts = Math.ceil(all.length / entriesPerMessage);
  return Array.from({ length: parts }, (_, part) => {
    const entries = all.slice(part * entriesPerMessage, (part + 1) * entriesPerMessage);
    const message = { schema: 'simring/bulk/1', batch: name, part, parts, entries };
    return Buffer.from(JSON.stringify(message)).toString('base64');
  });
}
