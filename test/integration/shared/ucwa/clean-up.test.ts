import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import { neverAborted, openClient, openedSession, openSession } from '../../../support/ucwa/client.ts';
import { startScriptedPool } from '../../../support/ucwa/scripted-pool.ts';
import { stepsOf } from '../../../support/ucwa/simulation.ts';
import { alice } from '../../../support/ucwa/users.ts';

const passing: readonly [name: string, answer: Fault['answer']][] = [
  ['500', { status: 500 }],
  ['503', { status: 503 }],
  ['408', { status: 408 }],
  ['429', { status: 429 }],
  ['502 with a page', { status: 502, format: 'html' }],
  ['a reset', { kind: 'reset' }],
];

const final: readonly [name: string, answer: Fault['answer']][] = [
  ['401', { status: 401 }],
  ['403', { status: 403 }],
  ['404', { status: 404, subcode: 'ApplicationNotFound' }],
  ['410', { status: 410, subcode: 'InactiveApplicationExpired' }],
];

describe('a clean-up that fails once', () => {
  it.each(passing)('with %s is tried once more, and deletes the application', async (_name, answer) => {
    const { simulator, session } = await openedSession();
    simulator.fail({ step: 'clean-up', answer });
    await session.close(neverAborted());
    expect(stepsOf(simulator)).toEqual(['clean-up', 'clean-up']);
    expect(simulator.applications(alice.sip)).toBe(0);
  });

  it.each(final)('with %s is not, since that would change nothing', async (_name, answer) => {
    const { simulator, session } = await openedSession();
    simulator.fail({ step: 'clean-up', answer });
    await session.close(neverAborted());
    expect(stepsOf(simulator)).toEqual(['clean-up']);
  });

  it('is tried once more where the application is dropped, too', async () => {
    const { simulator, session } = await openedSession();
    simulator.fail({ step: 'clean-up', answer: { status: 503 } });
    await session.dropApplication();
    expect(stepsOf(simulator)).toEqual(['clean-up', 'clean-up']);
    expect(simulator.applications(alice.sip)).toBe(0);
  });

  it('is tried once more on a new connection', async () => {
    let deletions = 0;
    const pool = await startScriptedPool({
      'DELETE /app': (_request, response) => {
        deletions += 1;
        response.writeHead(deletions === 1 ? 503 : 204).end();
      },
    });
    const session = openSession(openClient(pool));
    await session.callForwarding.readSettings();
    await session.close(neverAborted());
    expect([deletions, pool.connections]).toEqual([2, 2]);
  });
});

describe('a clean-up that fails twice', () => {
  it('is left', async () => {
    const { simulator, session } = await openedSession();
    simulator.fail({ step: 'clean-up', times: Number.POSITIVE_INFINITY, answer: { status: 500 } });
    await session.close(neverAborted());
    expect(stepsOf(simulator)).toEqual(['clean-up', 'clean-up']);
  });
});

describe('a clean-up whose time is over', () => {
  it('during the first try is not tried again', async () => {
    const controller = new AbortController();
    const pool = await startScriptedPool({ 'DELETE /app': () => controller.abort() });
    const session = openSession(openClient(pool));
    await session.callForwarding.readSettings();
    await session.close(controller.signal);
    expect(pool.requests.filter((line) => line === 'DELETE /app')).toHaveLength(1);
  });

  it('before the second try sends no second request', async () => {
    const controller = new AbortController();
    const pool = await startScriptedPool({
      'DELETE /app': (_request, response) => {
        response.writeHead(503).end();
        response.on('close', () => controller.abort());
      },
    });
    const session = openSession(openClient(pool));
    await session.callForwarding.readSettings();
    await expect(session.close(controller.signal)).resolves.toBeUndefined();
  });
});
