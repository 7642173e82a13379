import { setTimeout as sleep } from 'node:timers/promises';
import { odata, TableClient } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import type { Person } from './people.ts';
import type { World } from './world.ts';

/** Entries of one message, as the limits have it. */
export const messageSize = 400;

/** A batch on its way through the queue. */
export class Batch {
  readonly name: string;
  readonly people: readonly Person[];
  readonly #storage: string;

  private constructor(name: string, people: readonly Person[], storage: string) {
    this.name = name;
    this.people = people;
    this.#storage = storage;
  }

  /** Sends people through the queue, 400 in a message. */
  static async send({ environment }: World, name: string, people: readonly Person[]): Promise<Batch> {
    const batch = new Batch(name, people, environment['BulkStorage'] ?? '');
    const queue = new QueueClient(batch.#storage, 'simring-bulk');
    const messages = messagesOf(name, people);
    for (const message of messages) await queue.sendMessage(message);
    return batch;
  }

  /** Waits until all parts are finished. Throws where that takes longer than `limitMs`, or `check` does. */
  async finished(limitMs: number, check: () => void = () => {}): Promise<void> {
    const parts = Math.ceil(this.people.length / messageSize);
    const endsAt = performance.now() + limitMs;
    for (;;) {
      check();
      const finished = await this.#finishedParts();
      if (finished >= parts) return;
      if (performance.now() > endsAt)
        throw new Error(`${finished} of ${parts} parts of ${this.name} were finished in ${limitMs} ms.`);
      // Azurite looks through its whole table at each look of ours: seldom enough not to be felt.
      await sleep(Math.min(5_000, 500 + parts * 20));
    }
  }

  /** How many entries have each outcome, by the ledger. */
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
    const told = outcomes.join(', ');
    if (told !== `${this.people.length} applied`) throw new Error(`Not everybody was set: ${told}.`);
  }

  async #finishedParts(): Promise<number> {
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

/** Sends people through the queue, waits until all are done, and makes sure that all were set. */
export async function runBatch(world: World, name: string, people: readonly Person[]): Promise<void> {
  const batch = await Batch.send(world, name, people);
  await batch.finished(30_000 + people.length * 100);
  await batch.requireApplied();
}

function messagesOf(name: string, people: readonly Person[]): readonly string[] {
  const parts = Math.ceil(people.length / messageSize);
  return Array.from({ length: parts }, (_, part) => {
    const entries = people
      .slice(part * messageSize, (part + 1) * messageSize)
      .map(({ address, target }) => ({ user: address, target }));
    const message = { schema: 'simring/bulk/1', batch: name, part, parts, entries };
    return Buffer.from(JSON.stringify(message)).toString('base64');
  });
}
