import { describe, expect, test } from 'vitest';
import {
  alice,
  askForApplication,
  bob,
  embedded,
  jsonType,
  linkOf,
  readError,
  readResource,
  simulate,
  tokenFor,
  visit,
} from '../../../support/infra/ucwa-simulator/client.ts';

describe('an application', () => {
  test('is the same for the same words, and another for others', async () => {
    const simulator = await simulate();
    const token = await tokenFor(simulator);
    const open = async (fields: object) => {
      const response = await askForApplication(simulator, token, fields);
      return [response.status, linkOf(await readResource(response), 'self', '')] as const;
    };
    const [created, self] = await open({});
    expect(created).toBe(201);
    expect(await open({})).toEqual([200, self]);
    const [otherStatus, otherSelf] = await open({ endpointId: 'second' });
    expect(otherStatus).toBe(201);
    expect(otherSelf).not.toBe(self);
    expect((await open({ culture: 'de-DE' }))[0]).toBe(201);
    expect(simulator.applications(alice.sip)).toBe(3);
  });

  test('embeds me, people, onlineMeetings and communication', async () => {
    const { application } = await visit(await simulate());
    expect(Object.keys(application._links)).toEqual(
      expect.arrayContaining(['self', 'batch', 'events', 'policies']),
    );
    expect(Object.keys(application._embedded ?? {})).toEqual(
      expect.arrayContaining(['me', 'people', 'onlineMeetings', 'communication']),
    );
    expect(embedded(application, 'me')).toMatchObject({ uri: alice.sip });
  });

  test('names whom the token really stands for', async () => {
    const simulator = await simulate({ users: [{ ...alice, meUri: 'sip:other@contoso.com' }] });
    const visitor = await visit(simulator);
    expect(embedded(visitor.application, 'me')).toMatchObject({ uri: 'sip:other@contoso.com' });
  });

  test('has no settings link without Enterprise Voice, and what lies there is forbidden', async () => {
    const simulator = await simulate({ users: [{ ...alice, enterpriseVoice: false }] });
    const visitor = await visit(simulator);
    expect(embedded(visitor.application, 'me')._links).not.toHaveProperty('callForwardingSettings');
    const self = linkOf(visitor.application, 'self', visitor.origin);
    const response = await visitor.send(`${self}/me/callForwardingSettings`);
    expect([response.status, await readError(response)]).toMatchObject([403, { code: 'Forbidden' }]);
  });

  test('can be read, and deleted once', async () => {
    const simulator = await simulate();
    const visitor = await visit(simulator);
    const self = linkOf(visitor.application, 'self', visitor.origin);
    expect((await readResource(await visitor.send(self))).rel).toBe('application');
    const deleted = await visitor.send(self, { method: 'DELETE' });
    expect([deleted.status, deleted.headers.get('content-length')]).toEqual([204, '0']);
    expect(deleted.headers.get('content-type')).toBeNull();
    expect(simulator.applications(alice.sip)).toBe(0);
    const again = await visitor.send(self, { method: 'DELETE' });
    expect([again.status, await readError(again)]).toMatchObject([404, { subcode: 'ApplicationNotFound' }]);
  });

  test('of someone else is not found', async () => {
    const simulator = await simulate();
    const visitor = await visit(simulator);
    const stranger = await visit(simulator, bob);
    const response = await stranger.send(visitor.settingsUrl);
    expect([response.status, await readError(response)]).toMatchObject([
      404,
      { subcode: 'ApplicationNotFound' },
    ]);
  });

  test('expires when nobody uses it, and gives way to a new one', async () => {
    let now = 0;
    const simulator = await simulate({ now: () => now, applicationLifetimeSeconds: 100 });
    const visitor = await visit(simulator);
    now += 99_000;
    expect((await visitor.send(visitor.settingsUrl)).status).toBe(200);
    now += 99_000;
    expect(simulator.applications(alice.sip)).toBe(1);
    now += 1_000;
    expect(simulator.applications(alice.sip)).toBe(0);
    const response = await visitor.send(visitor.settingsUrl);
    expect([response.status, await readError(response)]).toMatchObject([
      410,
      { code: 'Gone', subcode: 'InactiveApplicationExpired' },
    ]);
    const next = await visit(simulator);
    expect(linkOf(next.application, 'self', '')).not.toBe(linkOf(visitor.application, 'self', ''));
    expect((await readError(await visitor.send(visitor.settingsUrl))).subcode).toBe('ApplicationNotFound');
  });

  test('expires on demand', async () => {
    const simulator = await simulate();
    const visitor = await visit(simulator);
    simulator.expireApplications(alice.sip);
    expect((await visitor.send(visitor.settingsUrl)).status).toBe(410);
  });

  test('is refused past the number that a user may have, and given once one is gone', async () => {
    const simulator = await simulate({ applicationsPerUser: 2 });
    const token = await tokenFor(simulator);
    const first = await readResource(await askForApplication(simulator, token, { endpointId: 'a' }));
    await askForApplication(simulator, token, { endpointId: 'b' });
    const refused = await askForApplication(simulator, token, { endpointId: 'c' });
    expect([refused.status, await readError(refused)]).toMatchObject([
      410,
      { code: 'Gone', subcode: 'TooManyApplications' },
    ]);
    const headers = { authorization: `Bearer ${token}` };
    await fetch(linkOf(first, 'self', simulator.poolUrl()), { method: 'DELETE', headers });
    expect((await askForApplication(simulator, token, { endpointId: 'c' })).status).toBe(201);
  });

  test.each([
    ['culture', { culture: undefined }],
    ['endpointId', { endpointId: '' }],
    ['userAgent', { userAgent: 'x'.repeat(101) }],
  ])('is refused with a wrong %s', async (name, fields) => {
    const simulator = await simulate();
    const response = await askForApplication(simulator, await tokenFor(simulator), fields);
    expect(response.status).toBe(400);
    const error = await readError(response);
    expect(error).toMatchObject({ code: 'BadRequest', subcode: 'ParameterValidationFailure' });
    expect(error.parameters).toMatchObject([{ name }]);
  });

  test.each([
    ['no JSON', jsonType, '{"culture":', 400],
    ['no object', jsonType, '[]', 400],
    ['another type', { 'content-type': 'text/plain' }, '{}', 415],
    ['no type', {}, new Uint8Array([123, 125]), 415],
  ])('is refused with %s', async (_, headers, body, status) => {
    const simulator = await simulate();
    const authorization = `Bearer ${await tokenFor(simulator)}`;
    const url = `${simulator.poolUrl()}/ucwa/oauth/v1/applications`;
    const response = await fetch(url, { method: 'POST', headers: { ...headers, authorization }, body });
    expect(response.status).toBe(status);
  });

  test('is forbidden on a pool where the user is no longer homed', async () => {
    const simulator = await simulate({ pools: ['red', 'blue'] });
    simulator.addUsers([{ ...alice, pool: 'blue' }]);
    const response = await askForApplication(simulator, await tokenFor(simulator, alice, 'red'), {}, 'red');
    expect(response.status).toBe(403);
  });
});
