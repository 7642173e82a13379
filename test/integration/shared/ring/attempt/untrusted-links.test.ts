import { describe, expect, it } from 'vitest';
import { changeOnce, outcomeOf } from '../../../../support/ring/one-change.ts';
import { openClient } from '../../../../support/ucwa/client.ts';
import {
  application,
  challenge,
  links,
  type Script,
  startScriptedPool,
} from '../../../../support/ucwa/scripted-pool.ts';

type Scripts = Readonly<Record<string, Script>>;

const ways: readonly (readonly [step: string, foundIn: string, scripts: (origin: string) => Scripts])[] = [
  ['discovery', 'discovery', (origin) => ({ 'GET /': { json: links({ redirect: `${origin}/` }) } })],
  ['challenge', 'discovery', (origin) => ({ 'GET /': { json: links({ user: `${origin}/user` }) } })],
  ['token', 'challenge', (origin) => ({ 'GET /user without a token': challenge(`${origin}/token`) })],
  [
    'challenge',
    'home-pool',
    (origin) => ({ 'GET /user': { json: links({ applications: `${origin}/applications` }) } }),
  ],
  [
    'read',
    'application',
    (origin) => ({ 'POST /applications': { json: application({ settings: `${origin}/settings` }) } }),
  ],
];

describe('a change whose way leads', () => {
  it.each(ways)(
    'to a host that is not trusted (step %s) names the host and the setting',
    async (_step, foundIn, scripts) => {
      const pool = await startScriptedPool(scripts('https://pool.corp.example'));
      const { tried } = await changeOnce(openClient(pool));
      expect(tried).toMatchObject({ requiresOperator: true, countsAsAttempt: false });
      expect(outcomeOf({ tried })).toMatchObject({
        outcome: 'deferred',
        code: 'misconfigured',
        recovery: [],
        detail: `A link that ${new URL(pool.origin).host} returned in the ${foundIn} step leads to pool.corp.example, which is not trusted, so nothing was sent to it. If pool.corp.example is one of your hosts, add it, or its domain, to UCWA_TRUSTED_HOSTS.`,
      });
    },
  );

  it.each(ways)(
    'over http on a trusted host (step %s) blames the scheme, not the host',
    async (_step, foundIn, scripts) => {
      const pool = await startScriptedPool(scripts('http://pool.contoso.com'));
      const client = openClient(pool, { trustedHosts: ['127.0.0.1', 'contoso.com'] });
      const { tried } = await changeOnce(client);
      expect(tried).toMatchObject({ requiresOperator: true });
      const outcome = outcomeOf({ tried });
      expect(outcome).toMatchObject({ outcome: 'deferred', code: 'misconfigured' });
      const { detail } = outcome as { detail: string };
      const { host } = new URL(pool.origin);
      expect(detail).toContain(
        `A link that ${host} returned in the ${foundIn} step leads to pool.contoso.com over http:// instead of https://`,
      );
      expect(detail).toContain(`whatever else ends TLS before ${host}, keep https:// in the links`);
      expect(detail).not.toContain('UCWA_TRUSTED_HOSTS');
    },
  );

  it('from discovery to Microsoft 365 says so, and which setting leads to the pool', async () => {
    const redirect = 'https://webdir0a.online.lync.com/Autodiscover/AutodiscoverService.svc/root';
    for (const answer of [{ json: links({ redirect }) }, { status: 302, headers: { location: redirect } }]) {
      const pool = await startScriptedPool({ 'GET /': answer });
      expect(outcomeOf(await changeOnce(openClient(pool)))).toMatchObject({
        outcome: 'deferred',
        code: 'misconfigured',
        detail: expect.stringMatching(/webdir0a\.online\.lync\.com.*Microsoft 365.*UCWA_DISCOVERY_URL/),
      });
    }
  });
});
