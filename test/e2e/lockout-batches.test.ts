import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Batch, type BatchOutcome, batchSchema } from '../../infra/local/demo/batch.ts';
import type { FunctionsChild } from '../support/e2e/functions-child.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';
import { noVerdicts, refusals } from '../support/recovery/token-answers.ts';

/** Responses of the token service, of which each has a user of its own. */
const refused = ['400 with invalid_grant', '401 with a page', '403 with invalid_grant'];
const unjudged = [
  '302',
  '400 with server_error',
  '403 with a page',
  '200 without a token',
  '503 after judging',
  'a reset connection after judging',
  'no response after judging',
];
const userOf = (nth: number) => `user${nth}@lockout-batches.example`;
const cases = [...refusals, ...noVerdicts]
  .filter(([name]) => [...refused, ...unjudged].includes(name))
  .map(([name, answer], nth) => ({ user: userOf(nth), answer, most: refused.includes(name) ? 1 : 3 }));
const silent = userOf(cases.length - 1);
const neighbour = 'neighbour@lockout-batches.example';
const users = [...cases.map(({ user }) => user), neighbour];

/** The token service has three seconds to respond, and the claims of a killed instance expire soon. */
const settings = {
  UCWA_REQUEST_TIMEOUT_MS: '1000',
  UCWA_ATTEMPT_LIMIT_MS: '10000',
  LOCAL_LEASE_SECONDS: '2',
};

let system: System;
let secondInstance: FunctionsChild;

beforeAll(async () => {
  system = await System.start(
    users.map((user) => localUser(user)),
    settings,
    { lockoutAfter: 10 },
  );
  secondInstance = await system.startInstance();
  const { ucwa } = system.services;
  for (const { user, answer } of cases) {
    ucwa.setPassword(`sip:${user}`, 'the password was changed');
    if (answer === undefined) continue;
    ucwa.fail({ step: 'token', user: `sip:${user}`, times: Number.POSITIVE_INFINITY, ...answer });
  }
});

afterAll(async () => {
  await secondInstance?.stop();
  await system?.stop();
});

/**
 * Sends a batch in two messages, so that both instances have work. A dry run leaves the neighbour out: what it finds would
 * depend on whether the change that runs beside it came first.
 */
async function send(batch: string, entry: Readonly<Record<string, unknown>>, dryRun = false): Promise<void> {
  const asked = users.filter((user) => !dryRun || user !== neighbour);
  const halves = [asked.filter((_, nth) => nth % 2 === 0), asked.filter((_, nth) => nth % 2 === 1)];
  for (const [part, half] of halves.entries()) {
    const entries = half.map((user) => ({ user, ...entry }));
    const message = { schema: 'simring/bulk/1', batch, part, parts: 2, dryRun, entries };
    await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
  }
}

/** True where nothing is sent for the entry any more, or not before its sign-ins may go on. */
function rests({ outcome, detail = '' }: BatchOutcome): boolean {
  return outcome !== undefined && (outcome !== 'deferred' || detail.includes('not sent again before'));
}

/** Returns undefined while the batch cannot be read. */
async function readBatch(batch: string): Promise<Batch | undefined> {
  const response = await fetch(new URL(`/api/bulk/${batch}`, secondInstance.url));
  return response.ok ? batchSchema.parse(await response.json()) : undefined;
}

/**
 * Waits until every refusal is recorded. A verdict that a killed instance received and did not record is lost: its claim
 * expires, which counts as a sign-in without a verdict.
 */
async function waitUntilRefused(batch: string): Promise<void> {
  const refusedUsers = cases.filter(({ most }) => most === 1).map(({ user }) => `sip:${user}`);
  await eventually(
    () => readBatch(batch),
    (status) =>
      refusedUsers.every((user) =>
        status?.outcomes.some((one) => one.user === user && one.outcome === 'failed'),
      ),
  );
}

/** Waits until a password is on its way to the silent token service, or as many have been sent as may be. */
async function waitUntilNextPassword(): Promise<void> {
  const before = system.count('token', silent);
  await eventually(
    () => Promise.resolve(system.count('token', silent)),
    (sent) => sent > before || sent === 3,
  );
}

/** Waits until all entries of a batch have ended or rest. Returns their outcomes by user. */
async function waitUntilAtRest(
  batch: string,
  count = users.length,
): Promise<ReadonlyMap<string, string | undefined>> {
  const seen = await eventually(
    () => readBatch(batch),
    (status) => status?.outcomes.length === count && status.outcomes.every(rests),
    240_000,
  );
  return new Map(seen?.outcomes.map(({ user, outcome }) => [user.slice('sip:'.length), outcome]));
}

/** Expects that no password was sent too often, and that every one was sent. */
function expectWithinLimits(): void {
  for (const { user, most } of cases) {
    expect(system.count('token', user), user).toBeGreaterThan(0);
    expect(system.count('token', user), user).toBeLessThanOrEqual(most);
  }
  expect(system.services.ucwa.lockouts).toBe(0);
}

describe('batches on two instances, of which one is killed and both restart', () => {
  it('send a refused password once and an unjudged one three times, and lock no account', async () => {
    await send('first', { target: '+1 425 555 0123' });
    await send('rehearsed', { target: '+1 425 555 0124' }, true);
    await waitUntilRefused('first');
    await waitUntilNextPassword();
    await secondInstance.stop('SIGKILL');
    secondInstance = await system.startInstance();
    const ended = await waitUntilAtRest('first');
    await waitUntilAtRest('rehearsed', cases.length);
    expectWithinLimits();
    for (const { user, most } of cases) expect(ended.get(user)).toBe(most === 1 ? 'failed' : 'deferred');
    expect(ended.get(neighbour)).toBe('applied');

    await system.functions.stop('SIGTERM');
    await secondInstance.stop('SIGTERM');
    secondInstance = await system.startInstance();
    await send('after-restart', { ring: 'off' });
    await waitUntilAtRest('after-restart');
    expectWithinLimits();
    await system.expectAgreement(secondInstance.url);
  });
});
