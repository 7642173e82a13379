import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import type { RingDeps } from '../ring/ports/deps.ts';
import type { Log } from '../ring/ports/events.ts';
import { createHostsServed } from '../ring/user/hosts-served.ts';
import { systemClock } from '../runtime/clock.ts';
import { createInvocationLog } from '../runtime/invocation-log.ts';
import { failed, type Result, success } from '../runtime/result.ts';
import { Semaphore } from '../runtime/semaphore.ts';
import { createUcwaClient, defaultDiscoveryUrls, type UcwaClient } from '../ucwa/client.ts';
import { type Checked, createHealthChecks } from './health-checks.ts';
import { KeyVaultCredentials } from './key-vault.ts';
import {
  readSettings,
  readStorageSettings,
  type SettingProblem,
  type Settings,
  type StorageSettings,
} from './settings/settings.ts';
import type { Storage } from './storage/storage-clients.ts';
import type { QueueLook } from './storage/storage-queues.ts';

/** The app: the collaborators of its use cases, and what only operators ask for. */
export interface App {
  readonly deps: RingDeps;
  checkHealth(): Promise<readonly Checked[]>;
  /** Removes what is older than the retention. */
  purge(): Promise<{ readonly batches: number; readonly users: number }>;
}

const read = readSettings();
const storageRead = readStorageSettings();
let wired: Promise<Result<App, readonly SettingProblem[]>> | undefined;

/** Settings that are missing or wrong; empty where all is well. Read once, when an instance starts. */
export const settingProblems: readonly SettingProblem[] = 'problems' in read ? read.problems : [];

const identity = rememberIdentity();
let storageConnection: Promise<Storage> | undefined;
const stop = new AbortController();

/** Aborted when this instance is about to stop: nothing new is started. */
export const stopping: AbortSignal = stop.signal;

const atWork = new Set<Promise<unknown>>();

/**
 * How many more users than work on UCWA may be in hand, as a share: while some work, others read their secret or record
 * their outcome, so that no place on the pools waits for storage. More would claim people long before their turn.
 */
const besidesAtWork = 0.5;

/** Azure gives the terminate hook five seconds. */
const stopWithinMs = 4_000;

/** Does work that {@link stopWork} waits for. */
export async function track<T>(work: Promise<T>): Promise<T> {
  atWork.add(work);
  try {
    return await work;
  } finally {
    atWork.delete(work);
  }
}

/**
 * Lets what is at work end: attempts stop, claims without a write under way are released, outcomes are written. Resolves
 * when all of it ended, within four seconds.
 */
export async function stopWork(): Promise<void> {
  stop.abort(new Error('This instance is about to stop.'));
  const limit = systemClock.timeout(stopWithinMs);
  const over = new Promise((resolve) => limit.signal.addEventListener('abort', resolve));
  await Promise.race([Promise.allSettled(atWork), over]);
  limit.stop();
}

/** The application, made when it is first asked for; or what is wrong with its settings. */
export function getApp(): Promise<Result<App, readonly SettingProblem[]>> {
  wired ??=
    'problems' in read ? Promise.resolve(failed(read.problems)) : createApp(read.settings).then(success);
  return wired;
}

/** The application, for what is registered only where the settings are right. Throws where they are not. */
export async function requireApp(): Promise<App> {
  const made = await getApp();
  if (!made.ok) throw new Error('The settings are not right.');
  return made.value;
}

/**
 * Looks at what waits in the queues. It needs the settings of storage alone: messages wait just when others are wrong.
 * Throws StorageUnavailableError, or an Error that names the settings of storage that are wrong.
 */
export async function lookAtQueues(): Promise<QueueLook> {
  if ('problems' in storageRead) {
    throw new Error(storageRead.problems.map(({ setting, detail }) => `${setting} ${detail}`).join(' '));
  }
  const { queues } = await connect(storageRead);
  return await queues.look(systemClock.nowMs());
}

function connect(storage: StorageSettings): Promise<Storage> {
  storageConnection ??= import('./storage/storage-clients.ts').then(({ connectStorage }) =>
    connectStorage(storage, identity),
  );
  return storageConnection;
}

async function createApp(settings: Settings): Promise<App> {
  const clock = systemClock;
  const { queues, ledger, users } = await connect(settings.storage);
  const { UCWA_CONCURRENCY: concurrency } = settings;
  const credentials = new KeyVaultCredentials(settings.KEY_VAULT_URL, identity, clock);
  const deps: RingDeps = {
    ucwa: ucwaClientFor(settings),
    credentials,
    users,
    ledger,
    queues,
    clock,
    rules: rulesOf(settings),
    hostsServed: createHostsServed(clock),
    random: Math.random,
    newId: randomUUID,
    slots: new Semaphore(concurrency),
    inFlight: new Semaphore(concurrency + Math.ceil(concurrency * besidesAtWork)),
    limits: {
      attemptLimitMs: settings.UCWA_ATTEMPT_LIMIT_MS,
      httpBudgetMs: settings.HTTP_BUDGET_MS,
      maxAttempts: settings.BULK_MAX_ATTEMPTS,
      sliceMs: settings.BULK_SLICE_MS,
      giveUpAfterMs: settings.BULK_GIVE_UP_HOURS * 3_600_000,
    },
  };
  return {
    deps,
    purge: async () => {
      const beforeMs = clock.nowMs() - settings.RESULT_RETENTION_DAYS * 24 * 3_600_000;
      return { batches: await ledger.purge(beforeMs), users: await users.purge(beforeMs) };
    },
    checkHealth: createHealthChecks({
      ucwa: deps.ucwa,
      credentials,
      users,
      ledger,
      queues,
      clock,
      domains: settings.SIP_DOMAINS,
    }),
  };
}

/** Pools change outside of any invocation. */
const log: Log = createInvocationLog(console);

function ucwaClientFor(settings: Settings): UcwaClient {
  const { UCWA_DISCOVERY_URL: discoveryUrl } = settings;
  return createUcwaClient({
    discoveryUrls: (domain) => (discoveryUrl === undefined ? defaultDiscoveryUrls(domain) : [discoveryUrl]),
    trustedHosts: settings.UCWA_TRUSTED_HOSTS ?? settings.SIP_DOMAINS,
    requestTimeoutMs: settings.UCWA_REQUEST_TIMEOUT_MS,
    caCertificates: settings.UCWA_CA_CERTIFICATES ?? [],
    clock: systemClock,
    requestsAtOnce: settings.UCWA_CONCURRENCY,
    onPoolChange: (host, state) => log({ event: `pool-${state}`, level: 'warn', host }),
  });
}

function rulesOf(settings: Settings) {
  const { TARGET_SIP_DOMAINS: sipDomains } = settings;
  return {
    users: { sipDomains: settings.SIP_DOMAINS },
    targets: {
      defaultCountry: settings.TARGET_DEFAULT_COUNTRY,
      countries: settings.TARGET_COUNTRIES,
      sipDomains: sipDomains === '*' ? undefined : (sipDomains ?? settings.SIP_DOMAINS),
    },
  };
}

/** One identity for vault and storage; its library is loaded when it is first needed. */
function rememberIdentity(): () => Promise<TokenCredential> {
  let made: Promise<TokenCredential> | undefined;
  return () => {
    made ??= import('@azure/identity').then(({ DefaultAzureCredential }) => new DefaultAzureCredential());
    return made;
  };
}
