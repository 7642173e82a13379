import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchForm } from '../../infra/local/demo/batch.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const people = Array.from({ length: 200 }, (_, nth) => `person${nth}@busy.example`);

let system: System;

beforeAll(async () => {
  system = await System.start(people.map((address) => localUser(address)));
});

afterAll(() => system?.stop());

async function runBatch(
  batch: string,
  target: string,
): Promise<{ counts: Record<string, number>; refused: number }> {
  const { ucwa } = system.services;
  ucwa.clearRequests();
  const entries = people.map((user) => ({ user, target }));
  await system
    .queue('simring-bulk')
    .sendMessage(JSON.stringify({ schema: 'simring/bulk/1', batch, entries }));
  const ended = await eventually(
    () => system.call('GET', `/api/bulk/${batch}?limit=1`),
    ({ status, body }) => status === 200 && batchForm.parse(body).finished,
    60_000,
  );
  const refused = ucwa.requests.filter(({ status }) => status === 503).length;
  return { counts: batchForm.parse(ended.body).counts, refused };
}

describe('a pool that answers 503 at eight requests at once', () => {
  it('is held below that after a few rounds, with no user failed, and is used in full when it bears more', async () => {
    const { ucwa } = system.services;
    ucwa.setLatency(20);
    ucwa.setCapacity(7);
    const busy = await runBatch('held', '+1 425 555 0123');
    expect(busy.counts).toEqual({ applied: people.length });
    const requests = ucwa.requests.length;
    expect(busy.refused).toBeLessThan(requests * 0.1);

    ucwa.setCapacity(undefined);
    const free = await runBatch('freed', '+1 425 555 0124');
    expect(free).toEqual({ counts: { applied: people.length }, refused: 0 });
    console.log(`Refused while held: ${busy.refused} of ${requests} requests.`);
  }, 120_000);
});
