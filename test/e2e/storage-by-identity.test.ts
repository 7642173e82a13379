import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { batchSchema } from '../../infra/local/demo/batch.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const [alice, bob] = ['alice@identity.example', 'bob@identity.example'] as const;

let system: System;

beforeAll(async () => {
  system = await System.start([localUser(alice), localUser(bob)], {}, { storageByIdentity: true });
});

afterEach(() => system.expectAgreement());
afterAll(() => system?.stop());

describe('storage that accepts only tokens of the identity', () => {
  it('is configured by https addresses, without a key', () => {
    const settings = Object.entries(system.services.environment);
    const addresses = settings.filter(([name]) => name.endsWith('ServiceUri')).map(([, value]) => value);
    expect(addresses).toHaveLength(5);
    for (const address of addresses) expect(address).toMatch(/^https:\/\/127\.0\.0\.1:/);
    expect(settings.filter(([, value]) => value.includes('AccountKey'))).toEqual([]);
  });

  it('refuses a request without a token', async () => {
    const response = await fetch(`${system.services.storage.queueUri}/simring-bulk/messages`);
    expect(response.status).toBe(403);
  });

  it('serves a PUT, a queue message and its batch', async () => {
    const put = await system.ring('PUT', alice, { target: '+1 425 555 0123' });
    expect(put.body).toMatchObject({ outcome: 'applied', verified: true });
    const entries = [
      { user: alice, ring: 'off' },
      { user: bob, target: '+1 425 555 0124' },
    ];
    const requestedAt = new Date().toISOString();
    const message = { schema: 'simring/bulk/1', batch: 'identity', requestedAt, entries };
    await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
    const status = await eventually(
      async () => {
        const { status: code, body } = await system.call('GET', '/api/bulk/identity');
        return code === 200 ? batchSchema.parse(body) : undefined;
      },
      (seen) => seen?.finished === true,
    );
    expect(status?.counts).toEqual({ applied: 2 });
    const results = await system.queue('simring-results').receiveMessages();
    expect(results.receivedMessageItems).toHaveLength(1);
  });

  it('passes the health check', async () => {
    const { status, body } = await system.call('GET', '/api/health');
    expect(body).toMatchObject({ healthy: true });
    expect(status).toBe(200);
  });
});
