import { describe, expect, it, vi } from 'vitest';
import {
  neverAborted,
  openClient,
  openedSession,
  openSession,
  readRing,
  ringWithoutProof,
} from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { startScriptedPool } from '../../../support/ucwa/scripted-pool.ts';
import { simulate, stepsOf } from '../../../support/ucwa/simulation.ts';
import { timeoutAt } from '../../../support/ucwa/timeout-at.ts';
import { alice, mobile } from '../../../support/ucwa/users.ts';

describe('closing a session', () => {
  it.each([
    ['is refused', { status: 500 }],
    ['breaks off', { kind: 'reset' }],
    ['gets no response', { kind: 'hang' }],
  ] as const)('never throws, even if deleting the application %s', async (_name, answer) => {
    const simulator = await simulate();
    const { clock, onRequest } = timeoutAt('clean-up');
    const session = openSession(openClient(simulator, { clock }), alice, { onRequest });
    await session.callForwarding.readSettings();
    simulator.fail({ step: 'clean-up', answer });
    await expect(session.close(neverAborted())).resolves.toBeUndefined();
  });

  it('never throws, even if the server is gone', async () => {
    const { simulator, session } = await openedSession();
    await simulator.stop();
    await expect(session.close(neverAborted())).resolves.toBeUndefined();
  });

  it('sends nothing and does not throw under an aborted signal', async () => {
    const { simulator, session } = await openedSession();
    await expect(session.close(AbortSignal.abort())).resolves.toBeUndefined();
    expect(simulator.requests).toEqual([]);
  });

  it('deletes the application only once', async () => {
    const { simulator, session } = await openedSession();
    await session.close(neverAborted());
    await session.close(neverAborted());
    expect(stepsOf(simulator)).toEqual(['clean-up']);
  });

  it('deletes the application although the signal of the session was aborted', async () => {
    const simulator = await simulate();
    const controller = new AbortController();
    const session = openSession(openClient(simulator), alice, { signal: controller.signal });
    await session.callForwarding.readSettings();
    controller.abort();
    await session.close(neverAborted());
    expect(simulator.applications(alice.sip)).toBe(0);
  });
});

describe('aborting the signal of a session', () => {
  it.each(['GET /', 'GET /user', 'POST /token', 'POST /applications', 'GET /settings', 'POST /ring'])(
    'ends %s at once, with the reason of the signal',
    async (line) => {
      const controller = new AbortController();
      const reason = new RangeError('The host goes down.');
      const pool = await startScriptedPool({ [line]: () => controller.abort(reason) });
      const session = openSession(openClient(pool), alice, { signal: controller.signal });
      expect(await failureOf(ringWithoutProof(session, mobile))).toBe(reason);
      expect(pool.requests.at(-1)).toBe(line);
    },
  );

  it('counts no write that was still waiting for its turn at the pool', async () => {
    const simulator = await simulate();
    const client = openClient(simulator, { requestsAtOnce: 1 });
    const controller = new AbortController();
    const session = openSession(client, alice, { signal: controller.signal });
    const { ring } = await readRing(session);
    simulator.fail({ step: 'read', answer: { kind: 'hang' } });
    const other = new AbortController();
    const hanging = failureOf(
      openSession(client, alice, { signal: other.signal }).callForwarding.readSettings(),
    );
    await vi.waitUntil(() => simulator.count('read') === 2, { timeout: 20_000 });
    const writing = failureOf(session.callForwarding.ringContact(ring, mobile));
    controller.abort(new RangeError('The host goes down.'));
    expect(await writing).toBe(controller.signal.reason);
    expect(session.writeFate.mayHaveWritten).toBe(false);
    other.abort();
    await hanging;
  });

  it('ends a response that has begun', async () => {
    const controller = new AbortController();
    const reason = new RangeError('The host goes down.');
    const pool = await startScriptedPool({
      'GET /settings': (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{', () => controller.abort(reason));
      },
    });
    const session = openSession(openClient(pool), alice, { signal: controller.signal });
    expect(await failureOf(session.callForwarding.readSettings())).toBe(reason);
  });

  it('keeps the session from sending anything', async () => {
    const { simulator } = await openedSession();
    const reason = new RangeError('Too late.');
    const session = openSession(openClient(simulator), alice, { signal: AbortSignal.abort(reason) });
    expect(await failureOf(session.callForwarding.readSettings())).toBe(reason);
    expect(simulator.requests).toEqual([]);
  });
});
