import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findDifferences } from '../../infra/local/demo/agreement.ts';
import { type Batch, type BatchOutcome, batchSchema } from '../../infra/local/demo/batch.ts';
import type { FunctionsChild } from '../support/e2e/functions-child.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const count = 500;
const people = Array.from({ length: count }, (_, nth) => `person${nth}@chaos.example`);

/** After so many ring POSTs the functions are killed, at moments that no code of theirs chose. */
const killsAfter = [37, 121, 208, 296, 411];

/** A claim that a killed instance held runs out after 31 seconds, the least that can be set. */
const settings = { LOCAL_LEASE_SECONDS: '2', UCWA_ATTEMPT_LIMIT_MS: '1000' };

let system: System;
let running: FunctionsChild;

beforeAll(async () => {
  system = await System.start(
    people.map((address) => localUser(address)),
    settings,
  );
  running = system.functions;
});

afterAll(async () => {
  await running?.stop();
  await system?.stop();
});

async function sendAll(): Promise<void> {
  const size = 100;
  for (let part = 0; part * size < count; part++) {
    const entries = people
      .slice(part * size, part * size + size)
      .map((user) => ({ user, target: '+1 425 555 0123' }));
    const message = { schema: 'simring/bulk/1', batch: 'chaos', part, parts: count / size, entries };
    await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
  }
}

async function read(path: string): Promise<Batch | undefined> {
  const response = await fetch(new URL(path, running.url));
  return response.status === 200 ? batchSchema.parse(await response.json()) : undefined;
}

async function everyOutcome(): Promise<readonly BatchOutcome[]> {
  const outcomes: BatchOutcome[] = [];
  for (let next: string | undefined = '/api/bulk/chaos?limit=500'; next !== undefined; ) {
    const page: Batch | undefined = await read(next);
    outcomes.push(...(page?.outcomes ?? []));
    next = page?.next;
  }
  return outcomes;
}

describe('functions that are killed again and again', () => {
  it('lose nobody: each of 500 people ends in one outcome, which the server agrees with', async () => {
    const { ucwa } = system.services;
    const callbackChannelError = { status: 500, code: 'ServiceFailure', subcode: 'CallbackChannelError' };
    for (const address of people.filter((_, nth) => nth % 10 === 0)) {
      ucwa.fail({ user: `sip:${address}`, step: 'write', answer: callbackChannelError });
    }
    await sendAll();
    for (const after of killsAfter) {
      await eventually(
        () => Promise.resolve(ucwa.count('write')),
        (posts) => posts >= after,
        60_000,
      );
      await running.stop('SIGKILL');
      running = await system.startInstance(settings);
    }
    const ended = await eventually(
      () => read('/api/bulk/chaos?limit=1'),
      (batch) => batch?.finished === true,
      150_000,
    );
    const outcomes = await everyOutcome();
    expect(outcomes).toHaveLength(count);
    expect(new Set(outcomes.map(({ user }) => user)).size).toBe(count);
    expect(ended?.counts).toEqual({ applied: count });
    expect(findDifferences(outcomes, ucwa)).toEqual([]);
    expect((await system.queue('simring-bulk-poison').getProperties()).approximateMessagesCount).toBe(0);
    const beyondOne = ucwa.count('write') - count;
    console.log(`Ring POSTs beyond one a person: ${beyondOne}, of which ${count / 10} were made to fail.`);
  }, 280_000);
});
