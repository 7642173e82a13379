import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Batch, type BatchOutcome, batchSchema } from '../../infra/local/demo/batch.ts';
import type { FunctionsChild } from '../support/e2e/functions-child.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const count = 500;
const users = Array.from({ length: count }, (_, nth) => `user${nth}@chaos.example`);

/** The functions are killed after these numbers of writes, at arbitrary points of their work. */
const writesBeforeKills = [37, 121, 208, 296, 411];

/**
 * The claims of a killed instance expire 30 seconds after this attempt limit: short, and yet more than an attempt takes on a
 * loaded machine. Attempts over the limit would be deferred, each time for longer.
 */
const settings = { LOCAL_LEASE_SECONDS: '2', UCWA_ATTEMPT_LIMIT_MS: '10000' };

const ringingBefore = { target: 'Contact', ringDelay: 0, contact: 'tel:+14255550199' } as const;

let system: System;
let instance: FunctionsChild;

beforeAll(async () => {
  system = await System.start(
    users.map((address) => localUser(address)),
    settings,
  );
  instance = system.functions;
});

afterAll(async () => {
  await instance?.stop();
  await system?.stop();
});

/** Every third user sends unanswered calls elsewhere, every fourth has the ring on, and every fifth forwards all calls. */
function chooseSettings(): void {
  for (const [nth, user] of users.entries()) {
    const ring = { activeSetting: 'SimultaneousRing', simultaneousRing: ringingBefore } as const;
    const forward = { activeSetting: 'ImmediateForward', immediateForward: { target: 'Voicemail' } } as const;
    system.choose(user, {
      ...(nth % 3 === 0
        ? { unanswered: { target: 'Contact', ringDelay: 25, contact: `sip:${users[0]}` } }
        : {}),
      ...(nth % 5 === 0 ? forward : {}),
      ...(nth % 4 === 0 ? ring : {}),
    });
  }
}

async function sendMessages(): Promise<void> {
  const size = 100;
  for (let part = 0; part * size < count; part++) {
    // Half of those whose ring is on turn it off.
    const entries = users
      .slice(part * size, part * size + size)
      .map((user, nth) => (nth % 8 === 0 ? { user, ring: 'off' } : { user, target: '+1 425 555 0123' }));
    const message = { schema: 'simring/bulk/1', batch: 'chaos', part, parts: count / size, entries };
    await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
  }
}

async function readPage(path: string): Promise<Batch | undefined> {
  const response = await fetch(new URL(path, instance.url));
  return response.status === 200 ? batchSchema.parse(await response.json()) : undefined;
}

async function readOutcomes(): Promise<readonly BatchOutcome[]> {
  const outcomes: BatchOutcome[] = [];
  for (let next: string | undefined = '/api/bulk/chaos?limit=500'; next !== undefined; ) {
    const page: Batch | undefined = await readPage(next);
    outcomes.push(...(page?.outcomes ?? []));
    next = page?.next;
  }
  return outcomes;
}

describe('functions that are killed again and again', () => {
  it('end each of 500 users in one outcome that agrees with the server', async () => {
    const { ucwa } = system.services;
    const callbackChannelError = { status: 500, code: 'ServiceFailure', subcode: 'CallbackChannelError' };
    for (const address of users.filter((_, nth) => nth % 10 === 0)) {
      ucwa.fail({ user: `sip:${address}`, step: 'write', answer: callbackChannelError });
    }
    chooseSettings();
    await sendMessages();
    for (const writes of writesBeforeKills) {
      await eventually(
        () => Promise.resolve(ucwa.count('write')),
        (seen) => seen >= writes,
      );
      await instance.stop('SIGKILL');
      instance = await system.startInstance(settings);
    }
    const ended = await eventually(
      () => readPage('/api/bulk/chaos?limit=1'),
      (batch) => batch?.finished === true,
      300_000,
    );
    const outcomes = await readOutcomes();
    expect(outcomes).toHaveLength(count);
    expect(new Set(outcomes.map(({ user }) => user)).size).toBe(count);
    expect(ended?.counts).toEqual({ applied: count });
    await system.expectAgreement(instance.url);
    expect((await system.queue('simring-bulk-poison').getProperties()).approximateMessagesCount).toBe(0);
    const repeated = ucwa.count('write') - count;
    console.log(
      `Writes beyond one per user: ${repeated}, of which ${count / 10} followed simulated failures.`,
    );
  }, 1_000_000);
});
