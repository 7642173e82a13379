import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import runtimeEnvironment from '../runtime-environment.json' with { type: 'json' };
import { EntraEmulator } from './entra/entra-emulator.ts';
import { type LocalTenant, localApi, localTenant, sipClaim } from './entra/local-tenant.ts';
import { givenSettings, withLocalIdentity } from './given-settings.ts';
import { IdentityEndpoint } from './identity/identity-endpoint.ts';
import { type Certificate, makeCertificate } from './key-vault/certificate.ts';
import { KeyVaultEmulator } from './key-vault/key-vault-emulator.ts';
import { domainsOf, type LocalUser, secretNameOf } from './local-users.ts';
import { type Ports, startOn } from './ports.ts';
import { LocalStorage } from './storage/azurite.ts';
import { createMissing, createQueuesAndTables } from './storage/queues-and-tables.ts';
import { UcwaSimulator } from './ucwa-simulator/simulator.ts';

export interface ServicesOptions {
  readonly ports: Ports;
  readonly users: readonly LocalUser[];
  /**
   * Settings of the functions that are given, which come before the local ones. A service is not started if its setting is
   * given: UCWA_DISCOVERY_URL, KEY_VAULT_URL, BulkStorage.
   */
  readonly environment: NodeJS.ProcessEnv;
  /** Serves storage as in Azure: over https, for tokens of the identity, without an account key for the functions. */
  readonly storageByIdentity?: boolean;
  /** Identifies callers by the tokens of a tenant, that of the sample users where it is `true`. By default they need none. */
  readonly entra?: LocalTenant | true;
  /** The number of wrong passwords that locks an account; default: that of the simulator. */
  readonly lockoutAfter?: number;
  /** The names of the pools, the registrar first; default: one pool. */
  readonly pools?: readonly string[];
}

/** The identity of the functions, and the certificate of vault and storage. */
interface TrustedIdentity {
  readonly identity: IdentityEndpoint;
  readonly certificate: Certificate;
}

/** The queues and tables that the deployment creates in Azure. */
const storageNames = {
  queues: ['simring-bulk', 'simring-bulk-poison', 'simring-results'],
  tables: ['simringledger', 'simringusers'],
};

/** The services that the functions need, on this machine: storage, UCWA, Key Vault and an identity. */
export class LocalServices {
  readonly #options: ServicesOptions;
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #given: Readonly<Record<string, string>>;
  #environment: Record<string, string> = runtimeEnvironment;
  #storage: LocalStorage | undefined;
  #identity: Promise<TrustedIdentity> | undefined;
  #ucwa: UcwaSimulator | undefined;
  #vault: KeyVaultEmulator | undefined;
  #entra: EntraEmulator | undefined;
  #certificate: string | undefined;

  constructor(options: ServicesOptions) {
    this.#options = options;
    this.#given = givenSettings(options.environment);
  }

  /** All settings that the functions need, those that were given included. */
  get environment(): Readonly<Record<string, string>> {
    const given = this.#given;
    return { ...this.#environment, ...(this.#identity === undefined ? given : withLocalIdentity(given)) };
  }

  /** The certificate that the functions must trust; undefined for a vault that was given. */
  get certificate(): string | undefined {
    return this.#certificate;
  }

  /** The simulator; throws if UCWA_DISCOVERY_URL was given. */
  get ucwa(): UcwaSimulator {
    if (this.#ucwa === undefined)
      throw new Error('The simulator does not run: UCWA_DISCOVERY_URL names another server.');
    return this.#ucwa;
  }

  /** The vault; throws if KEY_VAULT_URL was given. */
  get vault(): KeyVaultEmulator {
    if (this.#vault === undefined)
      throw new Error('The emulator does not run: KEY_VAULT_URL names another vault.');
    return this.#vault;
  }

  /** Storage; throws if BulkStorage was given. */
  get storage(): LocalStorage {
    if (this.#storage === undefined)
      throw new Error('Local storage does not run: BulkStorage names another one.');
    return this.#storage;
  }

  /** The tenant that identifies callers; throws where nothing asked for one. */
  get entra(): EntraEmulator {
    if (this.#entra === undefined) throw new Error('The tenant does not run: callers need no token.');
    return this.#entra;
  }

  /** The identity of the functions; throws if no service that runs here needs one. */
  async identity(): Promise<IdentityEndpoint> {
    if (this.#identity === undefined) throw new Error('No service that runs here needs an identity.');
    return (await this.#identity).identity;
  }

  /** Starts the services that were not given, all or none. Throws UsageError when a port is in use. */
  async start(): Promise<void> {
    const { BulkStorage: storage, UCWA_DISCOVERY_URL: ucwa, KEY_VAULT_URL: vault } = this.#given;
    try {
      const started = await Promise.allSettled([
        storage === undefined ? this.#startStorage() : this.#useStorage(storage),
        ucwa === undefined ? this.#startUcwa() : undefined,
        vault === undefined ? this.#startVault() : undefined,
        this.#options.entra === undefined ? undefined : this.#startEntra(this.#options.entra),
      ]);
      for (const result of started) if (result.status === 'rejected') throw result.reason;
      this.#addSettings({ SIP_DOMAINS: domainsOf(this.#options.users).join(',') });
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops the services, the last started first. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }

  #addSettings(environment: Record<string, string>): void {
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
    this.#addSettings(storageByIdentity ? settingsWithoutKey(storage) : settingsWithKey(storage));
  }

  /** The host of the functions needs storage of its own too. */
  async #useStorage(connectionString: string): Promise<void> {
    await createMissing(connectionString, storageNames);
    this.#addSettings({ AzureWebJobsStorage: connectionString });
  }

  /** Starts identity and certificate once, for the first service that needs them. */
  #openIdentity(): Promise<TrustedIdentity> {
    this.#identity ??= this.#startIdentity();
    return this.#identity;
  }

  async #startIdentity(): Promise<TrustedIdentity> {
    const identity = new IdentityEndpoint();
    await identity.start();
    this.#stops.push(() => identity.stop());
    const certificate = await makeCertificate();
    this.#certificate = certificate.cert;
    this.#addSettings({ ...identity.environment });
    return { identity, certificate };
  }

  /** Returns the certificate and trusts it in this process too, which creates the queues and tables. */
  async #trustedCertificate(): Promise<Certificate> {
    const { certificate } = await this.#openIdentity();
    setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);
    return certificate;
  }

  async #startUcwa(): Promise<void> {
    const { ports, users, lockoutAfter, pools } = this.#options;
    const ucwa = new UcwaSimulator({
      users: users.map(({ secret: _secret, ...user }) => user),
      ...(this.#options.entra === undefined ? {} : { readEntraToken: (token) => this.#entra?.read(token) }),
      ports: { discovery: ports.PORT_UCWA, pools: [ports.PORT_UCWA_POOL] },
      latencyMs: 5,
      ...(lockoutAfter === undefined ? {} : { lockoutAfter }),
      ...(pools === undefined ? {} : { pools }),
    });
    await startOn(ports, ['PORT_UCWA', 'PORT_UCWA_POOL'], () => ucwa.start());
    this.#stops.push(() => ucwa.stop());
    this.#ucwa = ucwa;
    this.#addSettings({ UCWA_DISCOVERY_URL: ucwa.discoveryUrl, UCWA_TRUSTED_HOSTS: '127.0.0.1' });
  }

  async #startVault(): Promise<void> {
    const { ports, users } = this.#options;
    const { identity, certificate } = await this.#openIdentity();
    const acceptsToken = (token: string, audience: string) => identity.accepts(token, audience);
    const vault = new KeyVaultEmulator({ acceptsToken, certificate, port: ports.PORT_KEY_VAULT });
    await startOn(ports, ['PORT_KEY_VAULT'], () => vault.start());
    this.#stops.push(() => vault.stop());
    for (const { sip, username, password, secret } of users) {
      if (secret) vault.setSecret(secretNameOf(sip), JSON.stringify({ username, password }));
    }
    this.#vault = vault;
    this.#addSettings({ KEY_VAULT_URL: vault.url });
  }

  async #startEntra(tenant: LocalTenant | true): Promise<void> {
    const { ports, users } = this.#options;
    const { identity, certificate } = await this.#openIdentity();
    const entra = new EntraEmulator({
      ...(tenant === true ? localTenant(users) : tenant),
      api: localApi,
      certificate,
      port: ports.PORT_ENTRA,
      acceptsAssertion: (token, audience) => identity.accepts(token, audience),
    });
    await startOn(ports, ['PORT_ENTRA'], () => entra.start());
    this.#stops.push(() => entra.stop());
    this.#entra = entra;
    this.#addSettings(entraSettings(entra));
  }
}

function entraSettings({ url, tenantId }: EntraEmulator): Record<string, string> {
  return {
    CALLERS: 'entra',
    ENTRA_TENANT_ID: tenantId,
    ENTRA_CLIENT_ID: localApi.clientId,
    ENTRA_AUDIENCE: localApi.clientId,
    ENTRA_AUTHORITY: url,
    ENTRA_SIP_CLAIM: sipClaim,
  };
}

function settingsWithKey({ connectionString }: LocalStorage): Record<string, string> {
  return { BulkStorage: connectionString, AzureWebJobsStorage: connectionString };
}

function settingsWithoutKey({ blobUri, queueUri, tableUri }: LocalStorage): Record<string, string> {
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
