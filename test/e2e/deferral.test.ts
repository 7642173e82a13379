import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { batchSchema } from '../../infra/local/demo/batch.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const budgetMs = 4_000;
const callbackChannelError = { status: 500, code: 'ServiceFailure', subcode: 'CallbackChannelError' };

let system: System;

beforeAll(async () => {
  system = await System.start(
    [localUser('later@defer.example'), localUser('slow@defer.example'), localUser('busy@defer.example')],
    {
      HTTP_BUDGET_MS: String(budgetMs),
      UCWA_REQUEST_TIMEOUT_MS: '2000',
    },
  );
});

afterEach(() => system.expectAgreement());
afterAll(() => system?.stop());

describe('a change that cannot be made now', () => {
  it('returns 202 with the Location of its batch, and is made when UCWA is available again', async () => {
    const { ucwa } = system.services;
    ucwa.fail({
      user: 'sip:later@defer.example',
      step: 'write',
      times: Number.POSITIVE_INFINITY,
      answer: callbackChannelError,
    });
    const deferred = await system.ring('PUT', 'later@defer.example', { target: '+1 425 555 0123' });
    expect(deferred.status).toBe(202);
    expect(deferred.body).toMatchObject({
      outcome: 'deferred',
      code: 'ucwa-unavailable',
      recovery: ['retry', 'fresh-application', 'rediscover'],
      attempts: 4,
    });
    const location = deferred.headers.get('location') ?? '';
    const waiting = await system.call('GET', location);
    expect(waiting.body).toMatchObject({ finished: false, entries: 1, counts: { deferred: 1 } });

    ucwa.clearFaults();
    const ended = await eventually(
      () => system.call('GET', location),
      ({ body }) => batchSchema.parse(body).finished,
    );
    expect(ended.body).toMatchObject({
      counts: { applied: 1 },
      outcomes: [{ user: 'sip:later@defer.example', outcome: 'applied', verified: true }],
    });
    expect(ucwa.state('sip:later@defer.example').simultaneousRing.contact).toBe('tel:+14255550123');
  });

  it('is deferred at once where UCWA asks for a longer wait than the budget allows', async () => {
    const busy = { status: 503, headers: { 'Retry-After': '60' } };
    system.services.ucwa.fail({ user: 'sip:busy@defer.example', step: 'read', answer: busy });
    const deferred = await system.ring('PUT', 'busy@defer.example', { target: '+1 425 555 0123' });
    expect(deferred.status).toBe(202);
    expect(deferred.body).toMatchObject({ outcome: 'deferred', recovery: [], ucwa: { status: 503 } });
  });

  it('returns 503 where storage is unavailable for the deferral too', async () => {
    const storage = (system.services.environment['BulkStorage'] ?? '').replaceAll(
      /127\.0\.0\.1:\d+/g,
      '127.0.0.1:1',
    );
    const withoutStorage = await system.startInstance({ BulkStorage: storage });
    const response = await fetch(
      new URL('/api/users/later@defer.example/simultaneous-ring', withoutStorage.url),
      {
        method: 'PUT',
        body: JSON.stringify({ target: '+1 425 555 0123' }),
      },
    );
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('30');
    expect(await response.json()).toMatchObject({ code: 'storage-unavailable' });
    const health = await fetch(new URL('/api/health', withoutStorage.url));
    expect(health.status).toBe(503);
    await withoutStorage.stop();
  });

  it('is deferred within the budget although the pool does not respond to who is signed in', async () => {
    expect((await system.ring('GET', 'slow@defer.example')).status).toBe(200);
    system.services.ucwa.fail({
      user: 'sip:slow@defer.example',
      times: Number.POSITIVE_INFINITY,
      answer: { kind: 'hang' },
    });
    const started = performance.now();
    const deferred = await system.ring('DELETE', 'slow@defer.example');
    expect(deferred.status).toBe(202);
    expect(performance.now() - started).toBeLessThan(budgetMs + 1_000);
  });
});
