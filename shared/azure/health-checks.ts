import type { TokenCredential } from '@azure/identity';
import { phoneMetadata } from '../ring/model/phone/phone-plan.ts';
import type { Invocation, RingDeps } from '../ring/ports/deps.ts';
import type { UcwaClient } from '../ucwa/client.ts';
import { isLoopback } from '../ucwa/transport/trust.ts';
import type { SipUri } from '../ucwa/uri.ts';
import { type Check, type HealthCheck, runCheck } from './health-check.ts';
import type { Deployed } from './health-commands.ts';
import type { KeyVaultCredentials } from './key-vault.ts';
import type { StorageSettings } from './settings/storage-settings.ts';
import { queueNames, tableNames } from './storage/names.ts';
import type { Storage } from './storage/storage-clients.ts';
import { storageHosts } from './storage-hosts.ts';
import { checkUser } from './user-check.ts';

/** What the checks are made of. */
export interface HealthDeps extends Storage {
  readonly ring: RingDeps;
  readonly credentials: KeyVaultCredentials;
  readonly identity: () => Promise<TokenCredential>;
  readonly vault: URL;
  readonly domains: readonly string[];
  readonly trustedHosts: readonly string[];
  readonly storage: StorageSettings;
}

/** Checks all that the app depends on and, for a user, that this user can sign in. It never throws. */
export type CheckHealth = (call: Invocation, user?: SipUri) => Promise<readonly HealthCheck[]>;

/** Makes the function that checks everything at once, each within eight seconds but for the sign-in of a user. */
export function createHealthChecks(deps: HealthDeps): CheckHealth {
  const checks = [...azureChecks(deps), ...storageChecks(deps), ...discoveryChecks(deps)];
  const deployed = deployedAs(deps);
  const { date, version } = phoneMetadata;
  const phones = { name: 'phone numbers', ok: true, detail: `are judged by plans of ${date} (${version})` };
  return async (call, user) => [
    ...(await Promise.all([
      ...checks.map((check) => runCheck(deps.ring.clock, deployed, check)),
      ...(user === undefined ? [] : [checkUser(deps.ring, call, user)]),
    ])),
    phones,
  ];
}

/** Names of resources as commands have them: the first label of the host, or a word that stands for it. */
function deployedAs({ vault, storage, trustedHosts }: HealthDeps): Deployed {
  const { queue = 'localhost' } = storageHosts(storage);
  const clientId = 'clientId' in storage ? storage.clientId : undefined;
  return {
    vault: resourceOf(vault.hostname) ?? 'VAULT',
    storage: resourceOf(queue.replace(/:\d+$/, '')) ?? 'STORAGE',
    clientId: clientId ?? 'CLIENT_ID',
    trustedHosts,
  };
}

function resourceOf(hostname: string): string | undefined {
  return isLoopback(hostname) ? undefined : hostname.split('.')[0];
}

function azureChecks({ credentials, identity, vault }: HealthDeps): readonly Check[] {
  return [
    {
      name: 'identity',
      look: async (abortSignal) => {
        await (await identity()).getToken(scopeOf(vault), { abortSignal });
        return 'gets tokens';
      },
      host: 'What issues tokens to this app',
    },
    { name: 'Key Vault', look: (signal) => responds(credentials.probe(signal)), host: vault.host },
  ];
}

function storageChecks({ queues, users, ledger, storage }: HealthDeps): readonly Check[] {
  const hosts = storageHosts(storage);
  const checkOf = (service: 'queue' | 'table', name: string, look: Check['look']): Check => ({
    name: `${service} ${name}`,
    look,
    host: hosts[service],
    place: { service, name },
  });
  return [
    ...(['bulk', 'poison', 'results'] as const).map((name) =>
      checkOf('queue', queueNames[name], (signal) => responds(queues.probe(name, signal))),
    ),
    checkOf('table', tableNames.users, () => responds(users.probe())),
    checkOf('table', tableNames.ledger, () => responds(ledger.probe())),
  ];
}

function discoveryChecks({ ring, domains }: HealthDeps): readonly Check[] {
  return domains.map(
    (domain): Check => ({
      name: `discovery of ${domain}`,
      look: async (signal) => describeRoute(await ring.ucwa.probeDiscovery(domain, signal)),
    }),
  );
}

/** The scope of tokens for vaults: `x.vault.azure.net` takes those for `vault.azure.net`, in each cloud alike. */
function scopeOf({ hostname }: URL): string {
  const suffix = isLoopback(hostname) ? 'vault.azure.net' : hostname.slice(hostname.indexOf('.') + 1);
  return `https://${suffix}/.default`;
}

async function responds(probing: Promise<void>): Promise<string> {
  await probing;
  return 'responds';
}

type ProbedRoute = Awaited<ReturnType<UcwaClient['probeDiscovery']>>;

function describeRoute({ root, userHost, tokenHost, failures }: ProbedRoute): string {
  const others = failures.map(({ root: { host }, error }) => `${host} is not used: ${error.message}`);
  const way = `${root.host} leads to ${userHost}, where users sign in at ${tokenHost}.`;
  return [way, ...others].join(' ');
}
