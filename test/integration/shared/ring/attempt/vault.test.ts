import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../../../shared/ring/model/outcome.ts';
import {
  CredentialInvalidError,
  CredentialMissingError,
  VaultRefusedError,
  VaultUnavailableError,
} from '../../../../../shared/ring/ports/credential-store.ts';
import { openHarness, RecoveryHarness, ringMobile } from '../../../../support/recovery/recovery-harness.ts';
import { MemoryCredentials } from '../../../../support/ring/memory-credentials.ts';
import { countsOf } from '../../../../support/ucwa/simulation.ts';

const unavailable = () => new VaultUnavailableError('The vault did not respond.');
const refusing = () =>
  new VaultRefusedError('The vault refused our identity.', { remedy: 'Assign the role.' });
const missing = () => new CredentialMissingError('This user has no secret.');
const invalid = () => new CredentialInvalidError('The secret is disabled.');

const deferred = { outcome: 'deferred', code: 'vault-unavailable' } as const;
const applied = { outcome: 'applied', verified: true } as const;

/** Returns a vault whose first reads fail. */
function failingVault(error: () => Error, times: number): MemoryCredentials {
  let left = times;
  return new MemoryCredentials({
    before: async () => {
      left -= 1;
      if (left >= 0) throw error();
    },
  });
}

const endless = Number.POSITIVE_INFINITY;

type Row = readonly [
  name: string,
  failures: number,
  recovery: readonly string[],
  error: () => Error,
  expected: Partial<Outcome>,
];

// biome-ignore format: a table reads by its rows
const rows: readonly Row[] = [
  ['that does not respond',         1,       ['retry'],          unavailable, applied],
  ['that does not respond',         2,       ['retry', 'retry'], unavailable, applied],
  ['that does not respond',         endless, ['retry', 'retry'], unavailable, deferred],
  ['that refuses the identity',     1,       [],                 refusing,    { outcome: 'deferred', code: 'misconfigured', detail: 'The vault refused our identity. Assign the role.' }],
  ['that has no secret',            1,       [],                 missing,     { outcome: 'failed', code: 'credential-missing' }],
  ['that has an invalid secret',    1,       [],                 invalid,     { outcome: 'failed', code: 'credential-invalid' }],
];

describe('a vault', () => {
  it.each(rows)('%s (%s×) leads to the recovery %j', async (_name, failures, recovery, error, expected) => {
    const harness = await openHarness({}, { secrets: failingVault(error, failures) });
    const alice = harness.addUser('alice');

    const changed = await harness.change(alice);

    expect(changed).toMatchObject({ outcome: { ...expected, recovery } });
    if (changed.kind === 'deferred') expect(changed.countsAsAttempt).toBe(false);
    if (expected.outcome !== 'applied') {
      expect(countsOf(harness.simulator)).toEqual({ discovery: 1, challenge: 1 });
    }
  });

  it('is not read while a token is cached', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    await harness.outcome(alice);
    await harness.outcome(alice, { ring: 'off' });
    expect(harness.secrets.reads).toHaveLength(1);
  });
});

/** Opens a harness with Alice, whose password in the vault is not the one that UCWA accepts. */
async function openWithWrongPassword(secrets = new MemoryCredentials()) {
  const harness = await openHarness({}, { secrets });
  const alice = harness.addUser('alice');
  const right = { username: 'CONTOSO\\alice', password: 'the right one' };
  harness.simulator.setPassword(alice, right.password);
  return { harness, alice, right, wrong: { ...right, password: 'another wrong one' } };
}

const rejected = { outcome: 'failed', code: 'credential-rejected', attempts: 1, recovery: [] } as const;

describe('a refused password', () => {
  it('is sent once, and its version is recorded', async () => {
    const { harness, alice } = await openWithWrongPassword();
    expect(await harness.outcome(alice)).toMatchObject(rejected);
    expect(harness.simulator.count('token')).toBe(1);
    expect(harness.users.peek(alice).refusedVersion).toBe('v1');
  });

  it('is not sent again by a change, a dry run or a read, even after a restart', async () => {
    const { harness, alice } = await openWithWrongPassword();
    await harness.outcome(alice);

    for (const instance of [harness, new RecoveryHarness(harness.simulator, harness)]) {
      expect(await instance.outcome(alice)).toMatchObject({
        ...rejected,
        detail: expect.stringContaining(`refused this version of the secret secret of ${alice} before`),
      });
      expect(await instance.outcome(alice, ringMobile, { dryRun: true })).toMatchObject(rejected);
      expect(await instance.read(alice)).toMatchObject({ error: { kind: 'ended', outcome: rejected } });
    }
    expect(harness.simulator.count('token')).toBe(1);
  });

  it('is followed at once by a newer version of the secret', async () => {
    const { harness, alice, right } = await openWithWrongPassword();
    await harness.secrets.read(alice, { fresh: false, signal: new AbortController().signal });
    harness.secrets.set(alice, right);
    expect(await harness.outcome(alice)).toMatchObject({
      ...applied,
      attempts: 2,
      recovery: ['reread-secret'],
    });
    expect(harness.simulator.count('token')).toBe(2);
    expect(harness.users.peek(alice).refusedVersion).toBe('v1');
  });

  it('is followed by at most one newer version', async () => {
    const { harness, alice, wrong } = await openWithWrongPassword();
    await harness.secrets.read(alice, { fresh: false, signal: new AbortController().signal });
    harness.secrets.set(alice, wrong);
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'failed', code: 'credential-rejected' });
    expect(harness.simulator.count('token')).toBe(2);
    expect(harness.users.peek(alice).refusedVersion).toBe('v2');
    expect(harness.simulator.lockouts).toBe(0);
  });

  it('is tried again once the secret was set again, even to the same value', async () => {
    const { harness, alice } = await openWithWrongPassword();
    await harness.outcome(alice);
    const credential = { username: 'CONTOSO\\alice', password: 'password of alice' };
    harness.secrets.set(alice, credential);
    harness.simulator.setPassword(alice, credential.password);
    expect(await harness.outcome(alice)).toMatchObject(applied);
    expect(harness.simulator.count('token')).toBe(2);
  });

  it('defers the attempt where the vault cannot be read for a newer version', async () => {
    let reads = 0;
    const secrets = new MemoryCredentials({
      before: async () => {
        reads += 1;
        if (reads > 1) throw unavailable();
      },
    });
    const { harness, alice } = await openWithWrongPassword(secrets);
    const changed = await harness.change(alice);
    expect(changed).toMatchObject({ kind: 'deferred', outcome: deferred });
    expect(harness.simulator.count('token')).toBe(1);
    expect(harness.users.peek(alice).refusedVersion).toBe('v1');
  });

  it('defers the attempt where the time runs out while the vault is read for a newer version', async () => {
    const controller = new AbortController();
    let reads = 0;
    const secrets = new MemoryCredentials({
      before: async () => {
        reads += 1;
        if (reads === 1) return;
        controller.abort(new DOMException('The timeout expired.', 'TimeoutError'));
        controller.signal.throwIfAborted();
      },
    });
    const { harness, alice } = await openWithWrongPassword(secrets);
    expect(await harness.outcome(alice, ringMobile, controller)).toMatchObject({ outcome: 'deferred' });
    expect(harness.users.peek(alice).refusedVersion).toBe('v1');
  });

  it.each([
    [
      'invalid_grant with an AD FS URI',
      { error: 'invalid_grant', passiveAuthUri: 'https://fs.contoso.com/' },
    ],
    ['unsupported_grant_type', { error: 'unsupported_grant_type' }],
    ['server_error', { error: 'server_error' }],
  ])('is not inferred from %s', async (_name, answer) => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    harness.simulator.fail({ step: 'token', times: 4, answer: { kind: 'token-error', ...answer } });
    expect(await harness.outcome(alice)).not.toHaveProperty('code', 'credential-rejected');
    expect(harness.users.peek(alice)).not.toHaveProperty('refusedVersion');
    harness.simulator.clearFaults();
    expect(await harness.outcome(alice)).toMatchObject(applied);
  });
});

describe('a secret that signs in as another user', () => {
  it('ends as identity-mismatch and writes nothing', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice', { meUri: 'sip:bob@contoso.com' });
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'failed', code: 'identity-mismatch' });
    expect(countsOf(harness.simulator)).not.toHaveProperty('write');
    expect(harness.simulator.count('token')).toBe(1);
    expect(harness.simulator.applications(alice)).toBe(0);
  });

  it('is replaced within the request by a version that was set while the cache held it', async () => {
    const harness = await openHarness();
    const alice = harness.addUser('alice');
    harness.addUser('bob');
    harness.secrets.set(alice, { username: 'CONTOSO\\bob', password: 'password of bob' });
    const { signal } = new AbortController();
    await harness.secrets.read(alice, { fresh: true, signal });
    harness.secrets.set(alice, { username: 'CONTOSO\\alice', password: 'password of alice' });
    expect(await harness.outcome(alice)).toMatchObject({ ...applied, recovery: ['reread-secret'] });
    expect(harness.simulator.count('token')).toBe(2);
  });
});
