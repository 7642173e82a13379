import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  alice,
  linkOf,
  readError,
  type SignedInClient,
  signIn,
  simulate,
} from '../../../support/infra/ucwa-simulator/client.ts';

const ringSettings = 'simultaneousRingSettings';
const operation = 'simultaneousRingToContact';

describe('a target', () => {
  test.each([
    ['that is missing', {}, 'ParameterValidationFailure'],
    ['that is empty', { target: '' }, 'ParameterValidationFailure'],
    ['that is no text', { target: 7 }, 'ParameterValidationFailure'],
    ['of 81 characters', { target: `sip:${'a'.repeat(65)}@contoso.com` }, 'ParameterValidationFailure'],
    ['that is a bare number', { target: '+14255550123' }, 'NormalizationFailed'],
    ['of another scheme', { target: 'https://contoso.com/' }, 'NormalizationFailed'],
    ['without digits', { target: 'tel:alice' }, 'NormalizationFailed'],
    ['without a domain', { target: 'sip:alice' }, 'NormalizationFailed'],
  ])('%s is refused', async (_, body, subcode) => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    const response = await client.post(await client.urlIn(ringSettings, operation), body);
    expect(response.status).toBe(400);
    const error = await readError(response);
    expect(error).toMatchObject({ code: 'BadRequest', subcode });
    expect(error.parameters?.[0]?.name).toBe(subcode === 'ParameterValidationFailure' ? 'target' : undefined);
    expect(simulator.state(alice.sip).simultaneousRing.target).toBe('None');
  });

  test('of 80 characters is accepted even if it is longer when encoded', async () => {
    const client = await signIn(await simulate());
    const target = `sip:${'ä'.repeat(64)}@contoso.com`;
    expect(target).toHaveLength(80);
    const url = await client.urlIn(ringSettings, operation);
    expect((await client.post(`${url}?target=${encodeURIComponent(target)}`)).status).toBe(204);
    expect((await client.post(`${url}?target=${encodeURIComponent(`${target}m`)}`)).status).toBe(400);
  });

  test('in the body is refused with the variant targetInBody refused', async () => {
    const client = await signIn(await simulate({ variants: { targetInBody: 'refused' } }));
    const url = await client.urlIn(ringSettings, operation);
    const response = await client.post(url, { target: 'tel:+14255550123' });
    expect(response.status).toBe(400);
    expect((await readError(response)).parameters).toMatchObject([{ name: 'target' }]);
    expect((await client.post(`${url}?target=tel%3A%2B14255550123`)).status).toBe(204);
  });
});

describe('a request', () => {
  const sendRaw = async (client: SignedInClient, url: string, headers: readonly string[]) => {
    const { hostname, port, pathname } = new URL(url);
    const socket = connect(Number(port), hostname);
    const lines = [`POST ${pathname} HTTP/1.1`, `Host: ${hostname}`, 'Connection: close', ...headers];
    socket.write(`${[...lines, `Authorization: ${client.authorization}`].join('\r\n')}\r\n\r\n`);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    await once(socket, 'close');
    return answer;
  };

  test('POST without a Content-Length is refused, and accepted with 0', async () => {
    const client = await signIn(await simulate());
    const url = linkOf(await client.settings(), 'turnOffCallForwarding', client.origin);
    expect(await sendRaw(client, url, [])).toMatch(/^HTTP\/1.1 411 /);
    expect(await sendRaw(client, url, ['Content-Length: 0'])).toMatch(/^HTTP\/1.1 204 /);
  });

  test.each([
    ['text', 'text/plain', '{"target":"tel:+14255550123"}', 415],
    ['a form', 'application/x-www-form-urlencoded', 'target=tel%3A%2B14255550123', 415],
    ['a type and no body', 'application/json', '', 400],
    ['broken JSON', 'application/json', '{"target"', 400],
    ['a body that is too large', 'application/json', JSON.stringify({ target: 'x'.repeat(70_000) }), 413],
  ])('POST with %s is refused', async (_, type, body, status) => {
    const client = await signIn(await simulate());
    const url = await client.urlIn(ringSettings, operation);
    const response = await client.send(url, { method: 'POST', headers: { 'content-type': type }, body });
    expect(response.status).toBe(status);
  });

  test('with a wrong method is refused, and the allowed ones are named', async () => {
    const client = await signIn(await simulate());
    const response = await client.send(await client.urlIn(ringSettings, operation));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await readError(response)).toMatchObject({ code: 'MethodNotAllowed' });
  });

  test('for a version above that of any link is refused', async () => {
    const client = await signIn(await simulate());
    const headers = { 'x-ms-requiresminresourceversion': '3' };
    const response = await client.send(client.settingsUrl, { headers });
    expect([response.status, await readError(response)]).toMatchObject([
      404,
      { subcode: 'APIVersionNotSupported' },
    ]);
  });

  test('for another origin is refused', async () => {
    const client = await signIn(await simulate());
    const headers = { 'x-ms-origin': 'https://elsewhere.example' };
    const response = await client.send(client.settingsUrl, { headers });
    expect([response.status, response.headers.get('x-ms-diagnostics')]).toMatchObject([
      403,
      expect.stringContaining('28070'),
    ]);
  });
});

describe('the query of a link', () => {
  const lost = { status: 404, subcode: 'ResourceNotFound' };
  const outcome = async (response: Response) => {
    const { subcode } = response.status === 404 ? await readError(response) : { subcode: undefined };
    return { status: response.status, subcode };
  };

  test('must be sent back with every link of an application', async () => {
    const client = await signIn(await simulate({ variants: { linkQueries: true } }));
    await client.ring('tel:+14255550123');
    const ring = await client.urlIn(ringSettings, operation);
    const urls = [
      client.settingsUrl,
      await client.urlIn(ringSettings, 'contact'),
      await client.urlIn(ringSettings, 'self'),
    ];
    for (const url of urls) {
      expect((await client.send(url)).status).toBe(200);
      expect(await outcome(await client.send(url.replace(/\?.*/, '')))).toEqual(lost);
    }
    const bare = await client.post(ring.replace(/\?.*/, ''), { target: 'tel:+14255550123' });
    expect(await outcome(bare)).toEqual(lost);
    const self = linkOf(client.application, 'self', client.origin);
    expect(await outcome(await client.send(self.replace(/\?.*/, ''), { method: 'DELETE' }))).toEqual(lost);
    expect((await client.send(self, { method: 'DELETE' })).status).toBe(204);
  });

  test('of a contact must not be serialised again', async () => {
    const client = await signIn(await simulate({ variants: { linkQueries: true } }));
    await client.ring('tel:+14255550123');
    const url = new URL(await client.urlIn(ringSettings, 'contact'));
    expect(url.search).toMatch(/^\?displayName=[^&]+&participantHash=.+==$/);
    expect((await client.send(url.href)).status).toBe(200);
    url.searchParams.sort();
    expect(await outcome(await client.send(url.href))).toEqual(lost);
  });

  test('may have a target before or after it', async () => {
    const client = await signIn(await simulate({ variants: { linkQueries: true } }));
    const url = new URL(await client.urlIn(ringSettings, operation));
    const own = url.search.slice(1);
    for (const query of [`${own}&target=tel%3A%2B14255550123`, `target=tel%3A%2B14255550123&${own}`]) {
      url.search = query;
      expect((await client.post(url.href)).status).toBe(204);
    }
    url.search = `${own}?target=tel%3A%2B14255550123`;
    expect(await outcome(await client.post(url.href))).toEqual(lost);
  });
});
