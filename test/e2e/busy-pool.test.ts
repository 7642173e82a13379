import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { batchSchema } from '../../infra/local/demo/batch.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const users = Array.from({ length: 200 }, (_, nth) => `user${nth}@busy.example`);

/** The requests that the pool processes at once: less than half of the 16 users in progress. */
const capacity = 7;

let system: System;

beforeAll(async () => {
  system = await System.start(users.map((address) => localUser(address)));
});

afterEach(() => system.expectAgreement());
afterAll(() => system?.stop());

/** What the pool received during a batch. */
interface Load {
  readonly counts: Record<string, number>;
  readonly requests: number;
  readonly refused: number;
  /** The most requests in progress at once. */
  readonly maxAtOnce: number;
  /** The share of requests in the second half that filled or exceeded the pool's capacity. */
  readonly atCapacity: number;
}

/**
 * True where all that is left waits for half an hour: the password of a user was refused a verdict three times, and the pool
 * decides by chance whose.
 */
function onlySignInsWait(body: unknown): boolean {
  const { counts, nextTryAt } = batchSchema.extend({ nextTryAt: z.string().optional() }).parse(body);
  const { applied = 0, deferred = 0 } = counts;
  const waitMs = nextTryAt === undefined ? 0 : Date.parse(nextTryAt) - Date.now();
  return applied + deferred === users.length && waitMs > 15 * 60_000;
}

/** Runs a batch for all users and returns the load that it put on the pool. */
async function runBatch(batch: string, target: string): Promise<Load> {
  const { ucwa } = system.services;
  ucwa.clearRequests();
  const entries = users.map((user) => ({ user, target }));
  await system
    .queue('simring-bulk')
    .sendMessage(JSON.stringify({ schema: 'simring/bulk/1', batch, entries }));
  const ended = await eventually(
    () => system.call('GET', `/api/bulk/${batch}?limit=1`),
    ({ status, body }) => status === 200 && (batchSchema.parse(body).finished || onlySignInsWait(body)),
  );
  const requests = ucwa.requests.filter(({ pool }) => pool !== 'discovery');
  const later = requests.slice(requests.length / 2);
  return {
    counts: batchSchema.parse(ended.body).counts,
    requests: requests.length,
    refused: requests.filter(({ status }) => status === 503).length,
    maxAtOnce: Math.max(...requests.map(({ atOnce }) => atOnce)),
    atCapacity: later.filter(({ atOnce }) => atOnce >= capacity).length / later.length,
  };
}

function expectServed({ applied = 0, deferred = 0 }: Load['counts']): void {
  expect(applied + deferred).toBe(users.length);
  expect(deferred).toBeLessThan(0.03 * users.length);
}

describe('a pool that returns 503 to an eighth request at once', () => {
  it('gets fewer requests after a few rounds, without a failed user, and more once its limit is lifted', async () => {
    const { ucwa } = system.services;
    ucwa.setLatency(20);
    ucwa.setCapacity(capacity);
    const limited = await runBatch('limited', '+1 425 555 0123');
    expectServed(limited.counts);
    expect(limited.refused).toBeLessThan(limited.requests * 0.1);
    expect(limited.atCapacity).toBeLessThan(0.6);

    ucwa.setCapacity(undefined);
    // Long enough that the pool limits the speed, not this machine.
    ucwa.setLatency(60);
    const unlimited = await runBatch('unlimited', '+1 425 555 0124');
    expectServed(unlimited.counts);
    expect(unlimited.refused).toBe(0);
    expect(unlimited.maxAtOnce).toBeGreaterThanOrEqual(2 * capacity);
    console.log(
      `Refused with the limit: ${limited.refused} of ${limited.requests}. At once without it: ${unlimited.maxAtOnce}.`,
    );
  });
});
