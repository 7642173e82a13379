import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { IdentityEndpoint } from '../../../../infra/local/identity/identity-endpoint.ts';
import { type Certificate, makeCertificate } from '../../../../infra/local/key-vault/certificate.ts';
import { KeyVaultEmulator } from '../../../../infra/local/key-vault/key-vault-emulator.ts';
import { KeyVaultCredentials } from '../../../../shared/azure/key-vault.ts';
import {
  CredentialInvalidError,
  CredentialMissingError,
  VaultRefusedError,
  VaultUnavailableError,
} from '../../../../shared/ring/ports/credential-store.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { sip } from '../../../support/ring/addresses.ts';

const identity = new IdentityEndpoint();
const trusted = getCACertificates('default');
const alice = sip('alice.b@contoso.com');
const name = 'ucwa-alice-2eb-40contoso-2ecom';
const secret = { username: 'CONTOSO\\alice', password: 'hunter2-é"😀' };
let certificate: Certificate;
let vault: KeyVaultEmulator;
let clock: FakeClock;
let credentials: KeyVaultCredentials;

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

beforeEach(async () => {
  vault = new KeyVaultEmulator({
    acceptsToken: (token, audience) => identity.accepts(token, audience),
    certificate,
  });
  await vault.start();
  clock = new FakeClock();
  credentials = connect(async () => new DefaultAzureCredential());
});
afterEach(() => vault.stop());

function connect(as: () => Promise<TokenCredential>): KeyVaultCredentials {
  return new KeyVaultCredentials(new URL(vault.url), as, clock);
}

function read({ fresh = false, signal = new AbortController().signal } = {}, store = credentials) {
  return store.read(alice, { fresh, signal });
}

async function failure(reading: Promise<unknown>): Promise<Error> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('The read did not fail.');
  expect(`${error.message} ${String(error.cause)}`).not.toMatch(/hunter2|CONTOSO/);
  return error;
}

describe('a credential', () => {
  it('is read from the secret of its user, with its version', async () => {
    const version = vault.setSecret(name, JSON.stringify(secret));
    expect(await read()).toEqual({ ...secret, version });
    expect(vault.reads).toEqual([{ name, status: 200 }]);
  });

  it('may have other properties, and a byte order mark at its start', async () => {
    const version = vault.setSecret(name, `\ufeff${JSON.stringify({ ...secret, setBy: 'HR' })}`);
    expect(await read()).toEqual({ ...secret, version });
  });

  it('is cached for a minute', async () => {
    const first = vault.setSecret(name, JSON.stringify(secret));
    await read();
    const second = vault.setSecret(name, JSON.stringify({ ...secret, password: 'new' }));
    await clock.advance(59_999);
    expect((await read()).version).toBe(first);
    expect(vault.count()).toBe(1);
    await clock.advance(2);
    expect(await read()).toEqual({ ...secret, password: 'new', version: second });
    expect(vault.count()).toBe(2);
  });

  it('is read past the cache when it must be fresh, and cached anew', async () => {
    vault.setSecret(name, JSON.stringify(secret));
    await read();
    const second = vault.setSecret(name, JSON.stringify(secret));
    expect((await read({ fresh: true })).version).toBe(second);
    expect((await read()).version).toBe(second);
    expect(vault.count()).toBe(2);
  });

  it('is separate for each user', async () => {
    vault.setSecret(name, JSON.stringify(secret));
    vault.setSecret('ucwa-bob-40contoso-2ecom', JSON.stringify({ username: 'bob', password: 'b' }));
    await read();
    const bob = await credentials.read(sip('bob@contoso.com'), {
      fresh: false,
      signal: new AbortController().signal,
    });
    expect(bob.username).toBe('bob');
  });
});

describe('a secret that cannot be used', () => {
  it('is reported missing by name, and found as soon as it exists', async () => {
    const error = await failure(read());
    expect(error).toBeInstanceOf(CredentialMissingError);
    expect(error.message).toContain(name);
    vault.setSecret(name, JSON.stringify(secret));
    expect((await read()).username).toBe(secret.username);
  });

  it('is reported missing after it was deleted', async () => {
    vault.setSecret(name, JSON.stringify(secret));
    vault.deleteSecret(name);
    expect(await failure(read())).toBeInstanceOf(CredentialMissingError);
  });

  it('is reported as disabled, which does not mean that the vault refuses us', async () => {
    vault.setSecret(name, JSON.stringify(secret));
    vault.disableSecret(name);
    const error = await failure(read());
    expect(error).toBeInstanceOf(CredentialInvalidError);
    expect(error.message).toBe(`The secret ${name} is disabled.`);
  });

  it.each([
    ['a text that is not JSON', 'CONTOSO\\alice:hunter2'],
    ['an empty text', ''],
    ['a JSON string', '"hunter2"'],
    ['a list', '["CONTOSO\\\\alice","hunter2"]'],
    ['JSON without a password', '{"username":"CONTOSO\\\\alice"}'],
    ['JSON without a user name', '{"password":"hunter2"}'],
    ['JSON with an empty password', '{"username":"CONTOSO\\\\alice","password":""}'],
    ['JSON with a number as password', '{"username":"CONTOSO\\\\alice","password":7}'],
    ['JSON with other property names', '{"Username":"CONTOSO\\\\alice","Password":"hunter2"}'],
  ])('is reported as invalid: %s', async (_what, value) => {
    vault.setSecret(name, value);
    const error = await failure(read());
    expect(error).toBeInstanceOf(CredentialInvalidError);
    expect(error.message).toContain(name);
  });

  it('does not replace the cached credential', async () => {
    vault.setSecret(name, JSON.stringify(secret));
    await read();
    vault.setSecret(name, 'broken');
    await failure(read({ fresh: true }));
    expect((await read()).username).toBe(secret.username);
  });
});

describe('a vault that fails', () => {
  const hostOf = () => new URL(vault.url).host;

  beforeEach(() => {
    vault.setSecret(name, JSON.stringify(secret));
  });

  it('is told apart if it refuses our identity', async () => {
    vault.refuseIdentity(true);
    const error = await failure(read());
    expect(error).toBeInstanceOf(VaultRefusedError);
    expect(error.message).toContain(hostOf());
    expect(error.message).toContain('403 ForbiddenByRbac');
  });

  it.each([
    [401, 'Unauthorized', VaultRefusedError],
    [403, 'ForbiddenByFirewall', VaultRefusedError],
    [404, 'Gateway', VaultUnavailableError],
    [408, 'Timeout', VaultUnavailableError],
    [429, 'Throttled', VaultUnavailableError],
    [500, 'InternalServerError', VaultUnavailableError],
    [503, 'ServiceUnavailable', VaultUnavailableError],
  ])('is told apart by %i %s', async (status, code, type) => {
    vault.fail({ name, status, code });
    const error = await failure(read());
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(hostOf());
    expect(error.message).toContain(String(status));
    vault.clearFaults();
    expect((await read()).username).toBe(secret.username);
  });

  it('is asked once for each read: the caller decides about retries', async () => {
    vault.fail({ name, status: 429, retryAfterSeconds: 1 });
    await failure(read());
    expect(vault.count()).toBe(1);
  });

  it('is unavailable if it breaks the connection', async () => {
    vault.fail({ kind: 'reset' });
    const error = await failure(read());
    expect(error).toBeInstanceOf(VaultUnavailableError);
    expect(error.message).toContain('no response ECONNRESET');
  });

  it('is unavailable if nothing listens', async () => {
    const host = hostOf();
    await vault.stop();
    const error = await failure(read());
    expect(error).toBeInstanceOf(VaultUnavailableError);
    expect(error.message).toBe(`The vault ${host} could not be read (no response ECONNREFUSED).`);
  });

  it('is given up when the signal aborts, with its reason', async () => {
    vault.fail({ kind: 'hang' });
    const abort = new AbortController();
    const reading = read({ signal: abort.signal });
    const reason = new DOMException('The time is over.', 'TimeoutError');
    const ended = expect(reading).rejects.toBe(reason);
    await vi.waitUntil(() => vault.count() === 1, { interval: 5 });
    abort.abort(reason);
    await ended;
  });

  it('is not asked if the signal has aborted before', async () => {
    const reason = new Error('over');
    await expect(read({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(vault.count()).toBe(0);
  });

  it('is unavailable if its certificate is not trusted', async () => {
    const stranger = new KeyVaultEmulator({ acceptsToken: () => true, certificate: await makeCertificate() });
    await stranger.start();
    const elsewhere = new KeyVaultCredentials(
      new URL(stranger.url),
      async () => new DefaultAzureCredential(),
      clock,
    );
    const error = await failure(read({}, elsewhere));
    await stranger.stop();
    expect(error).toBeInstanceOf(VaultUnavailableError);
    expect(error.message).toMatch(/no response \w*SELF_SIGNED\w*/);
  });
});

describe('an identity without a token', () => {
  it.each([
    ['that the library cannot find', new Error('hunter2: no identity here')],
    [
      'that Entra refuses',
      Object.assign(new Error('hunter2'), { name: 'AuthenticationError', statusCode: 400 }),
    ],
  ])('makes the vault unavailable: one %s', async (_how, thrown) => {
    const error = await failure(
      read(
        {},
        connect(async () => ({ getToken: () => Promise.reject(thrown) })),
      ),
    );
    expect(error).toBeInstanceOf(VaultUnavailableError);
  });
});

describe('a probe', () => {
  const { signal } = new AbortController();

  it('resolves if the vault responds, although it has no such secret', async () => {
    await expect(credentials.probe(signal)).resolves.toBeUndefined();
    expect(vault.reads.map(({ status }) => status)).toEqual([404]);
  });

  it('rejects with the reason if the vault refuses or is unavailable', async () => {
    vault.refuseIdentity(true);
    expect(await failure(credentials.probe(signal))).toBeInstanceOf(VaultRefusedError);
    await vault.stop();
    expect(await failure(credentials.probe(signal))).toBeInstanceOf(VaultUnavailableError);
  });
});
