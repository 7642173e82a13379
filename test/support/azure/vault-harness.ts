import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TokenCredential } from '@azure/identity';
import { afterAll, beforeAll, expect, onTestFinished, vi } from 'vitest';
import { IdentityEndpoint } from '../../../infra/local/identity/identity-endpoint.ts';
import { type Certificate, makeCertificate } from '../../../infra/local/key-vault/certificate.ts';
import { KeyVaultEmulator } from '../../../infra/local/key-vault/key-vault-emulator.ts';
import { createIdentity } from '../../../shared/azure/identity.ts';
import { KeyVaultCredentials } from '../../../shared/azure/key-vault.ts';
import type { Credential } from '../../../shared/ring/ports/credential-store.ts';
import { FakeClock } from '../fake-clock.ts';
import { sip } from '../ring/addresses.ts';

/** The identity of this process. The library looks for it once: there is one for each test file. */
export const identity = new IdentityEndpoint();
const trusted = getCACertificates('default');
const alice = sip('alice.b@contoso.com');
let certificate: Certificate;

/** The name of alice's secret. */
export const secretName = 'ucwa-alice-2eb-40contoso-2ecom';

/** A valid value of alice's secret. */
export const secret = { username: 'CONTOSO\\alice', password: 'hunter2-é"😀' };

beforeAll(async () => {
  certificate = await makeCertificate();
  setDefaultCACertificates([...trusted, certificate.cert]);
  await identity.start();
  for (const [variable, value] of Object.entries(identity.environment)) vi.stubEnv(variable, value);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  setDefaultCACertificates(trusted);
  await identity.stop();
});

interface ReadOptions {
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
}

/** A vault without secrets, and the credentials in it. */
export interface VaultHarness {
  readonly vault: KeyVaultEmulator;
  readonly clock: FakeClock;
  readonly credentials: KeyVaultCredentials;
  /** Reads alice's credential, by default from the cache and without an end. */
  read(options?: ReadOptions): Promise<Credential>;
}

/** Starts a vault that accepts the identity of this process. It stops when the test ends. */
export async function startVault(): Promise<VaultHarness> {
  const vault = new KeyVaultEmulator({
    acceptsToken: (token, audience) => identity.accepts(token, audience),
    certificate,
  });
  await vault.start();
  onTestFinished(() => vault.stop());
  const clock = new FakeClock();
  const credentials = connect(vault, { clock });
  return { vault, clock, credentials, read: (options) => readSecret(credentials, options) };
}

/** Connects to a vault, by default as the identity of this process. */
export function connect(
  vault: KeyVaultEmulator,
  {
    as = async () => createIdentity(),
    clock = new FakeClock(),
  }: { as?: () => Promise<TokenCredential>; clock?: FakeClock } = {},
): KeyVaultCredentials {
  return new KeyVaultCredentials(new URL(vault.url), as, clock);
}

/** Reads alice's credential. */
export function readSecret(
  credentials: KeyVaultCredentials,
  { fresh = false, signal = new AbortController().signal }: ReadOptions = {},
): Promise<Credential> {
  return credentials.read(alice, { fresh, signal });
}

/** Returns the error of a read that must fail, and checks that it does not reveal the secret. */
export async function failureOf(reading: Promise<unknown>): Promise<Error> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('The read did not fail.');
  expect(`${error.message} ${String(error.cause)}`).not.toMatch(/hunter2|CONTOSO/);
  return error;
}
