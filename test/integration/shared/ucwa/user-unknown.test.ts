import { describe, expect, it } from 'vitest';
import { openClient, openSession } from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { links, type Script, startScriptedPool } from '../../../support/ucwa/scripted-pool.ts';

const online = 'https://webdir0a.online.lync.com/Autodiscover/AutodiscoverService.svc/root';

async function failureOn(scripts: Readonly<Record<string, Script>>, trustedHosts = ['127.0.0.1']) {
  const pool = await startScriptedPool(scripts);
  const session = openSession(openClient(pool, { trustedHosts }));
  return { failure: await failureOf(session.callForwarding.readSettings()), pool };
}

describe('a user whom the home pool does not know', () => {
  it.each(['', ' \r\n'])('is one for whom it returns 404 with the body "%s"', async (body) => {
    const { failure } = await failureOn({ 'GET /user': { status: 404, body } });
    expect(failure).toMatchObject({ name: 'UserUnknownError', step: 'home-pool' });
    expect(String(failure)).toContain('does not know this user');
  });

  it.each<[string, Script]>([
    ['404 with a page', { status: 404, body: '<html></html>' }],
    ['404 with an error of UCWA', { status: 404, json: { code: 'NotFound' } }],
    ['410 without a body', { status: 410 }],
    ['400 without a body', { status: 400 }],
  ])('is not one for whom it returns %s', async (_name, script) => {
    const { failure } = await failureOn({ 'GET /user': script });
    expect(failure).toMatchObject({ name: 'UcwaResponseError', step: 'home-pool' });
  });
});

describe('a user who is homed online', () => {
  // biome-ignore format: a table reads by its rows
  const ways: [string, Readonly<Record<string, Script>>][] = [
    ['links a redirect',             { 'GET /user': { json: links({ redirect: online }) } }],
    ['links applications',           { 'GET /user': { json: links({ applications: online.replace('webdir0a.online', 'webpoolam10a.infra') }) } }],
    ['redirects by HTTP',            { 'GET /user': { status: 302, headers: { location: online } } }],
    ['redirects to another redirect', { 'GET /user': { json: links({ redirect: '/next' }) }, 'GET /next': { json: links({ redirect: online }) } }],
    ['redirects to a user',          { 'GET /user': { json: links({ redirect: '/next' }) }, 'GET /next': { json: links({ user: online }) } }],
  ];

  it.each(ways)(
    'is known by a home pool that %s to Microsoft 365, where nothing is sent',
    async (_name, scripts) => {
      for (const trusted of [[], ['online.lync.com', 'infra.lync.com']]) {
        const { failure } = await failureOn(scripts, ['127.0.0.1', ...trusted]);
        expect(failure).toMatchObject({ name: 'UserUnknownError', step: 'home-pool' });
        expect(String(failure)).toContain('homed online');
        expect(failure).toHaveProperty('host', expect.stringContaining('127.0.0.1'));
      }
    },
  );

  it.each(['https://webdir.online.lync.com.fabrikam.com/', 'https://notonline.lync.com/'])(
    'is not one whom a home pool redirects to %s',
    async (redirect) => {
      const { failure } = await failureOn({ 'GET /user': { json: links({ redirect }) } });
      expect(failure).toMatchObject({ name: 'UntrustedHostError', step: 'home-pool' });
    },
  );

  it('is not what a redirect of discovery tells, which concerns a whole domain', async () => {
    const { failure } = await failureOn({ 'GET /': { json: links({ redirect: online }) } });
    expect(failure).toMatchObject({ name: 'UntrustedHostError', step: 'discovery' });
  });
});
