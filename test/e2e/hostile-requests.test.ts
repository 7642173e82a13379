import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { batchSchema } from '../../infra/local/demo/batch.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';
import { nestedJson } from '../support/json.ts';

const alice = 'alice@hostile.example';
let system: System;

beforeAll(async () => {
  system = await System.start([localUser(alice), localUser('bob@hostile.example')]);
});
afterEach(() => system.expectAgreement());
afterAll(() => system?.stop());

async function send(text: string): Promise<void> {
  await system.queue('simring-bulk').sendMessage(Buffer.from(text).toString('base64'));
}

async function finished(batch: string) {
  return await eventually(
    () => system.call('GET', `/api/bulk/${batch}`),
    ({ status, body }) => status === 200 && batchSchema.parse(body).finished,
  );
}

describe('a request that no caller should send', () => {
  it.each([
    ['GET', '/api/bulk?__proto__=1'],
    ['GET', '/api/bulk/hr?__proto__=1'],
    ['DELETE', '/api/bulk/hr?__proto__=1'],
    ['GET', `/api/users/${alice}/simultaneous-ring?__proto__=1`],
    ['DELETE', `/api/users/${alice}/simultaneous-ring?constructor=1&__proto__=1`],
  ])('is refused by name: %s %s', async (method, path) => {
    const { status, body } = await system.call(method, path);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid-request', detail: expect.stringContaining('/__proto__: ') });
  });

  it('is refused where its continuation has half a character', async () => {
    const token = Buffer.from('{"nextPartitionKey":"\\ud800"}').toString('base64');
    for (const path of ['/api/bulk', '/api/bulk/hr']) {
      const response = await system.call('GET', `${path}?continuation=${encodeURIComponent(token)}`);
      expect(response.status).toBe(400);
      expect(response.body).toMatchObject({ detail: expect.stringContaining('not a valid continuation') });
    }
  });

  it('is refused where its body is nested too deep', async () => {
    const { status, body } = await system.ring('PUT', alice, `{"target":${nestedJson(7_000)}}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ detail: expect.stringContaining('nested deeper than 20 levels') });
  });

  it.each(['sip:+-19005551234@hostile.example', 'sip:911@hostile.example', '+881 612 345 678'])(
    'is refused where it would dial %s',
    async (target) => {
      const { status, body } = await system.ring('PUT', alice, { target });
      expect([400, 403]).toContain(status);
      expect(body).toMatchObject({ code: expect.stringMatching(/^(?:invalid-request|target-not-allowed)$/) });
    },
  );
});

describe('a message that no system should send', () => {
  it('ends the entry that is nested too deep, and sets the other', async () => {
    const deep = `{"user":"${alice}","target":${nestedJson(5_000)}}`;
    await send(
      `{"schema":"simring/bulk/1","batch":"deep","entries":[${deep},{"user":"bob@hostile.example","target":"+1 425 555 0123"}]}`,
    );
    const { body } = await finished('deep');
    expect(body).toMatchObject({
      counts: { rejected: 1, applied: 1 },
      outcomes: [
        { outcome: 'rejected', detail: expect.stringContaining('nested deeper') },
        { outcome: 'applied' },
      ],
    });
  });

  it('does not keep the others waiting, though it is 60,000 blanks', async () => {
    const queue = system.queue('simring-bulk');
    await queue.sendMessage(`${' '.repeat(60_000)}!`);
    await send(`{"schema":"simring/bulk/1","batch":"after","entries":[{"user":"${alice}","ring":"off"}]}`);
    await finished('after');
    await eventually(
      async () => (await system.queue('simring-bulk-poison').peekMessages()).peekedMessageItems.length,
      (count) => count > 0,
    );
  });
});

describe('a batch that has finished', () => {
  it('cannot be cancelled, and is not marked', async () => {
    await send(`{"schema":"simring/bulk/1","batch":"done","entries":[{"user":"${alice}","ring":"off"}]}`);
    await finished('done');
    const refused = await system.call('DELETE', '/api/bulk/done');
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'batch-finished', detail: expect.stringContaining('done') });
    const { body } = await system.call('GET', '/api/bulk/done');
    expect(body).toMatchObject({ finished: true, missing: [], missingCount: 0 });
    expect(body).not.toHaveProperty('cancelled');
  });
});
