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
import { sip } from '../../../support/ring/addresses.ts';
import { FakeClock } from '../../../support/ring/fake-clock.ts';

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

function read({ fresh = false, signal = new AbortController().signal } = {}, of = credentials) {
  return of.read(alice, { fresh, signal });
}

async function failure(reading: Promise<unknown>): Promise<Error> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('It did not fail.');
  expect(`${error.message} ${String(error.cause)}`).not.toMatch(/hunter2|CONTOSO/);
  return error;
}

describe('a credential', () => {
  it('is read from the secret of its user, with its version', async () => {
    const version = vault.setSecret(name, JSON.stringify(secret));
    expect(await read()).toEqual({ ...secret, version });
    expect(vault.reads).toEqual([{ name, status: 200 }]);
  });

  it('may have other properties beside, and a byte order mark before', async () => {
    const version = vault.setSecret(name, `\ufeff${JSON.stringify({ ...secret, setBy: 'HR' })}`);
    expect(await read()).toEqual({ ...secret, version });
  });

  it('is kept for a minute', async () => {
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

  it('is asked for past what is kept when it is to be fresh, and kept anew', async () => {
    vault.setSecret(name, JSON.stringify(secret));
    await read();
    const second = vault.setSecret(name, JSON.stringify(secret));
    expect((await read({ fresh: true })).version).toBe(second);
    expect((await read()).version).toBe(second);
    expect(vault.count()).toBe(2);
  });

  it('is each user’s own', async () => {
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
  it('is missing, by name, and found once it is there', async () => {
    const error = await failure(read());
    expect(error).toBeInstanceOf(CredentialMissingError);
    expect(error.message).toContain(name);
    vault.setSecret(name, JSON.stringify(secret));
    expect((await read()).username).toBe(secret.username);
  });

  it('was deleted', async () => {
    vault.setSecret(name, JSON.stringify(secret));
    vault.deleteSecret(name);
    expect(await failure(read())).toBeInstanceOf(CredentialMissingError);
  });

  it('is disabled, which is not the vault refusing us', async () => {
    vault.setSecret(name, JSON.stringify(secret));
    vault.disableSecret(name);
    const error = await failure(read());
    expect(error).toBeInstanceOf(CredentialInvalidError);
    expect(error.message).toBe(`The secret ${name} is disabled.`);
  });

  it.each([
    ['no JSON', 'CONTOSO\\alice:hunter2'],
    ['empty', ''],
    ['a text', '"hunter2"'],
    ['a list', '["CONTOSO\\\\alice","hunter2"]'],
    ['without a password', '{"username":"CONTOSO\\\\alice"}'],
    ['without a user name', '{"password":"hunter2"}'],
    ['with an empty password', '{"username":"CONTOSO\\\\alice","password":""}'],
    ['with a number', '{"username":"CONTOSO\\\\alice","password":7}'],
    ['in other letters', '{"Username":"CONTOSO\\\\alice","Password":"hunter2"}'],
  ])('is not what is expected: %s', async (_what, value) => {
    vault.setSecret(name, value);
    const error = await failure(read());
    expect(error).toBeInstanceOf(CredentialInvalidError);
    expect(error.message).toContain(name);
  });

  it('does not take the place of what is kept', async () => {
    vault.setSecret(name, JSON.stringify(secret));
    await read();
    vault.setSecret(name, 'broken');
    await failure(read({ fresh: true }));
    expect((await read()).username).toBe(secret.username);
  });
});

describe('a vault that does not answer well', () => {
  const hostOf = () => new URL(vault.url).host;

  beforeEach(() => {
    vault.setSecret(name, JSON.stringify(secret));
  });

  it('refuses our identity', async () => {
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
  ])('answers %i %s', async (status, code, type) => {
    vault.fail({ name, status, code });
    const error = await failure(read());
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(hostOf());
    expect(error.message).toContain(String(status));
    vault.clearFaults();
    expect((await read()).username).toBe(secret.username);
  });

  it('is asked once at a time: who asked decides when to ask again', async () => {
    vault.fail({ name, status: 429, retryAfterSeconds: 1 });
    await failure(read());
    expect(vault.count()).toBe(1);
  });

  it('breaks the connection', async () => {
    vault.fail({ kind: 'reset' });
    const error = await failure(read());
    expect(error).toBeInstanceOf(VaultUnavailableError);
    expect(error.message).toContain('no response ECONNRESET');
  });

  it('is not there', async () => {
    const host = hostOf();
    await vault.stop();
    const error = await failure(read());
    expect(error).toBeInstanceOf(VaultUnavailableError);
    expect(error.message).toBe(`The vault ${host} could not be read (no response ECONNREFUSED).`);
  });

  it('keeps us waiting until the signal ends it, with the reason of that', async () => {
    vault.fail({ kind: 'hang' });
    const abort = new AbortController();
    const reading = read({ signal: abort.signal });
    const reason = new DOMException('The time is over.', 'TimeoutError');
    const ended = expect(reading).rejects.toBe(reason);
    await vi.waitUntil(() => vault.count() === 1, { interval: 5 });
    abort.abort(reason);
    await ended;
  });

  it('is not asked where the signal ended before', async () => {
    const reason = new Error('over');
    await expect(read({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(vault.count()).toBe(0);
  });

  it('has a certificate that nobody trusts', async () => {
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

describe('an identity that cannot be had', () => {
  it.each([
    ['has no token for us', new Error('hunter2: no identity here')],
    ['is refused', Object.assign(new Error('hunter2'), { name: 'AuthenticationError', statusCode: 400 })],
  ])('%s: the vault could not be asked', async (_how, thrown) => {
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

  it('is well where the vault answers, though it has no such secret', async () => {
    await expect(credentials.probe(signal)).resolves.toBeUndefined();
    expect(vault.reads.map(({ status }) => status)).toEqual([404]);
  });

  it('says what is the matter', async () => {
    vault.refuseIdentity(true);
    expect(await failure(credentials.probe(signal))).toBeInstanceOf(VaultRefusedError);
    await vault.stop();
    expect(await failure(credentials.probe(signal))).toBeInstanceOf(VaultUnavailableError);
  });
});
