import { describe, expect, it, onTestFinished } from 'vitest';
import type { Invocation, RingDeps } from '../../../../shared/ring/ports/deps.ts';
import { changeForCaller, readForCaller } from '../../../../shared/ring/serve-caller.ts';
import { Semaphore } from '../../../../shared/runtime/semaphore.ts';
import type { SipUri } from '../../../../shared/ucwa/uri.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { watchHangs } from '../../../support/recovery/recovery-harness.ts';
import { type BatchHarness, openHarness } from '../../../support/ring/batch-harness.ts';
import { invocation, teamMessage } from '../../../support/ring/ring-deps.ts';

const caller = invocation({ priority: 'caller' });

/** A user whom another worker has claimed for 61 seconds. */
async function openBusy() {
  const harness = await openHarness();
  const [user] = harness.addUsers(1);
  if (user === undefined) throw new Error('No user was added.');
  const claim = { id: 'other', untilMs: harness.clock.nowMs() + 61_000 };
  await harness.users.write(user, { claim }, undefined);
  return { harness, user };
}

describe('a caller who finds the user claimed by another worker', () => {
  it('is told to read again when the claim ends', async () => {
    const { harness, user } = await openBusy();
    expect(await readForCaller(harness.deps, caller, user)).toMatchObject({
      kind: 'unavailable',
      outcome: {
        code: 'busy',
        detail: 'Another request for this user is in progress. Trying again later may succeed.',
      },
      retryAfterSeconds: expect.toSatisfy((seconds: number) => seconds > 30 && seconds <= 61),
    });
  });

  it('is told to rehearse again when the claim ends', async () => {
    const { harness, user } = await openBusy();
    const request = { user, desired: { ring: 'off' }, dryRun: true } as const;
    expect(await changeForCaller(harness.deps, caller, request)).toMatchObject({
      kind: 'unavailable',
      outcome: { code: 'busy' },
    });
    expect(harness.queues.bulk).toEqual([]);
  });

  it('has a change deferred until the claim ends', async () => {
    const { harness, user } = await openBusy();
    const request = { user, desired: { ring: 'off' }, dryRun: false } as const;
    expect(await changeForCaller(harness.deps, caller, request)).toMatchObject({
      kind: 'queued',
      outcome: {
        outcome: 'deferred',
        code: 'busy',
        detail: 'Another request for this user is in progress. It will be tried again from the queue.',
      },
    });
    expect(harness.queues.bulk).toHaveLength(1);
  });
});

const off = { desired: { ring: 'off' } } as const;

/** Everything that a caller may wait for, as what the caller is told if it does not end. */
const waits = [
  [
    'a reading',
    async ({ deps }: BatchHarness, call: Invocation, user: SipUri) => readForCaller(deps, call, user),
  ],
  [
    'a dry run',
    async ({ deps }: BatchHarness, call: Invocation, user: SipUri) =>
      changeForCaller(deps, call, { user, ...off, dryRun: true }),
  ],
  [
    'a change',
    async ({ deps }: BatchHarness, call: Invocation, user: SipUri) =>
      changeForCaller(deps, call, { user, ...off, dryRun: false }),
  ],
] as const;

describe.each(waits)('%s', (_name, wait) => {
  it('is told to be interrupted where the instance stops while it waits for another request', async () => {
    const { harness, user } = await openBusy();
    const stop = new AbortController();
    const clock = new FakeClock({ realTimeouts: true, onSleep: () => stop.abort() });
    const served = await wait(withDeps(harness, { clock }), { ...caller, signal: stop.signal }, user);
    expect(served).toMatchObject({ outcome: { outcome: 'deferred', code: 'interrupted' } });
  });

  it('is told to be interrupted where the instance stops while the server is silent', async () => {
    const { harness, user } = await openSilent();
    const stop = new AbortController();
    onHang(harness, () => stop.abort());
    const served = await wait(harness, { ...caller, signal: stop.signal }, user);
    expect(served).toMatchObject({
      outcome: { code: 'interrupted', detail: expect.stringContaining('The instance stopped') },
    });
  });

  it('is told that UCWA is unavailable where the server is silent until the budget is used up', async () => {
    const { harness, user } = await openSilent();
    onHang(harness, () => harness.clock.expireTimeouts(0.75 * harness.deps.limits.httpBudgetMs));
    expect(await wait(harness, caller, user)).toMatchObject({ outcome: { code: 'ucwa-unavailable' } });
  });

  it('is told that the vault is unavailable where the vault is silent until the budget is used up', async () => {
    const harness = await openHarness();
    const user = harness.addUser();
    harness.hooks.before = async (call) => {
      if (!call.startsWith('read-secret')) return;
      harness.clock.expireTimeouts(0.75 * harness.deps.limits.httpBudgetMs);
      throw new Error('The reading was aborted.');
    };
    expect(await wait(harness, caller, user)).toMatchObject({ outcome: { code: 'vault-unavailable' } });
  });

  it('is told to be interrupted where its claim took all its time, and sends nothing', async () => {
    const harness = await openHarness();
    const user = harness.addUser();
    harness.hooks.after = async (call) => {
      if (call.startsWith('write')) harness.clock.pass(harness.deps.limits.attemptLimitMs);
    };
    expect(await wait(harness, caller, user)).toMatchObject({
      outcome: { code: 'interrupted', requests: 0, detail: expect.stringContaining('before it began') },
    });
    expect(harness.simulator.requests).toEqual([]);
  });
});

describe('a change that the instance interrupts', () => {
  it('counts no attempt, for the pool is not at fault', async () => {
    const { harness, user } = await openSilent();
    const stop = new AbortController();
    onHang(harness, () => stop.abort());
    await changeForCaller(harness.deps, { ...caller, signal: stop.signal }, { user, ...off, dryRun: false });
    const [sent] = harness.queues.bulk;
    expect(JSON.parse(sent?.text ?? '')).toMatchObject({ entries: [{ ring: 'off', attempts: 0 }] });
    expect(harness.users.peek(user).last?.outcome).toMatchObject({
      outcome: 'deferred',
      code: 'interrupted',
    });
  });
});

describe('an entry for which no slot comes free', () => {
  it('is recorded as busy, not as a failure of the pool', async () => {
    const slots = new Semaphore(1);
    await slots.acquire();
    const harness = await openHarness({ slots });
    const user = harness.addUser();
    const timer = setInterval(() => harness.clock.expireTimeouts(5_000), 1);
    await harness.deliver(teamMessage([[user, 5]]));
    clearInterval(timer);
    expect(harness.users.peek(user).last?.outcome).toMatchObject({ outcome: 'deferred', code: 'busy' });
    expect(harness.simulator.requests).toEqual([]);
  });
});

/** A user on a server that does not respond to the reading of the settings. */
async function openSilent() {
  const harness = await openHarness();
  const user = harness.addUser();
  harness.simulator.fail({ step: 'read', times: Number.POSITIVE_INFINITY, answer: { kind: 'hang' } });
  return { harness, user };
}

function onHang({ simulator }: BatchHarness, act: () => void): void {
  onTestFinished(watchHangs(simulator, act));
}

function withDeps(harness: BatchHarness, more: Partial<RingDeps>): BatchHarness {
  return Object.assign(harness, { deps: { ...harness.deps, ...more } });
}
