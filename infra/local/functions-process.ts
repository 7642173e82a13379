import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { buildFunctions } from '../build.ts';
import { FunctionsHost } from './functions-host/functions-host.ts';
import type { LogEntry } from './functions-host/runtime/log.ts';
import { identityVariables } from './given-settings.ts';
import { type Ports, startOn, UsageError } from './ports.ts';

export interface FunctionsOptions {
  readonly ports: Ports;
  readonly log: (entry: LogEntry) => void;
}

/** Prepares this process for the functions: sets missing environment variables, and trusts the vault's certificate. */
export function adoptEnvironment(
  environment: Readonly<Record<string, string>>,
  certificate: string | undefined,
): void {
  // The local vault accepts nothing but tokens of the local identity.
  if (certificate !== undefined) for (const variable of identityVariables) delete process.env[variable];
  for (const [name, value] of Object.entries(environment)) process.env[name] ??= value;
  if (certificate !== undefined) setDefaultCACertificates([...getCACertificates('default'), certificate]);
}

/**
 * Starts the functions in this process, which is possible once: those in the folder LOCAL_APP_DIRECTORY, laid out as they are
 * deployed, or by default those of this checkout, which are built first.
 */
export async function startFunctions({ ports, log }: FunctionsOptions): Promise<FunctionsHost> {
  const appDirectory = process.env['LOCAL_APP_DIRECTORY'] ?? (await buildCheckout());
  const leaseSeconds = readLease(process.env['LOCAL_LEASE_SECONDS']);
  const host = new FunctionsHost({
    appDirectory,
    port: ports.PORT_FUNCTIONS,
    environment: process.env,
    log,
    ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
  });
  await startOn(ports, ['PORT_FUNCTIONS'], () => host.start());
  return host;
}

async function buildCheckout(): Promise<string> {
  await buildFunctions();
  return fileURLToPath(new URL('../..', import.meta.url));
}

function readLease(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 1 && seconds <= 604_800) return seconds;
  throw new UsageError('LOCAL_LEASE_SECONDS must be a number of seconds from 1 to 604800.');
}
