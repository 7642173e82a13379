import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import type { RequestRules } from '../ring/model/parse-request.ts';
import type { RingDeps, RingLimits } from '../ring/ports/deps.ts';
import type { Log } from '../ring/ports/events.ts';
import { createHostsServed } from '../ring/user/hosts-served.ts';
import type { Clock } from '../runtime/clock.ts';
import { createInvocationLog } from '../runtime/invocation-log.ts';
import { Semaphore } from '../runtime/semaphore.ts';
import { createUcwaClient, defaultDiscoveryUrls, type UcwaClient } from '../ucwa/client.ts';
import type { OnBehalfOf } from '../ucwa/sign-in/on-behalf-of.ts';
import { type CheckHealth, createHealthChecks } from './health-checks.ts';
import { KeyVaultCredentials } from './key-vault.ts';
import { createOnBehalfOf } from './on-behalf-of.ts';
import type { Settings } from './settings/settings.ts';
import type { Storage } from './storage/storage-clients.ts';

/** The app: the collaborators of its use cases, and what only operators ask for. */
export interface App {
  readonly deps: RingDeps;
  readonly checkHealth: CheckHealth;
  /** Signs in to pools on behalf of whoever called with this token; undefined where callers have keys. */
  readonly onBehalfOf: ((assertion: string) => OnBehalfOf) | undefined;
  /** Removes what is older than the retention. Returns from how many batches and users. */
  purge(): Promise<{ readonly batches: number; readonly users: number }>;
}

/** What an app is built from besides its settings. */
export interface AppDeps {
  readonly storage: Storage;
  readonly identity: () => Promise<TokenCredential>;
  readonly clock: Clock;
}

/**
 * How many more users than slots may be in flight, as a share of the slots. While some users work on UCWA, others read
 * their secret or record their outcome, so that no slot waits for storage. More would claim users long before their turn.
 */
const besidesSlots = 0.5;

const hourMs = 3_600_000;

/** Builds the app from its settings. Sends no request yet. */
export function createApp(settings: Settings, { storage, identity, clock }: AppDeps): App {
  const { queues, ledger, users } = storage;
  const { SIP_DOMAINS: domains, UCWA_CONCURRENCY: concurrency } = settings;
  const ucwa = createUcwa(settings, clock);
  const vault = settings.KEY_VAULT_URL;
  const credentials = new KeyVaultCredentials(vault, identity, clock);
  const deps: RingDeps = {
    ucwa,
    credentials,
    users,
    ledger,
    queues,
    rules: rulesOf(settings),
    limits: limitsOf(settings),
    slots: new Semaphore(concurrency),
    inFlight: new Semaphore(concurrency + Math.ceil(concurrency * besidesSlots)),
    hostsServed: createHostsServed(clock),
    clock,
    random: Math.random,
    newId: randomUUID,
  };
  const { callers } = settings;
  return {
    deps,
    onBehalfOf: callers.kind === 'entra' ? createOnBehalfOf(callers.entra, identity, clock) : undefined,
    checkHealth: createHealthChecks({
      ...storage,
      ring: deps,
      credentials,
      identity,
      vault,
      domains,
      trustedHosts: settings.UCWA_TRUSTED_HOSTS ?? domains,
      storage: settings.storage,
    }),
    purge: async () => {
      const beforeMs = clock.nowMs() - retentionMsOf(settings);
      return { batches: await ledger.purge(beforeMs), users: await users.purge(beforeMs, clock) };
    },
  };
}

function createUcwa(settings: Settings, clock: Clock): UcwaClient {
  const { UCWA_DISCOVERY_URL: discoveryUrl } = settings;
  // Pools change outside of any invocation.
  const log: Log = createInvocationLog(console);
  return createUcwaClient({
    discoveryUrls: (domain) => (discoveryUrl === undefined ? defaultDiscoveryUrls(domain) : [discoveryUrl]),
    trustedHosts: settings.UCWA_TRUSTED_HOSTS ?? settings.SIP_DOMAINS,
    requestTimeoutMs: settings.UCWA_REQUEST_TIMEOUT_MS,
    caCertificates: settings.UCWA_CA_CERTIFICATES ?? [],
    clock,
    requestsAtOnce: settings.UCWA_CONCURRENCY,
    onPoolChange: (host, state) => log({ event: `pool-${state}`, level: 'warn', host }),
  });
}

function rulesOf(settings: Settings): RequestRules {
  const { SIP_DOMAINS: userDomains, TARGET_SIP_DOMAINS: targetDomains } = settings;
  return {
    users: { sipDomains: userDomains },
    targets: {
      defaultCountry: settings.TARGET_DEFAULT_COUNTRY,
      numbers: settings.TARGET_NUMBERS,
      countries: settings.TARGET_COUNTRIES,
      sipDomains: targetDomains === '*' ? undefined : (targetDomains ?? userDomains),
    },
  };
}

function limitsOf(settings: Settings): RingLimits {
  return {
    attemptLimitMs: settings.UCWA_ATTEMPT_LIMIT_MS,
    httpBudgetMs: settings.HTTP_BUDGET_MS,
    maxAttempts: settings.BULK_MAX_ATTEMPTS,
    sliceMs: settings.BULK_SLICE_MS,
    giveUpAfterMs: settings.BULK_GIVE_UP_HOURS * hourMs,
    retentionMs: retentionMsOf(settings),
  };
}

function retentionMsOf({ RESULT_RETENTION_DAYS: days }: Settings): number {
  return days * 24 * hourMs;
}
