import { describe, expect, it } from 'vitest';
import { UntrustedHostError } from '../../../../shared/ucwa/transport/untrusted-host-error.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { neverAborted, openClient } from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { serveSilently, serveUntrusted } from '../../../support/ucwa/http-server.ts';
import { challenge, links, type Script, startScriptedPool } from '../../../support/ucwa/scripted-pool.ts';
import { simulate } from '../../../support/ucwa/simulation.ts';

function probe(server: { readonly discoveryUrl: string }) {
  return openClient(server).probeDiscovery('contoso.com', neverAborted());
}

describe('a probe of discovery', () => {
  it.each<[string, string, (origin: string) => Readonly<Record<string, Script>>]>([
    ['the pool', 'challenge', (origin) => ({ 'GET /': { json: links({ user: `${origin}/user` }) } })],
    ['a redirect', 'discovery', (origin) => ({ 'GET /': { json: links({ redirect: `${origin}/` }) } })],
    [
      'the token service',
      'token',
      (origin) => ({ 'GET /user without a token': challenge(`${origin}/token`) }),
    ],
  ])('fails if the host of %s is not trusted, and sends it nothing', async (_what, step, scripts) => {
    const untrusted = await serveUntrusted();
    const failure = await failureOf(probe(await startScriptedPool(scripts(untrusted.origin))));
    expect(failure).toBeInstanceOf(UntrustedHostError);
    expect(failure).toMatchObject({ host: '127.0.0.2' });
    if (step !== 'challenge') expect(failure).toMatchObject({ step });
    expect(untrusted.connections).toBe(0);
  });

  it.each([
    ['discovery', 503],
    ['challenge', 503],
  ] as const)('fails as a session does in its %s step', async (step, status) => {
    const simulator = await simulate();
    simulator.fail({ step, answer: { status } });
    await expect(probe(simulator)).rejects.toMatchObject({ name: 'UcwaResponseError', step, status });
  });

  it('uses the second root if the first never answers, and says so', async () => {
    const simulator = await simulate();
    const silent = await serveSilently();
    const clock = new FakeClock({ realTimeouts: true });
    const discoveryUrls = () => [new URL(`${silent.origin}/`), new URL(simulator.discoveryUrl)];
    const probing = openClient(simulator, { clock, discoveryUrls }).probeDiscovery('x', neverAborted());
    await silent.connected;
    clock.expireTimeouts(3_000);
    const { root, failures } = await probing;
    expect(root.href).toBe(simulator.discoveryUrl);
    expect(failures).toMatchObject([
      { root: new URL(silent.origin), error: { name: 'RequestTimeoutError' } },
    ]);
  });

  it('names the host that had not responded when it is aborted', async () => {
    const silent = await serveSilently();
    const stop = new AbortController();
    const client = openClient({ discoveryUrl: `${silent.origin}/` });
    const probing = failureOf(client.probeDiscovery('contoso.com', stop.signal));
    await silent.connected;
    stop.abort();
    expect(await probing).toMatchObject({
      name: 'RequestTimeoutError',
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ did not respond within .* in the discovery step\.$/),
    });
  });

  it('tells of the host that is not trusted if both roots fail', async () => {
    const pool = await startScriptedPool({
      'GET /': { json: links({ redirect: 'https://pool.local/' }) },
    });
    const nowhere = new URL('http://127.0.0.1:1/');
    for (const discoveryUrls of [
      () => [nowhere, new URL(pool.origin)],
      () => [new URL(pool.origin), nowhere],
    ]) {
      const client = openClient(pool, { discoveryUrls });
      const failure = await failureOf(client.probeDiscovery('contoso.com', neverAborted()));
      expect(String(failure)).toContain('leads to pool.local, which is not trusted');
    }
  });
});
