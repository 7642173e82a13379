import { describe, expect, it } from 'vitest';
import { SecretInUse, type SignInHistory } from '../../../../../shared/ring/attempt/secret-in-use.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { MemoryCredentials } from '../../../../support/ring/memory-credentials.ts';
import { sipUri } from '../../../../support/ucwa/users.ts';

const alice = sipUri('alice@contoso.com');

function openSecret(record?: (history: SignInHistory) => Promise<void>) {
  const credentials = new MemoryCredentials();
  const version = credentials.set(alice, { username: 'alice', password: 'p' });
  const recorded: SignInHistory[] = [];
  const clock = new FakeClock();
  const secret = new SecretInUse(credentials, {
    user: alice,
    clock,
    signal: new AbortController().signal,
    refusedVersion: undefined,
    signIns: undefined,
    record: record ?? (async (history) => void recorded.push(history)),
  });
  return { secret, recorded, version, clock };
}

describe('the secret of an attempt', () => {
  it('is not read for a second sign-in before the first, which got no verdict, is recorded', async () => {
    const { secret, recorded, version, clock } = openSecret();
    await secret.read();
    secret.onSent();
    expect(recorded).toEqual([]);
    await secret.read();
    const signIns = { version, sentAtMs: [clock.nowMs()] };
    expect(recorded).toEqual([{ refusedVersion: undefined, signIns }]);
  });

  it('is not sent again where that cannot be recorded', async () => {
    const { secret } = openSecret(() => Promise.reject(new Error('no storage')));
    await secret.read();
    secret.onSent();
    await expect(secret.read()).rejects.toThrow('no storage');
  });

  it('records nothing for another sign-in after a verdict', async () => {
    const { secret, recorded } = openSecret();
    await secret.read();
    secret.onSent();
    secret.onVerdict();
    await secret.read();
    expect(recorded).toEqual([]);
  });

  it('records a refusal at once', async () => {
    const { secret, recorded, version } = openSecret();
    await secret.read();
    secret.onSent();
    secret.onVerdict();
    await secret.refuse();
    expect(recorded).toEqual([{ refusedVersion: version, signIns: undefined }]);
  });

  it('remembers a refusal that could not be recorded at once', async () => {
    const { secret, version } = openSecret(() => Promise.reject(new Error('no storage')));
    await secret.read();
    await secret.refuse();
    expect(secret.history.refusedVersion).toBe(version);
  });
});
