import { describe, expect, it, vi } from 'vitest';
import {
  atWork,
  openClient,
  openSession,
  readRing,
  ringWithoutProof,
  unhurried,
} from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { impatientAt } from '../../../support/ucwa/impatience.ts';
import { alice, mobile } from '../../../support/ucwa/people.ts';
import { playPool } from '../../../support/ucwa/scripted-pool.ts';
import { simulate, stepsOf } from '../../../support/ucwa/simulation.ts';

describe('closing', () => {
  it.each([
    ['is refused', { status: 500 }],
    ['breaks', { kind: 'reset' }],
    ['gets no answer', { kind: 'hang' }],
  ] as const)('never throws: deleting %s', async (_name, answer) => {
    const simulator = await simulate();
    const { clock, onRequest } = impatientAt('clean-up');
    const session = openSession(openClient(simulator, { clock }), alice, { onRequest });
    await session.readSettings();
    simulator.fail({ step: 'delete-application', answer });
    await expect(session.close(unhurried())).resolves.toBeUndefined();
  });

  it('never throws: the server is gone', async () => {
    const { simulator, session } = await atWork();
    await simulator.stop();
    await expect(session.close(unhurried())).resolves.toBeUndefined();
  });

  it('never throws, and sends nothing, under a signal that was aborted', async () => {
    const { simulator, session } = await atWork();
    await expect(session.close(AbortSignal.abort())).resolves.toBeUndefined();
    expect(simulator.requests).toEqual([]);
  });

  it('is done once', async () => {
    const { simulator, session } = await atWork();
    await session.close(unhurried());
    await session.close(unhurried());
    expect(stepsOf(simulator)).toEqual(['delete-application']);
  });

  it('works although the signal of the work was aborted', async () => {
    const simulator = await simulate();
    const controller = new AbortController();
    const session = openSession(openClient(simulator), alice, { signal: controller.signal });
    await session.readSettings();
    controller.abort();
    await session.close(unhurried());
    expect(simulator.applications(alice.sip)).toBe(0);
  });
});

describe('aborting', () => {
  it.each(['GET /', 'GET /user', 'POST /token', 'POST /applications', 'GET /settings', 'POST /ring'])(
    'ends %s at once, with the reason of the signal',
    async (line) => {
      const controller = new AbortController();
      const reason = new RangeError('The host goes down.');
      const pool = await playPool({ [line]: () => controller.abort(reason) });
      const session = openSession(openClient(pool), alice, { signal: controller.signal });
      expect(await failureOf(ringWithoutProof(session, mobile))).toBe(reason);
      expect(pool.requests.at(-1)).toBe(line);
    },
  );

  it('leaves nothing written where a write was still waiting for its turn at the pool', async () => {
    const simulator = await simulate();
    const client = openClient(simulator, { requestsAtOnce: 1 });
    const controller = new AbortController();
    const session = openSession(client, alice, { signal: controller.signal });
    const { ring } = await readRing(session);
    simulator.fail({ step: 'read-settings', answer: { kind: 'hang' } });
    const other = new AbortController();
    const hanging = failureOf(openSession(client, alice, { signal: other.signal }).readSettings());
    await vi.waitUntil(() => simulator.count('read-settings') === 2, { timeout: 20_000 });
    const writing = failureOf(session.ringContact(ring, mobile));
    controller.abort(new RangeError('The host goes down.'));
    expect(await writing).toBe(controller.signal.reason);
    expect(session.write).toBe('none');
    other.abort();
    await hanging;
  });

  it('ends an answer that has begun', async () => {
    const controller = new AbortController();
    const reason = new RangeError('The host goes down.');
    const pool = await playPool({
      'GET /settings': (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{', () => controller.abort(reason));
      },
    });
    const session = openSession(openClient(pool), alice, { signal: controller.signal });
    expect(await failureOf(session.readSettings())).toBe(reason);
  });

  it('sends nothing once it is done', async () => {
    const { simulator } = await atWork();
    const reason = new RangeError('Too late.');
    const session = openSession(openClient(simulator), alice, { signal: AbortSignal.abort(reason) });
    expect(await failureOf(session.readSettings())).toBe(reason);
    expect(simulator.requests).toEqual([]);
  });
});
