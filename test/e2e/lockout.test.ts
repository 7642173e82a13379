import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionsChild } from '../support/e2e/functions-child.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const user = 'locked@lockout.example';
const path = `/api/users/${user}/simultaneous-ring`;
const requestCount = 1_000;
const concurrency = 16;

let system: System;
let secondInstance: FunctionsChild;

beforeAll(async () => {
  system = await System.start([localUser(user)]);
  secondInstance = await system.startInstance();
  system.services.ucwa.setPassword(`sip:${user}`, 'the password was changed');
});

afterAll(async () => {
  await secondInstance?.stop();
  await system?.stop();
});

/** Counts the passwords sent for this user. */
function countPasswordsSent(): number {
  return system.services.ucwa.requests.filter(({ step }) => step === 'token').length;
}

/** Sends the nth request: each is of another kind than the one before, alternating between the two instances. */
async function send(nth: number): Promise<number> {
  const url = nth % 2 === 0 ? system.functions.url : secondInstance.url;
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
  system.tell(await response.json());
  return response.status;
}

describe('a wrong password', () => {
  it('is sent once for a thousand requests over HTTP and the queue on two instances', async () => {
    const statuses = new Set<number>();
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < requestCount) {
        next += 1;
        statuses.add(await send(next));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    await eventually(
      async () => (await system.queue('simring-bulk').peekMessages()).peekedMessageItems.length,
      (visible) => visible === 0,
    );
    expect(countPasswordsSent()).toBe(1);
    expect(system.services.ucwa.lockouts).toBe(0);
    expect([...statuses].filter((status) => ![0, 202, 409, 424, 503].includes(status))).toEqual([]);
  });

  it('is not sent after a restart, and a new wrong version is sent once', async () => {
    const restarted = await system.startInstance();
    const refused = await fetch(new URL(path, restarted.url));
    expect(refused.status).toBe(424);
    expect(await refused.json()).toMatchObject({ code: 'credential-rejected' });
    expect(countPasswordsSent()).toBe(1);

    const secret = JSON.stringify({ username: 'CORP\\locked', password: 'wrong again' });
    system.services.vault.setSecret('ucwa-locked-40lockout-2eexample', secret);
    await fetch(new URL(path, restarted.url));
    await fetch(new URL(path, restarted.url));
    await fetch(new URL(path, secondInstance.url));
    expect(countPasswordsSent()).toBe(2);
    expect(system.services.ucwa.lockouts).toBe(0);
    await restarted.stop();
  });

  it('leaves the settings as they were, as each response and each batch tells', async () => {
    await system.expectAgreement();
  });
});
