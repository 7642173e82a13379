import { createRequire } from 'node:module';
import type {
  AzuriteBlobQueueConfiguration,
  AzuriteConfiguration,
  AzuriteServer,
  AzuriteServerClass,
  AzuriteTableConfiguration,
} from './azurite-types.ts';
import type { StorageOptions, StoragePorts } from './storage-messages.ts';
import { PortInUseError } from './storage-messages.ts';

const load = createRequire(import.meta.url);
const memory: { MemoryExtentChunkStore: new () => object } = load(
  'azurite/dist/src/common/persistence/MemoryExtentStore.js',
);
const blobConfiguration: { default: AzuriteBlobQueueConfiguration } = load(
  'azurite/dist/src/blob/BlobConfiguration.js',
);
const blobServer: { default: AzuriteServerClass } = load('azurite/dist/src/blob/BlobServer.js');
const queueConfiguration: { default: AzuriteBlobQueueConfiguration } = load(
  'azurite/dist/src/queue/QueueConfiguration.js',
);
const queueServer: { default: AzuriteServerClass } = load('azurite/dist/src/queue/QueueServer.js');
const tableConfiguration: { default: AzuriteTableConfiguration } = load(
  'azurite/dist/src/table/TableConfiguration.js',
);
const tableServer: { default: AzuriteServerClass } = load('azurite/dist/src/table/TableServer.js');

const host = '127.0.0.1';
const keepAliveSeconds = 5;

/** The three services of Azurite in this process, in memory and without console output. */
export class AzuriteServers {
  readonly #options: StorageOptions;
  #running: AzuriteServer[] = [];

  constructor(options: StorageOptions) {
    this.#options = options;
  }

  /** Starts all three services or none, and returns their ports. Rejects with a `PortInUseError` when one is in use. */
  async start(): Promise<StoragePorts> {
    try {
      const blob = await this.#run(this.#blob(), this.#options.ports.blob);
      const queue = await this.#run(this.#queue(), this.#options.ports.queue);
      const table = await this.#run(this.#table(), this.#options.ports.table);
      return { blob, queue, table };
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops the services and discards their data. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = [];
    await Promise.all(running.map((server) => server.close()));
  }

  async #run(server: AzuriteServer, port: number): Promise<number> {
    try {
      await server.start();
    } catch (error) {
      await server.afterClose();
      throw isAddressInUse(error) ? new PortInUseError(port, { cause: error }) : error;
    }
    this.#running.push(server);
    return Number(new URL(server.getHttpServerAddress()).port);
  }

  #blob(): AzuriteServer {
    const { port, cert, key, oauth, chunks } = this.#common('blob');
    // biome-ignore format: the order of Azurite's parameters, a line for each kind
    const configuration = new blobConfiguration.default(
      host, port, keepAliveSeconds,
      'blob.json', 'blob-extents.json', [],
      false, undefined, false, undefined, false, true,
      cert, key, '', oauth, false, true, chunks,
    );
    return new blobServer.default(this.#withCertificate(configuration));
  }

  #queue(): AzuriteServer {
    const { port, cert, key, oauth, chunks } = this.#common('queue');
    // biome-ignore format: the order of Azurite's parameters, a line for each kind
    const configuration = new queueConfiguration.default(
      host, port, keepAliveSeconds,
      'queue.json', 'queue-extents.json', [],
      false, undefined, false, undefined, false, true,
      cert, key, '', oauth, false, true, chunks,
    );
    return new queueServer.default(this.#withCertificate(configuration));
  }

  #table(): AzuriteServer {
    const { port, cert, key, oauth } = this.#common('table');
    // biome-ignore format: the order of Azurite's parameters, a line for each kind
    const configuration = new tableConfiguration.default(
      host, port, keepAliveSeconds,
      'table.json',
      false, false, undefined, undefined, false, true,
      cert, key, '', oauth, false, true,
    );
    return new tableServer.default(this.#withCertificate(configuration));
  }

  #common(service: keyof StoragePorts) {
    const isSecure = this.#options.oauth !== undefined;
    return {
      port: this.#options.ports[service],
      // Azurite expects file names here; any name makes it call `getCert`, which is replaced below and reads no file.
      cert: isSecure ? 'given' : '',
      key: isSecure ? 'given' : '',
      oauth: isSecure ? ('basic' as const) : undefined,
      chunks: new memory.MemoryExtentChunkStore(),
    };
  }

  #withCertificate(configuration: AzuriteConfiguration): AzuriteConfiguration {
    const { oauth } = this.#options;
    if (oauth) configuration.getCert = () => oauth;
    return configuration;
  }
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
