import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  alice,
  linkOf,
  readError,
  simulate,
  type Visit,
  visit,
} from '../../../support/infra/ucwa-simulator/client.ts';

const part = 'simultaneousRingSettings';
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
    const visitor = await visit(simulator);
    const response = await visitor.post(await visitor.partUrl(part, operation), body);
    expect(response.status).toBe(400);
    const error = await readError(response);
    expect(error).toMatchObject({ code: 'BadRequest', subcode });
    expect(error.parameters?.[0]?.name).toBe(subcode === 'ParameterValidationFailure' ? 'target' : undefined);
    expect(simulator.state(alice.sip).simultaneousRing.target).toBe('None');
  });

  test('of 80 characters decoded is taken, also where it is longer encoded', async () => {
    const visitor = await visit(await simulate());
    const target = `sip:${'ä'.repeat(64)}@contoso.com`;
    expect(target).toHaveLength(80);
    const url = await visitor.partUrl(part, operation);
    expect((await visitor.post(`${url}?target=${encodeURIComponent(target)}`)).status).toBe(204);
    expect((await visitor.post(`${url}?target=${encodeURIComponent(`${target}m`)}`)).status).toBe(400);
  });

  test('in the body is refused where only one in the query is taken', async () => {
    const visitor = await visit(await simulate({ variants: { targetInBody: 'refused' } }));
    const url = await visitor.partUrl(part, operation);
    const response = await visitor.post(url, { target: 'tel:+14255550123' });
    expect(response.status).toBe(400);
    expect((await readError(response)).parameters).toMatchObject([{ name: 'target' }]);
    expect((await visitor.post(`${url}?target=tel%3A%2B14255550123`)).status).toBe(204);
  });
});

describe('a request', () => {
  const sendRaw = async (visitor: Visit, url: string, headers: readonly string[]) => {
    const { hostname, port, pathname } = new URL(url);
    const socket = connect(Number(port), hostname);
    const lines = [`POST ${pathname} HTTP/1.1`, `Host: ${hostname}`, 'Connection: close', ...headers];
    socket.write(`${[...lines, `Authorization: ${visitor.authorization}`].join('\r\n')}\r\n\r\n`);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    await once(socket, 'close');
    return answer;
  };

  test('POST without a length is refused, and taken with a length of nothing', async () => {
    const visitor = await visit(await simulate());
    const url = linkOf(await visitor.settings(), 'turnOffCallForwarding', visitor.origin);
    expect(await sendRaw(visitor, url, [])).toMatch(/^HTTP\/1.1 411 /);
    expect(await sendRaw(visitor, url, ['Content-Length: 0'])).toMatch(/^HTTP\/1.1 204 /);
  });

  test.each([
    ['text', 'text/plain', '{"target":"tel:+14255550123"}', 415],
    ['a form', 'application/x-www-form-urlencoded', 'target=tel%3A%2B14255550123', 415],
    ['a type and no body', 'application/json', '', 400],
    ['broken JSON', 'application/json', '{"target"', 400],
    ['a body that is too large', 'application/json', JSON.stringify({ target: 'x'.repeat(70_000) }), 413],
  ])('POST with %s is refused', async (_, type, body, status) => {
    const visitor = await visit(await simulate());
    const url = await visitor.partUrl(part, operation);
    const response = await visitor.send(url, { method: 'POST', headers: { 'content-type': type }, body });
    expect(response.status).toBe(status);
  });

  test('of the wrong method is refused with those that there are', async () => {
    const visitor = await visit(await simulate());
    const response = await visitor.send(await visitor.partUrl(part, operation));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await readError(response)).toMatchObject({ code: 'MethodNotAllowed' });
  });

  test('for a version beyond any link is refused', async () => {
    const visitor = await visit(await simulate());
    const headers = { 'x-ms-requiresminresourceversion': '3' };
    const response = await visitor.send(visitor.settingsUrl, { headers });
    expect([response.status, await readError(response)]).toMatchObject([
      404,
      { subcode: 'APIVersionNotSupported' },
    ]);
  });

  test('made for another origin is refused', async () => {
    const visitor = await visit(await simulate());
    const headers = { 'x-ms-origin': 'https://elsewhere.example' };
    const response = await visitor.send(visitor.settingsUrl, { headers });
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

  test('must come back on every link of an application', async () => {
    const visitor = await visit(await simulate({ variants: { linkQueries: true } }));
    await visitor.ring('tel:+14255550123');
    const ring = await visitor.partUrl(part, operation);
    const urls = [
      visitor.settingsUrl,
      await visitor.partUrl(part, 'contact'),
      await visitor.partUrl(part, 'self'),
    ];
    for (const url of urls) {
      expect((await visitor.send(url)).status).toBe(200);
      expect(await outcome(await visitor.send(url.replace(/\?.*/, '')))).toEqual(lost);
    }
    const bare = await visitor.post(ring.replace(/\?.*/, ''), { target: 'tel:+14255550123' });
    expect(await outcome(bare)).toEqual(lost);
    const self = linkOf(visitor.application, 'self', visitor.origin);
    expect(await outcome(await visitor.send(self.replace(/\?.*/, ''), { method: 'DELETE' }))).toEqual(lost);
    expect((await visitor.send(self, { method: 'DELETE' })).status).toBe(204);
  });

  test('of a contact must not be written anew', async () => {
    const visitor = await visit(await simulate({ variants: { linkQueries: true } }));
    await visitor.ring('tel:+14255550123');
    const url = new URL(await visitor.partUrl(part, 'contact'));
    expect(url.search).toMatch(/^\?displayName=[^&]+&participantHash=.+==$/);
    expect((await visitor.send(url.href)).status).toBe(200);
    url.searchParams.sort();
    expect(await outcome(await visitor.send(url.href))).toEqual(lost);
  });

  test('leaves room for a target before or after it', async () => {
    const visitor = await visit(await simulate({ variants: { linkQueries: true } }));
    const url = new URL(await visitor.partUrl(part, operation));
    const own = url.search.slice(1);
    for (const query of [`${own}&target=tel%3A%2B14255550123`, `target=tel%3A%2B14255550123&${own}`]) {
      url.search = query;
      expect((await visitor.post(url.href)).status).toBe(204);
    }
    url.search = `${own}?target=tel%3A%2B14255550123`;
    expect(await outcome(await visitor.post(url.href))).toEqual(lost);
  });
});
