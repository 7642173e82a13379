import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { batchSchema, readOutcomes } from '../../infra/local/demo/batch.ts';
import { Command } from '../support/e2e/command.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const users = Array.from({ length: 300 }, (_, nth) => `user${nth}@many.example`);

let system: System;

beforeAll(async () => {
  system = await System.start(users.map((address) => localUser(address)));
});

afterEach(() => system.expectAgreement());
afterAll(() => system?.stop());

function entriesFor(addresses: readonly string[], target: string) {
  return addresses.map((user) => ({ user, target }));
}

async function send(batch: string, entries: readonly unknown[], more: object = {}): Promise<void> {
  const text = JSON.stringify({ schema: 'simring/bulk/1', batch, entries, ...more });
  await system.queue('simring-bulk').sendMessage(Buffer.from(text).toString('base64'));
}

/** Returns undefined while the batch does not exist. */
async function statusOf(batch: string) {
  const { status, body } = await system.call('GET', `/api/bulk/${batch}?limit=1`);
  return status === 200 ? batchSchema.parse(body) : undefined;
}

describe('a batch', () => {
  it('that is cancelled while it runs keeps what was started, cancels the rest, and has the right counts', async () => {
    const { ucwa } = system.services;
    ucwa.setLatency(100);
    for (const part of [0, 1, 2]) {
      const some = users.slice(100 * part, 100 * part + 100);
      await send('stopped', entriesFor(some, '+1 425 555 0123'), { part, parts: 3 });
    }
    await eventually(
      () => statusOf('stopped'),
      (status) => (status?.counts['applied'] ?? 0) > 0,
    );
    const cancelled = await system.call('DELETE', '/api/bulk/stopped');
    expect(cancelled.status).toBe(202);
    expect(cancelled.headers.get('location')).toBe('/api/bulk/stopped');
    const ended = await eventually(
      () => statusOf('stopped'),
      (status) => status?.finished === true,
    );
    ucwa.setLatency(0);
    const outcomes = await readOutcomes(system.functions.url, '/api/bulk/stopped');
    expect(outcomes.map(({ user }) => user)).toEqual(users.map((address) => `sip:${address}`));
    const ringing = { target: 'Contact', contact: 'tel:+14255550123' };
    for (const { user, outcome } of outcomes) {
      const { activeSetting, simultaneousRing } = ucwa.state(user);
      const isRinging = activeSetting === 'SimultaneousRing';
      expect({ user, outcome }).toEqual({ user, outcome: isRinging ? 'applied' : 'cancelled' });
      if (isRinging) expect(simultaneousRing).toMatchObject(ringing);
    }
    const applied = outcomes.filter(({ outcome }) => outcome === 'applied').length;
    expect(applied).toBeGreaterThan(0);
    expect(applied).toBeLessThan(users.length);
    expect(ended?.counts).toEqual({ applied, cancelled: users.length - applied });
  });

  it('is listed with its counts, the newest first', async () => {
    await send('older', entriesFor(users.slice(0, 1), '+1 425 555 0140'));
    await eventually(
      () => statusOf('older'),
      (status) => status?.finished === true,
    );
    await send('newer', entriesFor(users.slice(1, 3), '+1 425 555 0141'));
    await eventually(
      () => statusOf('newer'),
      (status) => status?.finished === true,
    );
    const { body } = await system.call('GET', '/api/bulk?limit=2');
    expect(body).toMatchObject({
      batches: [
        { batch: 'newer', entries: 2, finished: true, counts: { applied: 2 } },
        { batch: 'older', entries: 1, finished: true, counts: { applied: 1 } },
      ],
      next: expect.stringContaining('continuation='),
    });
  });

  it.each(['garbage', Buffer.from('{"next":1}').toString('base64'), '%00'])(
    'is not listed for the invalid continuation %s',
    async (continuation) => {
      for (const path of ['/api/bulk', '/api/bulk/older']) {
        const { status, body } = await system.call('GET', `${path}?continuation=${continuation}`);
        expect(status).toBe(400);
        expect(body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/continuation' }] });
      }
    },
  );

  it('is refused where its name stands for other content, which stays', async () => {
    await send('twice', entriesFor(users.slice(0, 2), '+1 425 555 0150'));
    await eventually(
      () => statusOf('twice'),
      (status) => status?.finished === true,
    );
    await send('twice', entriesFor(users.slice(0, 2), '+1 425 555 0151'));
    const results = system.queue('simring-results');
    await eventually(
      async () => {
        const { peekedMessageItems } = await results.peekMessages({ numberOfMessages: 32 });
        return peekedMessageItems.map(({ messageText }) =>
          Buffer.from(messageText, 'base64').toString('utf8'),
        );
      },
      (texts) => texts.some((text) => text.includes('"batch-exists"') && text.includes('"twice"')),
    );
    expect(system.services.ucwa.state(`sip:${users[0]}`).simultaneousRing.contact).toBe('tel:+14255550150');
  });

  it('that does not exist cannot be cancelled', async () => {
    expect((await system.call('DELETE', '/api/bulk/nothing')).status).toBe(404);
  });

  it.each([
    ['?outcome=failed&limit=5', ['/outcome', '/limit']],
    ['?batch=other', ['/batch']],
  ])(
    'is not cancelled by a DELETE with %s, which names a choice that is not made',
    async (query, pointers) => {
      const { status, body } = await system.call('DELETE', `/api/bulk/older${query}`);
      expect(status).toBe(400);
      expect(body).toMatchObject({
        code: 'invalid-request',
        errors: pointers.map((pointer) => ({
          pointer,
          detail: expect.stringMatching(
            /^This route takes no query parameters. A batch is only cancelled as a whole/,
          ),
        })),
      });
      expect((await system.call('GET', '/api/bulk/older')).body).not.toHaveProperty('cancelled');
    },
  );
});

describe('the health check', () => {
  it('refuses a query parameter, as it would look like one that is obeyed', async () => {
    const { status, body } = await system.call('GET', '/api/health?x=1');
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/x' }] });
    expect((await system.call('GET', '/api/health')).status).toBe(200);
  });
});

describe('npm start', () => {
  it('prints its usage for an unknown option', async () => {
    const start = new Command('start.ts', ['--nonsense'], {});
    expect(await start.waitForExit()).toBe(1);
    expect(start.output).toContain('Usage: npm start -- [--entra] [--services] [--settings FILE]');
  });
});
