import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../../../infra/local/storage/queues-and-tables.ts';
import { queueNames, tableNames } from '../../../../../shared/azure/storage/names.ts';
import { QueueInstances } from '../../../../support/azure/queue-instances.ts';
import {
  noVerdicts,
  otherVerdicts,
  refusals,
  type TokenAnswer,
} from '../../../../support/recovery/token-answers.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Twice what may be sent before the account rests: directories should lock after ten. */
const lockoutAfter = 10;

/** When the batches are sent: at first two at once, so that both instances want to sign in. The last comes after the pause. */
const batches = [
  { name: 'on', atHours: 0, entry: { target: '+14255550123' } },
  { name: 'rehearsed', atHours: 0, entry: { ring: 'off' }, dryRun: true },
  { name: 'off', atHours: 1, entry: { ring: 'off' } },
  { name: 'on-again', atHours: 25, entry: { target: '+14255550124' } },
] as const;

/** By then no entry is left that could be tried again. */
const endsAfterHours = 80;

const storage = new LocalStorage();
beforeAll(async () => {
  await storage.start();
  const names = { queues: Object.values(queueNames), tables: Object.values(tableNames) };
  await createQueuesAndTables(storage.connectionString, names);
});
afterAll(() => storage.stop());

let cases = 0;

/** A user whose password gets this answer, beside a neighbour in the same batches for whom all is well. */
async function openAccount(answer: TokenAnswer | undefined, password: 'right' | 'wrong') {
  cases += 1;
  const instances = await QueueInstances.open(storage.connectionString, { lockoutAfter });
  const neighbour = instances.addUser(`neighbour-${cases}`);
  const name = `user-${cases}`;
  const user = instances.addUser(name, password === 'right' ? undefined : 'wrong');
  const { simulator, clock } = instances;
  if (answer !== undefined)
    simulator.fail({ step: 'token', user, times: Number.POSITIVE_INFINITY, ...answer });
  const startMs = clock.nowMs();
  const nameOf = (batch: string) => `${batch}-${cases}`;
  const workAll = async () => {
    for (const { name: batch, atHours, entry, ...more } of batches) {
      await instances.workUntil(startMs + atHours * hourMs);
      const entries = [user, neighbour].map((sip) => ({ user: sip, ...entry }));
      await instances.send({ batch: nameOf(batch), entries, ...more });
    }
    await instances.workUntil(startMs + endsAfterHours * hourMs);
  };
  const outcomes = async (of: string) => {
    const ended = await Promise.all(batches.map(({ name: batch }) => instances.batch(nameOf(batch))));
    return ended.map((batch) => batch.outcomes.find((outcome) => outcome.user === of));
  };
  const sentAtMs = () => instances.passwordsSentAtMs(user);
  return { instances, simulator, user, name, neighbour, workAll, outcomes, sentAtMs };
}

/** Expects at most three in any half hour, and after six in a row none for a day. */
function expectWithinLimits(sentAtMs: readonly number[]): void {
  for (const [index, atMs] of sentAtMs.entries()) {
    const [thirdBefore, before] = [sentAtMs[index - 3], sentAtMs[index - 1]];
    if (thirdBefore !== undefined) expect(atMs - thirdBefore).toBeGreaterThanOrEqual(30 * minuteMs);
    if (index >= 6 && before !== undefined) expect(atMs - before).toBeGreaterThanOrEqual(24 * hourMs);
  }
}

/** Expects that the other user of the batches was served, whatever became of this one. */
async function expectServed({ outcomes, neighbour }: Awaited<ReturnType<typeof openAccount>>): Promise<void> {
  const ends = (await outcomes(neighbour)).map(
    (outcome) => outcome && 'outcome' in outcome && outcome.outcome,
  );
  expect(ends).toEqual(['applied', 'unchanged', 'applied', 'applied']);
}

describe('batches on two instances that restart', () => {
  it.each(refusals)('send a password once that is refused with %s', async (_name, answer) => {
    const account = await openAccount(answer, 'wrong');
    const { instances, simulator, user, name, workAll, outcomes, sentAtMs } = account;
    await workAll();
    expect(sentAtMs()).toHaveLength(1);
    expect(await outcomes(user)).toEqual(
      Array(batches.length).fill(expect.objectContaining({ outcome: 'failed', code: 'credential-rejected' })),
    );
    await expectServed(account);

    instances.setSecret(user, { username: `CONTOSO\\${name}`, password: 'wrong again' });
    for (const batch of ['after-1', 'after-2']) {
      await instances.send({ batch: `${batch}-${name}`, entries: [{ user, ring: 'off' }] });
    }
    await instances.workUntil(instances.clock.nowMs() + hourMs);
    expect(sentAtMs()).toHaveLength(2);
    expect(simulator.lockouts).toBe(0);
  });

  it.each(noVerdicts)(
    'send a password three times in half an hour and six times in a row, where the end is %s',
    async (_name, answer) => {
      const account = await openAccount(answer, 'wrong');
      const { simulator, user, workAll, outcomes, sentAtMs } = account;
      await workAll();
      expectWithinLimits(sentAtMs());
      expect(sentAtMs().length).toBeGreaterThan(3);
      expect(simulator.lockouts).toBe(0);
      expect(await outcomes(user)).toEqual(
        Array(batches.length).fill(
          expect.objectContaining({ outcome: expect.stringMatching(/failed|superseded/) }),
        ),
      );
      await expectServed(account);
    },
  );

  it.each(otherVerdicts)(
    'send a password once for each entry, where the verdict is %s',
    async (_name, answer) => {
      const account = await openAccount(answer, 'right');
      await account.workAll();
      expect(account.sentAtMs()).toHaveLength(batches.length);
      expect(account.simulator.lockouts).toBe(0);
      await expectServed(account);
    },
  );

  it('keep to the limits where the instances stop while the password is judged', async () => {
    const answer: TokenAnswer = { answer: { kind: 'hang' }, applied: true };
    const { instances, simulator, user, sentAtMs } = await openAccount(answer, 'wrong');
    const { clock } = instances;
    const stopping = stopAtEachPassword(instances);
    await instances.send({ batch: `stopped-${cases}`, entries: [{ user, ring: 'off' }] });
    await instances.workUntil(clock.nowMs() + 30 * hourMs);
    stopping();
    expectWithinLimits(sentAtMs());
    expect(sentAtMs().length).toBeGreaterThan(3);
    expect(simulator.lockouts).toBe(0);
  });
});

/** Stops the instances whenever a password reaches the server. Returns the function that ends this. */
function stopAtEachPassword(instances: QueueInstances): () => void {
  let seen = 0;
  const timer = setInterval(() => {
    const sent = instances.simulator.count('token');
    if (sent > seen) instances.stop();
    seen = sent;
  }, 1);
  return () => clearInterval(timer);
}
