import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchSchema } from '../../infra/local/demo/batch.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const people = Array.from({ length: 200 }, (_, nth) => `person${nth}@busy.example`);

/** The pool bears so many requests at once; as many as people are at work on, 16, are more than twice that. */
const capacity = 7;

let system: System;

beforeAll(async () => {
  system = await System.start(people.map((address) => localUser(address)));
});

afterAll(() => system?.stop());

interface Seen {
  readonly counts: Record<string, number>;
  readonly requests: number;
  readonly refused: number;
  /** The most requests that the pool had at work at once. */
  readonly mostAtOnce: number;
  /** How many of the later half came when there was no room for another, or not even for them, as a share. */
  readonly atTheEdge: number;
}

/** Sends a batch for everybody, and tells what the pool saw of it. */
async function runBatch(batch: string, target: string): Promise<Seen> {
  const { ucwa } = system.services;
  ucwa.clearRequests();
  const entries = people.map((user) => ({ user, target }));
  await system
    .queue('simring-bulk')
    .sendMessage(JSON.stringify({ schema: 'simring/bulk/1', batch, entries }));
  const ended = await eventually(
    () => system.call('GET', `/api/bulk/${batch}?limit=1`),
    ({ status, body }) => status === 200 && batchSchema.parse(body).finished,
    60_000,
  );
  const requests = ucwa.requests.filter(({ pool }) => pool !== 'discovery');
  const later = requests.slice(requests.length / 2);
  return {
    counts: batchSchema.parse(ended.body).counts,
    requests: requests.length,
    refused: requests.filter(({ status }) => status === 503).length,
    mostAtOnce: Math.max(...requests.map(({ atOnce }) => atOnce)),
    atTheEdge: later.filter(({ atOnce }) => atOnce >= capacity).length / later.length,
  };
}

describe('a pool that answers 503 at eight requests at once', () => {
  it('is held below that after a few rounds, with no user failed, and is used in full when it bears more', async () => {
    const { ucwa } = system.services;
    ucwa.setLatency(20);
    ucwa.setCapacity(capacity);
    const held = await runBatch('held', '+1 425 555 0123');
    expect(held.counts).toEqual({ applied: people.length });
    expect(held.refused).toBeLessThan(held.requests * 0.1);
    expect(held.atTheEdge).toBeLessThan(0.6);

    ucwa.setCapacity(undefined);
    // So long that requests wait for the pool, and not for this machine.
    ucwa.setLatency(60);
    const free = await runBatch('freed', '+1 425 555 0124');
    expect(free).toMatchObject({ counts: { applied: people.length }, refused: 0 });
    expect(free.mostAtOnce).toBeGreaterThanOrEqual(2 * capacity);
    console.log(
      `Refused while held: ${held.refused} of ${held.requests}. At once when free: ${free.mostAtOnce}.`,
    );
  }, 120_000);
});
