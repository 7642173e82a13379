import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import type { CredentialStore } from '../../../../../shared/ring/ports/credential-store.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { changeOnce, outcomeOf } from '../../../../support/ring/one-change.ts';
import { openClient } from '../../../../support/ucwa/client.ts';
import { scriptedToken, startScriptedPool } from '../../../../support/ucwa/scripted-pool.ts';
import { alice, sipUri } from '../../../../support/ucwa/users.ts';

const steps: readonly (readonly [step: string, line: string])[] = [
  ['discovery', 'GET /'],
  ['challenge', 'GET /user without a token'],
  ['home-pool', 'GET /user'],
  ['application', 'POST /applications'],
  ['read', 'GET /settings'],
  ['write', 'POST /ring'],
];

/** Starts a change on a clock that stands still, and ends its budget after 11 seconds once the request hangs. */
async function endWhileHanging(line: string) {
  const hanging: ServerResponse[] = [];
  const pool = await startScriptedPool({ [line]: (_request, response) => void hanging.push(response) });
  const clock = new FakeClock({ skipsSleeps: true });
  const budget = new AbortController();
  const work = changeOnce(openClient(pool, { clock, requestTimeoutMs: 60_000 }), {
    clock,
    budget: { deadlineMs: clock.nowMs() + 15_000, signal: budget.signal },
  });
  await vi.waitUntil(() => hanging.length === 1);
  clock.pass(11_000);
  budget.abort(new Error('The budget is used up.'));
  return { work, hanging, host: new URL(pool.origin).host };
}

describe('an attempt that runs out of time', () => {
  it.each(steps)('tells the host, the %s step and how long it waited there', async (step, line) => {
    const { work, host } = await endWhileHanging(line);
    const { tried, events } = await work;
    expect(outcomeOf({ tried })).toMatchObject({
      outcome: 'deferred',
      detail: `The time for this attempt ran out: ${host} had not responded for 11 seconds in the ${step} step. If this lasts, look at ${host}, how busy it is, and the network on the way to it.${step === 'write' ? ' The change may already have been made.' : ''}`,
    });
    expect(events).toMatchObject([{ event: 'ring-failed', failure: 'out-of-time', host }]);
  });

  it('tells the token step where the token came after the time was over', async () => {
    const { work, host, hanging } = await endWhileHanging('POST /token');
    hanging[0]?.end(JSON.stringify({ access_token: scriptedToken, expires_in: 3600 }));
    expect(outcomeOf(await work)).toMatchObject({
      detail: expect.stringContaining(`ran out: ${host} had not responded for 11 seconds in the token step.`),
    });
  });

  it('records a refusal of the password that came after the time was over', async () => {
    const { work, hanging } = await endWhileHanging('POST /token');
    hanging[0]?.writeHead(400).end('{"error":"invalid_grant"}');
    const { tried, users } = await work;
    expect(outcomeOf({ tried })).toMatchObject({
      outcome: 'deferred',
      detail: expect.stringContaining('refused the user name'),
    });
    expect(users.peek(sipUri(alice.sip)).refusedVersion).toBe('v1');
  });

  it('tells that the vault had not returned the secret', async () => {
    const pool = await startScriptedPool();
    const clock = new FakeClock({ skipsSleeps: true });
    const budget = new AbortController();
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const secrets: CredentialStore = {
      read: (_user, { signal }) => {
        const { promise, reject } = Promise.withResolvers<never>();
        signal.addEventListener('abort', () => reject(signal.reason));
        onAsked();
        return promise;
      },
    };
    const work = changeOnce(openClient(pool, { clock }), {
      clock,
      secrets,
      budget: { deadlineMs: clock.nowMs() + 15_000, signal: budget.signal },
    });
    await asked;
    budget.abort(new Error('The budget is used up.'));
    expect(outcomeOf(await work)).toMatchObject({
      outcome: 'deferred',
      detail:
        "The time for this attempt ran out while the vault had not returned the secret. If this lasts, look at the vault's health and the app's network on the way to it.",
    });
  });
});

describe('a slow token service', () => {
  it.each(['caller', 'batch'] as const)('holds up no %s while others wait for it', async (priority) => {
    const hanging: ServerResponse[] = [];
    const pool = await startScriptedPool({
      'POST /token': (request, response) => {
        request.on('data', (form) => {
          if (String(form).includes('slow')) hanging.push(response);
          else response.end(JSON.stringify({ access_token: scriptedToken, expires_in: 3600 }));
        });
      },
    });
    const client = openClient(pool, { requestsAtOnce: 4 });
    const ending = new AbortController();
    const others = Array.from({ length: 4 }, (_, index) => {
      const as = { sip: `sip:slow-${index}@contoso.com`, username: `slow-${index}`, password: 'wrong' };
      return changeOnce(client, { as, call: { signal: ending.signal } });
    });
    await vi.waitUntil(() => hanging.length === 4);

    const { tried } = await changeOnce(client, { call: { priority } });

    expect(tried).toMatchObject({ kind: 'ended', outcome: { recovery: [] } });
    expect(hanging.every((response) => response.writable)).toBe(true);
    ending.abort(new Error('The test ends.'));
    await Promise.all(others);
  });
});
