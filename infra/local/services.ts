import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import runtimeEnvironment from '../runtime-environment.json' with { type: 'json' };
import { IdentityEndpoint } from './identity/identity-endpoint.ts';
import { type Certificate, makeCertificate } from './key-vault/certificate.ts';
import { KeyVaultEmulator } from './key-vault/key-vault-emulator.ts';
import { domainsOf, type LocalUser, secretNameOf } from './local-users.ts';
import { type Ports, startOn } from './ports.ts';
import { LocalStorage } from './storage/azurite.ts';
import { createQueuesAndTables } from './storage/queues-and-tables.ts';
import { UcwaSimulator } from './ucwa-simulator/simulator.ts';

export interface ServicesOptions {
  readonly ports: Ports;
  readonly users: readonly LocalUser[];
  /** What is given already is used instead of ours: UCWA_DISCOVERY_URL, KEY_VAULT_URL, BulkStorage. */
  readonly environment: NodeJS.ProcessEnv;
  /** Opens storage as in Azure: over https, to tokens of the identity, with no key told to the functions. */
  readonly storageByIdentity?: boolean;
}

/** Who the functions are, and the certificate that the vault and storage show. */
interface Trust {
  readonly identity: IdentityEndpoint;
  readonly certificate: Certificate;
}

/** The queues and tables, as the deployment makes them in Azure. */
const storageNames = {
  queues: ['simring-bulk', 'simring-bulk-poison', 'simring-results'],
  tables: ['simringledger', 'simringusers'],
};

/**
 * All that the functions need around them, on this machine: storage, UCWA, Key Vault and an identity. Stop it when
 * done: each part ends, the last started first.
 */
export class LocalServices {
  readonly #options: ServicesOptions;
  readonly #stops: (() => Promise<void>)[] = [];
  #environment: Record<string, string> = runtimeEnvironment;
  #storage: LocalStorage | undefined;
  #trust: Promise<Trust> | undefined;
  #ucwa: UcwaSimulator | undefined;
  #vault: KeyVaultEmulator | undefined;
  #certificate: string | undefined;

  constructor(options: ServicesOptions) {
    this.#options = options;
  }

  /** What the functions are to be told. */
  get environment(): Readonly<Record<string, string>> {
    return this.#environment;
  }

  /** The certificate of the vault, to be trusted; undefined where the vault is not ours. */
  get certificate(): string | undefined {
    return this.#certificate;
  }

  /** The simulator; throws where UCWA is not ours. */
  get ucwa(): UcwaSimulator {
    if (this.#ucwa === undefined)
      throw new Error('UCWA_DISCOVERY_URL names another server than the simulator.');
    return this.#ucwa;
  }

  /** The vault; throws where it is not ours. */
  get vault(): KeyVaultEmulator {
    if (this.#vault === undefined) throw new Error('KEY_VAULT_URL names another vault than the emulator.');
    return this.#vault;
  }

  /** Storage; throws where it is not ours. */
  get storage(): LocalStorage {
    if (this.#storage === undefined) throw new Error('BulkStorage names another storage than ours.');
    return this.#storage;
  }

  /** Starts what is not given. Throws UsageError where a port is busy; what was started is then stopped again. */
  async start(): Promise<void> {
    const { environment, users } = this.#options;
    try {
      const started = await Promise.allSettled([
        environment['BulkStorage'] === undefined ? this.#startStorage() : undefined,
        environment['UCWA_DISCOVERY_URL'] === undefined ? this.#startUcwa() : undefined,
        environment['KEY_VAULT_URL'] === undefined ? this.#startVault() : undefined,
      ]);
      for (const result of started) if (result.status === 'rejected') throw result.reason;
      this.#tell({ SIP_DOMAINS: domainsOf(users).join(',') });
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }

  #tell(environment: Record<string, string>): void {
    this.#environment = { ...this.#environment, ...environment };
  }

  async #startStorage(): Promise<void> {
    const { ports, storageByIdentity = false } = this.#options;
    const storage = new LocalStorage({
      ports: { blob: ports.PORT_BLOB, queue: ports.PORT_QUEUE, table: ports.PORT_TABLE },
      ...(storageByIdentity ? { oauth: await this.#trustedCertificate() } : {}),
    });
    await startOn(ports, ['PORT_BLOB', 'PORT_QUEUE', 'PORT_TABLE'], () => storage.start());
    this.#stops.push(() => storage.stop());
    this.#storage = storage;
    await createQueuesAndTables(storage.connectionString, storageNames);
    this.#tell(storageByIdentity ? addressesOf(storage) : keysOf(storage));
  }

  /** One identity and one certificate, for whoever needs them first. */
  #openTrust(): Promise<Trust> {
    this.#trust ??= this.#startIdentity();
    return this.#trust;
  }

  async #startIdentity(): Promise<Trust> {
    const identity = new IdentityEndpoint();
    await identity.start();
    this.#stops.push(() => identity.stop());
    const certificate = await makeCertificate();
    this.#certificate = certificate.cert;
    this.#tell({ ...identity.environment });
    return { identity, certificate };
  }

  /** The certificate, trusted by this process too, which makes the queues and tables. */
  async #trustedCertificate(): Promise<Certificate> {
    const { certificate } = await this.#openTrust();
    setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);
    return certificate;
  }

  async #startUcwa(): Promise<void> {
    const { ports, users } = this.#options;
    const ucwa = new UcwaSimulator({
      users: users.map(({ secret: _secret, ...user }) => user),
      ports: { discovery: ports.PORT_UCWA, pools: [ports.PORT_UCWA_POOL] },
      latencyMs: 5,
    });
    await startOn(ports, ['PORT_UCWA', 'PORT_UCWA_POOL'], () => ucwa.start());
    this.#stops.push(() => ucwa.stop());
    this.#ucwa = ucwa;
    this.#tell({ UCWA_DISCOVERY_URL: ucwa.discoveryUrl, UCWA_TRUSTED_HOSTS: '127.0.0.1' });
  }

  async #startVault(): Promise<void> {
    const { ports, users } = this.#options;
    const { identity, certificate } = await this.#openTrust();
    const acceptsToken = (token: string, audience: string) => identity.accepts(token, audience);
    const vault = new KeyVaultEmulator({ acceptsToken, certificate, port: ports.PORT_KEY_VAULT });
    await startOn(ports, ['PORT_KEY_VAULT'], () => vault.start());
    this.#stops.push(() => vault.stop());
    for (const { sip, username, password, secret } of users) {
      if (secret) vault.setSecret(secretNameOf(sip), JSON.stringify({ username, password }));
    }
    this.#vault = vault;
    this.#tell({ KEY_VAULT_URL: vault.url });
  }
}

function keysOf({ connectionString }: LocalStorage): Record<string, string> {
  return { BulkStorage: connectionString, AzureWebJobsStorage: connectionString };
}

function addressesOf({ blobUri, queueUri, tableUri }: LocalStorage): Record<string, string> {
  return {
    BulkStorage__queueServiceUri: queueUri,
    BulkStorage__tableServiceUri: tableUri,
    BulkStorage__credential: 'managedidentity',
    AzureWebJobsStorage__blobServiceUri: blobUri,
    AzureWebJobsStorage__queueServiceUri: queueUri,
    AzureWebJobsStorage__tableServiceUri: tableUri,
    AzureWebJobsStorage__credential: 'managedidentity',
  };
}
