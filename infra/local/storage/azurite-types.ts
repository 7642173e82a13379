/**
 * The configuration of one service; `getCert` returns the key pair when there is a certificate. Azurite has no types of its own:
 * these are for the part of it that local storage uses.
 */
export type AzuriteConfiguration = { getCert(): { key: string; cert: string } };

/** The server of one service. */
export type AzuriteServer = {
  start(): Promise<void>;
  /** Rejects unless the server is running. */
  close(): Promise<void>;
  /** Releases the resources of a server that could not listen. */
  afterClose(): Promise<void>;
  getHttpServerAddress(): string;
};

/** The constructor for blobs and queues, with its parameters in Azurite's order. */
export type AzuriteBlobQueueConfiguration = new (
  host: string,
  port: number,
  keepAliveTimeoutSeconds: number,
  metadataDbPath: string,
  extentDbPath: string,
  persistencePaths: readonly object[],
  enableAccessLog: boolean,
  accessLogWriteStream: undefined,
  enableDebugLog: boolean,
  debugLogFilePath: undefined,
  loose: boolean,
  skipApiVersionCheck: boolean,
  cert: string,
  key: string,
  pwd: string,
  oauth: 'basic' | undefined,
  disableProductStyleUrl: boolean,
  isMemoryPersistence: boolean,
  memoryStore: object,
) => AzuriteConfiguration;

/** The constructor for tables, which has the parameters of the two logs in the reverse order. */
export type AzuriteTableConfiguration = new (
  host: string,
  port: number,
  keepAliveTimeoutSeconds: number,
  metadataDbPath: string,
  enableDebugLog: boolean,
  enableAccessLog: boolean,
  accessLogWriteStream: undefined,
  debugLogFilePath: undefined,
  loose: boolean,
  skipApiVersionCheck: boolean,
  cert: string,
  key: string,
  pwd: string,
  oauth: 'basic' | undefined,
  disableProductStyleUrl: boolean,
  isMemoryPersistence: boolean,
) => AzuriteConfiguration;

/** The constructor of all three servers. */
export type AzuriteServerClass = new (configuration: AzuriteConfiguration) => AzuriteServer;
