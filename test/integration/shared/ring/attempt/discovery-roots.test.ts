import type { ServerResponse } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, makeCertificate } from '../../../../../infra/local/key-vault/certificate.ts';
import type { UcwaClientOptions } from '../../../../../shared/ucwa/client.ts';
import { changeOnce, outcomeOf } from '../../../../support/ring/one-change.ts';
import { neverAborted, openClient, openSession, proven, setRing } from '../../../../support/ucwa/client.ts';
import { failureOf } from '../../../../support/ucwa/error-text.ts';
import { serve, serveSilently } from '../../../../support/ucwa/http-server.ts';
import { links, type ScriptedResponse, startScriptedPool } from '../../../../support/ucwa/scripted-pool.ts';
import { simulate } from '../../../../support/ucwa/simulation.ts';
import { alice, mobile } from '../../../../support/ucwa/users.ts';

/** A name that no DNS can have, since a label has at most 63 letters: it fails everywhere alike, without a network. */
const noDomain = `${'x'.repeat(64)}.invalid`;
const noName = new URL(`https://lyncdiscover.${noDomain}/`);
const trustedHosts = ['127.0.0.1', noDomain];

function clientOf(roots: readonly URL[], options: Partial<UcwaClientOptions> = {}) {
  return openClient(
    { discoveryUrl: 'http://unused/' },
    { discoveryUrls: () => roots, trustedHosts, ...options },
  );
}

/** Returns a root that always responds so. */
async function rootWith(answer: ScriptedResponse): Promise<URL> {
  return new URL((await startScriptedPool({ 'GET /': answer })).discoveryUrl);
}

let tls: Certificate;
beforeAll(async () => {
  tls = await makeCertificate();
});

describe('a change whose discovery fails from both roots', () => {
  it.each([
    ['redirects to a host that is not trusted', { json: links({ redirect: 'https://pool.corp.example/' }) }],
    [
      'links a user on a host that is not trusted',
      { json: links({ user: 'https://pool.corp.example/user' }) },
    ],
  ])('is misconfigured where one %s and the other has no name', async (_name, answer) => {
    const root = await rootWith(answer);
    for (const roots of [
      [root, noName],
      [noName, root],
    ]) {
      const { tried } = await changeOnce(clientOf(roots));
      expect(tried).toMatchObject({ requiresOperator: true, countsAsAttempt: false });
      const outcome = outcomeOf({ tried });
      expect(outcome).toMatchObject({ outcome: 'deferred', code: 'misconfigured' });
      const { detail } = outcome as { detail: string };
      expect(detail).toContain(
        `From ${root.host}: A link that ${root.host} returned in the discovery step leads to pool.corp.example, which is not trusted`,
      );
      expect(detail).toContain(`From ${noName.host}: Connecting to ${noName.host} failed (ENOTFOUND)`);
      expect(detail).toContain('UCWA_TRUSTED_HOSTS');
    }
  });

  it('is misconfigured where one has a bad certificate and the other has no name', async () => {
    const simulator = await simulate({ tls });
    const root = new URL(simulator.discoveryUrl);
    const { tried, events } = await changeOnce(clientOf([root, noName]));
    expect(outcomeOf({ tried })).toMatchObject({ outcome: 'deferred', code: 'misconfigured' });
    const { detail } = outcomeOf({ tried }) as { detail: string };
    expect(detail).toContain(`From ${root.host}: The certificate of ${root.host}`);
    expect(detail).toContain(`From ${noName.host}:`);
    expect(detail).toContain('UCWA_CA_CERTIFICATES');
    expect(events).toMatchObject([{ event: 'ring-failed', failure: 'tls-failed', host: root.host }]);
  });

  it('says that no name exists where none does, and names both and the setting', async () => {
    const other = new URL(`https://lyncdiscoverinternal.${noDomain}/`);
    const outcome = outcomeOf(await changeOnce(clientOf([other, noName])));
    expect(outcome).toMatchObject({ outcome: 'deferred', code: 'ucwa-unavailable' });
    const { detail } = outcome as { detail: string };
    for (const { host } of [other, noName])
      expect(detail).toContain(`Connecting to ${host} failed (ENOTFOUND)`);
    expect(detail).toContain('UCWA_DISCOVERY_URL');
  });

  it.each<[string, ScriptedResponse, string, string]>([
    ['503', { status: 503 }, 'ucwa-unavailable', 'returned 503'],
    ['404', { status: 404 }, 'ucwa-unavailable', 'returned 404'],
    ['a page', { body: '<html></html>' }, 'ucwa-unavailable', 'returned a page'],
  ])('names %s of one beside the missing name of the other', async (_name, answer, code, words) => {
    const outcome = outcomeOf(await changeOnce(clientOf([await rootWith(answer), noName])));
    expect(outcome).toMatchObject({ outcome: 'deferred', code });
    expect(outcome).toHaveProperty('detail', expect.stringContaining(words));
    expect(outcome).toHaveProperty('detail', expect.stringContaining('ENOTFOUND'));
  });

  it('waits as the root asks that decides', async () => {
    const root = await rootWith({ status: 503, headers: { 'retry-after': '7' } });
    const outcome = outcomeOf(await changeOnce(clientOf([root, noName])));
    expect(outcome).toMatchObject({ ucwa: { status: 503 }, recovery: ['retry', 'retry', 'retry'] });
  });
});

describe('a root whose hosts are not trusted', () => {
  it('is passed over for one that works', async () => {
    const simulator = await simulate();
    const away = await rootWith({ json: links({ user: 'https://pool.corp.example/user' }) });
    const client = clientOf([away, new URL(simulator.discoveryUrl)]);
    expect(await setRing(openSession(client), mobile)).toEqual(proven);
  });
});

describe('a discovery root that never answers', () => {
  async function silentAndWorking() {
    const silent = await serve(() => {});
    const simulator = await simulate();
    const roots = [new URL(silent.discoveryUrl), new URL(simulator.discoveryUrl)];
    return { silent, simulator, client: clientOf(roots, { requestTimeoutMs: 100 }) };
  }

  it('is tried last from then on, by whichever user', async () => {
    const { silent, client, simulator } = await silentAndWorking();
    const patient = { tokenSignal: neverAborted() };
    await openSession(client, alice, patient).callForwarding.readSettings();
    expect(silent.requests).toHaveLength(1);
    for (let time = 0; time < 3; time++) {
      const session = openSession(client, alice, patient);
      await session.dropRoute();
      await session.callForwarding.readSettings();
    }
    expect(silent.requests).toHaveLength(1);
    expect(simulator.count('discovery')).toBe(4);
  });

  it('is left out of a probe, which tells the root that works', async () => {
    const { silent, simulator, client } = await silentAndWorking();
    const probed = await client.probeDiscovery('contoso.com', neverAborted());
    expect(probed).toMatchObject({
      root: new URL(simulator.discoveryUrl),
      failures: [{ root: new URL(silent.discoveryUrl), error: { name: 'RequestTimeoutError' } }],
    });
    expect(await client.probeDiscovery('contoso.com', neverAborted())).toMatchObject({ failures: [] });
    expect(silent.requests).toHaveLength(1);
  });

  it('is tried again where the others fail', async () => {
    const answers: ServerResponse[] = [];
    const slow = await serve((_request, response) => void answers.push(response));
    const down = await rootWith({ status: 404 });
    const client = clientOf([new URL(slow.discoveryUrl), down], { requestTimeoutMs: 100 });
    await failureOf(openSession(client).callForwarding.readSettings());
    await failureOf(openSession(client).callForwarding.readSettings());
    expect(slow.requests).toHaveLength(2);
  });

  it('is remembered too where the end of an attempt came before its time limit', async () => {
    const { origin, connected } = await serveSilently();
    const simulator = await simulate();
    let nowMs = 0;
    const clock = {
      nowMs: () => nowMs,
      sleep: async () => {},
      timeout: (_ms: number, parent = neverAborted()) => ({ signal: parent, stop: () => {} }),
    };
    const client = clientOf([new URL(origin), new URL(simulator.discoveryUrl)], { clock });
    const budget = new AbortController();
    const failure = failureOf(
      openSession(client, alice, { signal: budget.signal }).callForwarding.readSettings(),
    );
    await connected;
    nowMs = 15_000;
    budget.abort(new Error('The budget is used up.'));
    await failure;
    expect(await setRing(openSession(client), mobile)).toEqual(proven);
  });
});
