/**
 * How one of the services listens; `getCert` is asked for the key pair when there is a certificate. (Azurite brings no
 * types of its own: these are the parts that the local storage uses.)
 */
export type AzuriteConfiguration = { getCert(): { key: string; cert: string } };

/** One of the three services. */
export type AzuriteServer = {
  start(): Promise<void>;
  /** Rejects unless the server runs. */
  close(): Promise<void>;
  /** Ends what a server holds that could not listen. */
  afterClose(): Promise<void>;
  getHttpServerAddress(): string;
};

/** The constructor that blob and queue share, with its parameters in Azurite's order. */
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

/** The constructor for tables, which has the switches of the two logs the other way round. */
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

/** The constructor that all three services share. */
export type AzuriteServerClass = new (configuration: AzuriteConfiguration) => AzuriteServer;
