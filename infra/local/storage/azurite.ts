import type { StoragePorts } from './storage-messages.ts';
import { StorageProcess } from './storage-process.ts';

/** Azurite's well-known account, which is built into tools for Azure Storage. */
const account = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
} as const;

type Options = {
  /** Default: any free port for each service. */
  ports?: Partial<StoragePorts>;
  /** With a certificate (PEM text) storage uses https and accepts tokens of an identity. */
  oauth?: { readonly key: string; readonly cert: string };
  /** Runs storage in this process, when their memory need not be measured separately. Default false. */
  inProcess?: boolean;
};

type Services = { start(): Promise<StoragePorts>; stop(): Promise<void> };

/**
 * Azure Storage on loopback, by Azurite: blobs, queues and tables in memory, discarded by `stop`. It runs in a process of its own,
 * which ends with this one, unless `inProcess` is true.
 */
export class LocalStorage {
  readonly #options: Options;
  #services: Services | undefined;
  #ports: StoragePorts | undefined;

  constructor(options: Options = {}) {
    this.#options = options;
  }

  /** Resolves when all three services listen. Rejects with a `PortInUseError` when a port is in use. */
  async start(): Promise<void> {
    const services = await this.#createServices();
    this.#ports = await services.start();
    this.#services = services;
  }

  /** Stops the services; does nothing before the start. */
  async stop(): Promise<void> {
    const services = this.#services;
    this.#services = undefined;
    await services?.stop();
  }

  /** For clients with the account's key; throws before the first start, like the URIs. */
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
    if (!this.#ports) throw new Error('Local storage has no address yet: start it first.');
    const protocol = this.#options.oauth ? 'https' : 'http';
    return `${protocol}://127.0.0.1:${this.#ports[service]}/${account.name}`;
  }

  async #createServices(): Promise<Services> {
    const { ports, oauth, inProcess = false } = this.#options;
    const options = { ports: { blob: 0, queue: 0, table: 0, ...ports }, oauth };
    if (!inProcess) return new StorageProcess(options);
    // Loading Azurite takes more than a second, so that it is only loaded when it runs in this process.
    const { AzuriteServers } = await import('./azurite-servers.ts');
    return new AzuriteServers(options);
  }
}
