import { describe, expect, it, onTestFinished } from 'vitest';
import type { SipUri } from '../../../../../shared/ucwa/uri.ts';
import {
  openHarness,
  RecoveryHarness,
  ringMobile,
  watchHangs,
} from '../../../../support/recovery/recovery-harness.ts';
import { noVerdicts, page, refusals, type TokenAnswer } from '../../../../support/recovery/token-answers.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Twice what may be sent before the account rests: directories should lock after ten. */
const lockoutAfter = 10;

/** Everything that signs in, each on another instance than the one before. */
const operations: readonly ((instance: RecoveryHarness, user: SipUri) => Promise<unknown>)[] = [
  (instance, user) => instance.read(user),
  (instance, user) => instance.change(user),
  (instance, user) => instance.change(user, { ring: 'off' }),
  (instance, user) => instance.change(user, ringMobile, { dryRun: true }),
  (instance, user) => instance.change(user, ringMobile, { again: true }),
];

/** A user, and instances that come and go: each operation runs on a fresh one, or on one that was there before. */
async function openAccount(answer: TokenAnswer | undefined, password: 'right' | 'wrong') {
  const first = await openHarness({ lockoutAfter });
  const { simulator, clock, users, secrets } = first;
  const user = first.addUser('alice');
  if (password === 'wrong') secrets.set(user, { username: 'CONTOSO\\alice', password: 'wrong' });
  if (answer !== undefined)
    simulator.fail({ step: 'token', user, times: Number.POSITIVE_INFINITY, ...answer });
  const tryAll = async () => {
    for (const [index, operate] of operations.entries()) {
      const instance = index % 2 === 0 ? first : new RecoveryHarness(simulator, { clock, users, secrets });
      onTestFinished(watchHangs(simulator, () => instance.onHang()));
      await operate(instance, user);
      clock.pass(minuteMs);
    }
  };
  return { simulator, clock, users, secrets, user, tryAll, sent: () => simulator.count('token') };
}

describe('a password that the token service refuses', () => {
  it.each(refusals)('with %s is sent once, by whatever operation and instance', async (_name, answer) => {
    const { simulator, clock, tryAll, sent } = await openAccount(answer, 'wrong');
    for (let day = 0; day < 3; day++) {
      await tryAll();
      clock.pass(24 * hourMs);
    }
    expect(sent()).toBe(1);
    expect(simulator.lockouts).toBe(0);
  });
});

describe('a password that gets no verdict', () => {
  it.each(noVerdicts)(
    'but %s is sent three times in half an hour, and six times in a row',
    async (_name, answer) => {
      const { simulator, clock, tryAll, sent } = await openAccount(answer, 'wrong');
      await tryAll();
      await tryAll();
      expect(sent()).toBe(3);
      clock.pass(30 * minuteMs);
      await tryAll();
      expect(sent()).toBeLessThanOrEqual(6);
      clock.pass(hourMs);
      await tryAll();
      clock.pass(hourMs);
      await tryAll();
      expect(sent()).toBeGreaterThan(3);
      expect(sent()).toBeLessThanOrEqual(6);
      expect(simulator.lockouts).toBe(0);
    },
  );

  it('sends nothing at all while sign-ins are paused, and says until when', async () => {
    const { simulator, clock, user, users, secrets, tryAll } = await openAccount(page(503), 'right');
    await tryAll();
    simulator.clearRequests();
    const instance = new RecoveryHarness(simulator, { clock, users, secrets });
    const tried = await instance.change(user);
    expect(simulator.requests).toEqual([]);
    expect(tried).toMatchObject({
      kind: 'deferred',
      countsAsAttempt: false,
      notBeforeMs: expect.any(Number),
      outcome: {
        code: 'ucwa-unavailable',
        requests: 0,
        detail: expect.stringMatching(
          /^Earlier sign-ins of this user at 127\S+ got no verdict .* locked, it is not sent again before \S+\. Until then, find out why/,
        ),
      },
    });
  });

  it('is sent again at once as a new version, and a verdict forgets the earlier ones', async () => {
    const { simulator, user, users, secrets, tryAll, sent } = await openAccount(page(503), 'right');
    await tryAll();
    expect(users.peek(user).signIns?.sentAtMs).toHaveLength(3);
    simulator.clearFaults();
    await tryAll();
    expect(sent()).toBe(3);
    secrets.set(user, { username: 'CONTOSO\\alice', password: 'password of alice' });
    await tryAll();
    expect(sent()).toBeGreaterThan(3);
    expect(users.peek(user).signIns).toBeUndefined();
  });

  it('counts once for a claim that expired, whose worker could not record what it sent', async () => {
    const { clock, user, users, tryAll, sent } = await openAccount(page(503), 'right');
    for (let crash = 0; crash < 3; crash++) {
      const { record, etag } = await users.read(user);
      const claim = { id: `crashed-${crash}`, untilMs: clock.nowMs() + 1 };
      await users.write(user, { ...record, claim }, etag);
      clock.pass(2);
      const instance = await users.read(user);
      expect(instance.record.claim?.id).toBe(`crashed-${crash}`);
      await tryAll();
    }
    expect(sent()).toBeLessThanOrEqual(3);
  });
});
