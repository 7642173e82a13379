import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { neverAborted, openClient, openSession } from '../../../support/ucwa/client.ts';
import { startScriptedPool } from '../../../support/ucwa/scripted-pool.ts';
import { alice } from '../../../support/ucwa/users.ts';

describe('the session of a caller', () => {
  it('goes ahead of those of a batch at a pool that lets one request through at a time', async () => {
    const held: ServerResponse[] = [];
    const pool = await startScriptedPool({
      'GET /held': (_request, response) => void held.push(response),
      'GET /batch': { status: 404, json: { code: 'NotFound' } },
      'GET /caller': { status: 404, json: { code: 'NotFound' } },
    });
    const client = openClient(pool, { requestsAtOnce: 1 });
    const batch = openSession(client, alice, { priority: 'batch' });
    const caller = openSession(client, alice, { priority: 'caller' });
    await batch.callForwarding.readSettings();
    await caller.callForwarding.readSettings();
    const get = (session: typeof batch, path: string) =>
      session.callForwarding.readContact(new URL(path, pool.origin));

    const requests = [get(batch, '/held'), get(batch, '/batch'), get(batch, '/batch')];
    await vi.waitUntil(() => held.length === 1);
    requests.push(get(caller, '/caller'));
    held[0]?.writeHead(404).end('{"code":"NotFound"}');
    await Promise.all(requests);

    expect(pool.requests.slice(-4)).toEqual(['GET /held', 'GET /caller', 'GET /batch', 'GET /batch']);
    await batch.close(neverAborted());
  });
});
