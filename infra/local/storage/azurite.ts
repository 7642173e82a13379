import type { StoragePorts } from './storage-messages.ts';
import { StorageProcess } from './storage-process.ts';

/** Azurite's well-known account, which every tool for Azure Storage knows. */
const account = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
} as const;

type Options = {
  /** Any free port where left out. */
  ports?: Partial<StoragePorts>;
  /** A certificate (PEM text) makes it speak https and take tokens of an identity. */
  oauth?: { readonly key: string; readonly cert: string };
  /** In this process, where the memory of both need not be told apart. */
  inProcess?: boolean;
};

type Services = { start(): Promise<StoragePorts>; stop(): Promise<void> };

/**
 * Azure Storage on loopback, by Azurite: blobs, queues and tables in memory, gone with `stop`. It runs in a process of
 * its own, which ends with this one, unless `inProcess` says otherwise.
 */
export class LocalStorage {
  readonly #options: Options;
  #services: Services | undefined;
  #ports: StoragePorts | undefined;

  constructor(options: Options = {}) {
    this.#options = options;
  }

  /** Resolves when all three services listen; rejects with a `PortBusyError` when one of the ports is taken. */
  async start(): Promise<void> {
    const services = await this.#createServices();
    this.#ports = await services.start();
    this.#services = services;
  }

  /** Does nothing when not started. */
  async stop(): Promise<void> {
    const services = this.#services;
    this.#services = undefined;
    await services?.stop();
  }

  /** For clients that sign with the account's key; throws before the first start, as the addresses do. */
  get connectionString(): string {
    const endpoints = `BlobEndpoint=${this.blobUri};QueueEndpoint=${this.queueUri};TableEndpoint=${this.tableUri};`;
    const protocol = this.#options.oauth ? 'https' : 'http';
    return `DefaultEndpointsProtocol=${protocol};AccountName=${account.name};AccountKey=${account.key};${endpoints}`;
  }

  get blobUri(): string {
    return this.#uri('blob');
  }

  get queueUri(): string {
    return this.#uri('queue');
  }

  get tableUri(): string {
    return this.#uri('table');
  }

  #uri(service: keyof StoragePorts): string {
    if (!this.#ports) throw new Error('The storage has no addresses yet: start it first.');
    const protocol = this.#options.oauth ? 'https' : 'http';
    return `${protocol}://127.0.0.1:${this.#ports[service]}/${account.name}`;
  }

  async #createServices(): Promise<Services> {
    const { ports, oauth, inProcess = false } = this.#options;
    const options = { ports: { blob: 0, queue: 0, table: 0, ...ports }, oauth };
    if (!inProcess) return new StorageProcess(options);
    // Azurite takes more than a second to load, which only those pay who run it here.
    const { AzuriteServers } = await import('./azurite-servers.ts');
    return new AzuriteServers(options);
  }
}
