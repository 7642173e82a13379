import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { batchSchema, readOutcomes } from '../../infra/local/demo/batch.ts';
import { openQueueProxy } from '../support/e2e/queue-proxy.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

/** With so long a key a message holds less than two hundred entries: three messages. */
const users = Array.from({ length: 500 }, (_, nth) => `user${nth}@killed.example`);
const rows = users.map((user, nth) => `${user},+1425555${1000 + nth},${`${nth}`.padEnd(190, 'x')}`);
const file = `user,target,ref\r\n${rows.join('\r\n')}\r\n`;

let system: System;

beforeAll(async () => {
  system = await System.start(users.map((address) => localUser(address)));
});

afterAll(() => system?.stop());

const csv = { 'content-type': 'text/csv' };

describe('an upload whose instance is killed while it sends', () => {
  it('is completed by the same upload, and every entry is applied once', async () => {
    const proxy = await openQueueProxy(system.services.storage.connectionString, 1);
    onTestFinished(() => proxy.stop());
    const killed = await system.startInstance({ BulkStorage: proxy.connectionString });
    const cut = fetch(new URL('/api/bulk?batch=half', killed.url), {
      method: 'POST',
      headers: csv,
      body: file,
    });
    const failed = expect(cut).rejects.toThrow();
    await proxy.held;
    await killed.stop('SIGKILL');
    await failed;

    const half = await system.call('GET', '/api/bulk/half?limit=1');
    expect(half.body).toMatchObject({ parts: 3, entries: 500, finished: false });

    const again = await system.call('POST', '/api/bulk?batch=half', file, csv);
    expect([again.status, again.body]).toMatchObject([
      202,
      { batch: 'half', entries: 500, parts: 3, existing: true, rejected: { count: 0 } },
    ]);
    const ended = await eventually(
      async () => batchSchema.parse((await system.call('GET', '/api/bulk/half?limit=1')).body),
      ({ finished }) => finished,
    );
    expect(ended.counts).toEqual({ applied: 500 });
    const outcomes = await readOutcomes(system.functions.url, '/api/bulk/half?limit=1000');
    expect(outcomes.map(({ entry }) => entry)).toEqual(users.map((_, nth) => nth));
    expect(users.map((user) => system.count('write', user))).toEqual(users.map(() => 1));
    await system.expectAgreement();
  });
});
