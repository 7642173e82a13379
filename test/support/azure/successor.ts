import { TableClient } from '@azure/data-tables';
import { QueueServiceClient } from '@azure/storage-queue';
import { LocalStorage } from '../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../infra/local/storage/queues-and-tables.ts';
import { UcwaSimulator } from '../../../infra/local/ucwa-simulator/simulator.ts';
import { type App, createApp } from '../../../shared/azure/app.ts';
import { readSettings } from '../../../shared/azure/settings/settings.ts';
import { queueNames, tableNames } from '../../../shared/azure/storage/names.ts';
import { connectStorage, type Storage } from '../../../shared/azure/storage/storage-clients.ts';
import { processMessage } from '../../../shared/ring/batch/process-message.ts';
import type { RingDeps } from '../../../shared/ring/ports/deps.ts';
import type { RingEvent } from '../../../shared/ring/ports/events.ts';
import type { Clock } from '../../../shared/runtime/clock.ts';
import { FakeClock } from '../fake-clock.ts';
import { FastQueue, receiveAll } from './fast-queue.ts';
import { storedMessages, storedRows, usersOnServer } from './stored-by-0-1.ts';

const noIdentity = () => Promise.reject(new Error('A connection string needs no identity.'));

/** This version of the app, at work on the tables, the queues and the server that 0.1 left behind. */
export class Successor {
  readonly simulator: UcwaSimulator;
  readonly storage: Storage;
  readonly events: RingEvent[] = [];
  readonly #local: LocalStorage;
  readonly #clock = new FakeClock({ skipsSleeps: true, realTimeouts: true });
  readonly #queue: FastQueue;
  readonly #deps: RingDeps;

  private constructor(local: LocalStorage, simulator: UcwaSimulator, storage: Storage) {
    this.#local = local;
    this.simulator = simulator;
    this.storage = storage;
    this.#queue = new FastQueue(storage.queues, this.#queueOf('bulk'), () => this.#clock.nowMs());
    const { deps } = build(local.connectionString, simulator.discoveryUrl, storage, this.#clock);
    // Every secret is still in the version that 0.1 saw.
    const credentials = {
      read: async (user: string) => ({ ...signInOf(user), name: 'secret', version: 'v1' }),
    };
    this.#deps = { ...deps, credentials, queues: this.#queue, random: () => 0.5 };
  }

  /** Starts storage and server, and puts there what 0.1 left. */
  static async start(): Promise<Successor> {
    const local = new LocalStorage();
    await local.start();
    const { connectionString } = local;
    const names = { queues: Object.values(queueNames), tables: Object.values(tableNames) };
    await createQueuesAndTables(connectionString, names);
    const simulator = new UcwaSimulator({
      users: usersOnServer.map(({ user, state }) => ({
        sip: user,
        ...signInOf(user),
        ...(state === undefined ? {} : { settings: state }),
      })),
    });
    await simulator.start();
    const storage = await connectStorage({ connectionString }, noIdentity);
    const successor = new Successor(local, simulator, storage);
    await successor.#takeOver();
    return successor;
  }

  async stop(): Promise<void> {
    await this.simulator.stop();
    await this.#local.stop();
  }

  /** Delivers every message as soon as it is visible, those included that are sent meanwhile, until none is left. */
  async workOff(): Promise<void> {
    for (let next = await this.#queue.take(); next !== undefined; next = await this.#queue.take()) {
      const { text: content, enqueuedAtMs, visibleAtMs, dequeueCount } = next;
      this.#clock.pass(Math.max(0, visibleAtMs - this.#clock.nowMs()));
      const invocation = {
        log: (event: RingEvent) => void this.events.push(event),
        correlationId: 'c-1',
        signal: new AbortController().signal,
        priority: 'batch',
      } as const;
      const delivery = { content, enqueuedAtMs, dequeueCount: dequeueCount + 1 };
      await processMessage(this.#deps, invocation, delivery);
    }
  }

  /** Takes all texts out of a queue that this version sends to. */
  takeTexts(name: 'poison' | 'results'): Promise<readonly string[]> {
    return receiveAll(this.#queueOf(name));
  }

  /** All rows of a table, without what storage itself adds to them. */
  async rowsOf(name: keyof typeof tableNames): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const rows: Record<string, unknown>[] = [];
    for await (const { etag: _etag, timestamp: _time, ...row } of this.#tableOf(name).listEntities()) {
      rows.push(row);
    }
    return rows;
  }

  async #takeOver(): Promise<void> {
    for (const row of storedRows.ledger) await this.#tableOf('ledger').createEntity(row);
    for (const row of storedRows.users) await this.#tableOf('users').createEntity(row);
    for (const { text, enqueuedAt, visibleAt, dequeueCount } of storedMessages) {
      await this.#queue.put({ text, enqueuedAtMs: enqueuedAt, visibleAtMs: visibleAt, dequeueCount });
    }
  }

  #tableOf(name: keyof typeof tableNames): TableClient {
    const options = { allowInsecureConnection: true };
    return TableClient.fromConnectionString(this.#local.connectionString, tableNames[name], options);
  }

  #queueOf(name: keyof typeof queueNames) {
    const service = QueueServiceClient.fromConnectionString(this.#local.connectionString);
    return service.getQueueClient(queueNames[name]);
  }
}

function build(connectionString: string, discoveryUrl: string, storage: Storage, clock: Clock): App {
  const settings = readSettings({
    SIP_DOMAINS: 'contoso.com',
    KEY_VAULT_URL: 'https://vault.contoso.com',
    UCWA_DISCOVERY_URL: discoveryUrl,
    UCWA_TRUSTED_HOSTS: '127.0.0.1',
    BulkStorage: connectionString,
    // 0.1 left a message whose request is 31 days old: with a shorter retention it would not be taken.
    RESULT_RETENTION_DAYS: '60',
  });
  if (!settings.ok) throw new Error(JSON.stringify(settings.error));
  return createApp(settings.value, { storage, identity: noIdentity, clock });
}

function signInOf(user: string): { username: string; password: string } {
  return { username: `CONTOSO\\${user.slice('sip:'.length, user.indexOf('@'))}`, password: 'secret' };
}
