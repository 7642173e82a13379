import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionsChild } from '../support/e2e/functions-child.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const user = 'locked@lockout.example';
const path = `/api/users/${user}/simultaneous-ring`;
const requests = 1_000;
const atOnce = 16;

let system: System;
let second: FunctionsChild;

beforeAll(async () => {
  system = await System.start([localUser(user)]);
  second = await system.startInstance();
  system.services.ucwa.setPassword(`sip:${user}`, 'the password was changed');
});

afterAll(async () => {
  await second?.stop();
  await system?.stop();
});

/** How often a password for this user went over the wire. */
function passwordsSent(): number {
  return system.services.ucwa.requests.filter(({ step }) => step === 'token').length;
}

/** The nth of many requests, each of another kind than the one before, by turns on the two instances. */
async function ask(nth: number): Promise<number> {
  const url = nth % 2 === 0 ? system.functions.url : second.url;
  const target = `+1 425 555 0${100 + (nth % 100)}`;
  if (nth % 5 === 0) {
    const entries = [{ user, target }];
    const message = { schema: 'simring/bulk/1', batch: `lockout-${nth}`, entries };
    await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
    return 0;
  }
  const kinds = [
    { method: 'GET' },
    { method: 'PUT', body: { target } },
    { method: 'PUT', body: { target, dryRun: true } },
  ];
  const { method, body } = kinds[nth % kinds.length] ?? { method: 'GET' };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(new URL(path, url), { method, ...content });
  await response.arrayBuffer();
  return response.status;
}

describe('a wrong password', () => {
  it('goes over the wire once, however many requests there are, by HTTP and queue, on two instances', async () => {
    const statuses = new Set<number>();
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < requests) {
        next += 1;
        statuses.add(await ask(next));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    await eventually(
      async () => (await system.queue('simring-bulk').peekMessages()).peekedMessageItems.length,
      (visible) => visible === 0,
    );
    expect(passwordsSent()).toBe(1);
    expect(system.services.ucwa.lockouts).toBe(0);
    expect([...statuses].filter((status) => ![0, 202, 409, 424, 503].includes(status))).toEqual([]);
  }, 120_000);

  it('is not sent after a restart, but a new version of the secret is, once', async () => {
    const restarted = await system.startInstance();
    const refused = await fetch(new URL(path, restarted.url));
    expect(refused.status).toBe(424);
    expect(await refused.json()).toMatchObject({ code: 'credential-rejected' });
    expect(passwordsSent()).toBe(1);

    const secret = JSON.stringify({ username: 'CORP\\locked', password: 'wrong again' });
    system.services.vault.setSecret('ucwa-locked-40lockout-2eexample', secret);
    await fetch(new URL(path, restarted.url));
    await fetch(new URL(path, restarted.url));
    await fetch(new URL(path, second.url));
    expect(passwordsSent()).toBe(2);
    expect(system.services.ucwa.lockouts).toBe(0);
    await restarted.stop();
  });
});
