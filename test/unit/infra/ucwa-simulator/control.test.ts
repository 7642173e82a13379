import { describe, expect, test } from 'vitest';
import { steps } from '../../../../infra/local/ucwa-simulator/steps.ts';
import { alice, bob, requestToken, signIn, simulate } from '../../../support/infra/ucwa-simulator/client.ts';

async function control(
  simulator: Awaited<ReturnType<typeof simulate>>,
  call: string,
  body?: unknown,
): Promise<{ status: number; value: unknown }> {
  const [method = 'GET', path = ''] = call.split(' ');
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${simulator.discoveryUrl}control/${path}`, init);
  const text = await response.text();
  return { status: response.status, value: text === '' ? undefined : JSON.parse(text) };
}

describe('the control API', () => {
  test('returns the state of one user and of all', async () => {
    const simulator = await simulate();
    await (await signIn(simulator)).ring('tel:+14255550123');
    const state = simulator.state(alice.sip);
    expect(await control(simulator, `GET state?user=${alice.sip}`)).toEqual({ status: 200, value: state });
    expect(await control(simulator, 'GET states')).toEqual({
      status: 200,
      value: { [alice.sip]: state, [bob.sip]: simulator.state(bob.sip) },
    });
  });

  test('returns the requests, their counts by step and operation, and a summary', async () => {
    const simulator = await simulate();
    await signIn(simulator);
    const requestsByStep = {
      ...Object.fromEntries(steps.map((step) => [step, 0])),
      token: 1,
      application: 1,
    };
    expect(await control(simulator, 'GET requests')).toEqual({
      status: 200,
      value: {
        counts: requestsByStep,
        operations: { token: { oauthtoken: 1 }, application: { applications: 1 } },
      },
    });
    expect((await control(simulator, 'GET requests?list=true')).value).toMatchObject({
      requests: [{ step: 'token' }, { step: 'application' }],
    });
    expect((await control(simulator, 'GET summary')).value).toEqual({
      users: 2,
      lockouts: 0,
      applications: 1,
      requestsByStep,
    });
    expect((await control(simulator, 'DELETE requests')).status).toBe(204);
    expect(simulator.requests).toEqual([]);
  });

  test('is not recorded, delayed or made to fail', async () => {
    const simulator = await simulate({ capacity: 1 });
    simulator.setLatency(3_600_000);
    simulator.fail({ times: Number.POSITIVE_INFINITY, answer: { status: 503 } });
    expect((await control(simulator, 'GET summary')).status).toBe(200);
    expect(simulator.requests).toEqual([]);
  });

  test('adds faults, endless ones included, and clears them', async () => {
    const simulator = await simulate();
    const fault = { step: 'token', user: alice.sip, times: 'Infinity', answer: { status: 503 } };
    expect((await control(simulator, 'POST faults', fault)).status).toBe(204);
    for (const _ of [1, 2]) expect((await requestToken(simulator, alice)).status).toBe(503);
    await control(simulator, 'DELETE faults');
    expect((await requestToken(simulator, alice)).status).toBe(200);
  });

  test('changes variants, latency and capacity', async () => {
    const simulator = await simulate();
    expect((await control(simulator, 'POST variants', { discovery: 'redirect' })).status).toBe(204);
    expect(await (await fetch(simulator.discoveryUrl)).text()).toContain('"redirect"');
    expect((await control(simulator, 'POST latency', { ms: 1 })).status).toBe(204);
    expect((await control(simulator, 'POST capacity', { requests: 5 })).status).toBe(204);
    expect((await control(simulator, 'POST capacity', { requests: null })).status).toBe(204);
  });

  test('adds users', async () => {
    const simulator = await simulate();
    const carol = { sip: 'sip:carol@contoso.com', username: 'CONTOSO\\carol', password: 'p' };
    expect((await control(simulator, 'POST users', { users: [carol] })).status).toBe(204);
    expect((await requestToken(simulator, carol)).status).toBe(200);
  });

  test('stops and starts a pool', async () => {
    const simulator = await simulate({ pools: ['red pool'] });
    expect((await control(simulator, 'POST pools/red%20pool/stop')).status).toBe(204);
    await expect(requestToken(simulator, alice)).rejects.toThrow();
    expect((await control(simulator, 'POST pools/red%20pool/start')).status).toBe(204);
    expect((await requestToken(simulator, alice)).status).toBe(200);
  });

  test.each([
    ['POST faults', { answer: { kind: 'slow-body' } }, '/answer/bytesPerSecond'],
    ['POST faults', { answer: { status: 99 } }, '/answer/status'],
    ['POST faults', { step: 'dance', answer: { status: 500 } }, '/step'],
    ['POST faults', { operation: 'dance', answer: { status: 500 } }, '/operation'],
    ['POST faults', { answer: { kind: 'dance' } }, '/answer/kind'],
    ['POST variants', { hrefs: 'none' }, '/hrefs'],
    ['POST latency', { ms: -1 }, '/ms'],
    ['POST capacity', {}, '/requests'],
    ['POST users', { users: [{ ...alice, sip: 'alice' }] }, '/users/0/sip'],
  ])('refuses %s with %o and names %s', async (call, body, pointer) => {
    const { status, value } = await control(await simulate(), call, body);
    expect(status).toBe(400);
    expect(value).toMatchObject({ issues: expect.arrayContaining([expect.objectContaining({ pointer })]) });
  });

  test.each([
    ['GET state', undefined, 400],
    ['GET state?user=sip:eve@contoso.com', undefined, 400],
    ['POST faults', { user: 'sip:eve@contoso.com', answer: { status: 500 } }, 400],
    ['POST pools/green/stop', undefined, 400],
    ['GET somewhere', undefined, 404],
    ['PUT faults', {}, 404],
  ])('refuses %s with %o by %i', async (call, body, status) => {
    expect((await control(await simulate(), call, body)).status).toBe(status);
  });

  test('refuses invalid JSON', async () => {
    const simulator = await simulate();
    const response = await fetch(`${simulator.discoveryUrl}control/faults`, { method: 'POST', body: '{' });
    expect([response.status, await response.json()]).toMatchObject([400, { error: expect.any(String) }]);
  });
});
