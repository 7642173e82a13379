import { describe, expect, test } from 'vitest';
import {
  alice,
  bob,
  embedded,
  jsonType,
  linkOf,
  readError,
  readResource,
  requestApplication,
  signIn,
  simulate,
  tokenFor,
} from '../../../support/infra/ucwa-simulator/client.ts';

describe('an application', () => {
  test('is the same for equal fields, and another for different ones', async () => {
    const simulator = await simulate();
    const token = await tokenFor(simulator);
    const open = async (fields: object) => {
      const response = await requestApplication(simulator, token, fields);
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
    const { application } = await signIn(await simulate());
    expect(Object.keys(application._links)).toEqual(
      expect.arrayContaining(['self', 'batch', 'events', 'policies']),
    );
    expect(Object.keys(application._embedded ?? {})).toEqual(
      expect.arrayContaining(['me', 'people', 'onlineMeetings', 'communication']),
    );
    expect(embedded(application, 'me')).toMatchObject({ uri: alice.sip });
  });

  test('names the user of the token', async () => {
    const simulator = await simulate({ users: [{ ...alice, meUri: 'sip:other@contoso.com' }] });
    const client = await signIn(simulator);
    expect(embedded(client.application, 'me')).toMatchObject({ uri: 'sip:other@contoso.com' });
  });

  test('has no settings link without Enterprise Voice, and forbids its URL', async () => {
    const simulator = await simulate({ users: [{ ...alice, enterpriseVoice: false }] });
    const client = await signIn(simulator);
    expect(embedded(client.application, 'me')._links).not.toHaveProperty('callForwardingSettings');
    const self = linkOf(client.application, 'self', client.origin);
    const response = await client.send(`${self}/me/callForwardingSettings`);
    expect([response.status, await readError(response)]).toMatchObject([403, { code: 'Forbidden' }]);
  });

  test('can be read, and deleted once', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    const self = linkOf(client.application, 'self', client.origin);
    expect((await readResource(await client.send(self))).rel).toBe('application');
    const deleted = await client.send(self, { method: 'DELETE' });
    expect([deleted.status, deleted.headers.get('content-length')]).toEqual([204, '0']);
    expect(deleted.headers.get('content-type')).toBeNull();
    expect(simulator.applications(alice.sip)).toBe(0);
    const again = await client.send(self, { method: 'DELETE' });
    expect([again.status, await readError(again)]).toMatchObject([404, { subcode: 'ApplicationNotFound' }]);
  });

  test('of another user is not found', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    const other = await signIn(simulator, bob);
    const response = await other.send(client.settingsUrl);
    expect([response.status, await readError(response)]).toMatchObject([
      404,
      { subcode: 'ApplicationNotFound' },
    ]);
  });

  test('expires when it is not used, and is replaced by a new one', async () => {
    let now = 0;
    const simulator = await simulate({ now: () => now, applicationLifetimeSeconds: 100 });
    const client = await signIn(simulator);
    now += 99_000;
    expect((await client.send(client.settingsUrl)).status).toBe(200);
    now += 99_000;
    expect(simulator.applications(alice.sip)).toBe(1);
    now += 1_000;
    expect(simulator.applications(alice.sip)).toBe(0);
    const response = await client.send(client.settingsUrl);
    expect([response.status, await readError(response)]).toMatchObject([
      410,
      { code: 'Gone', subcode: 'InactiveApplicationExpired' },
    ]);
    const next = await signIn(simulator);
    expect(linkOf(next.application, 'self', '')).not.toBe(linkOf(client.application, 'self', ''));
    expect((await readError(await client.send(client.settingsUrl))).subcode).toBe('ApplicationNotFound');
  });

  test('expires on demand', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    simulator.expireApplications(alice.sip);
    expect((await client.send(client.settingsUrl)).status).toBe(410);
  });

  test('is refused beyond the limit of a user, and created once another is deleted', async () => {
    const simulator = await simulate({ applicationsPerUser: 2 });
    const token = await tokenFor(simulator);
    const first = await readResource(await requestApplication(simulator, token, { endpointId: 'a' }));
    await requestApplication(simulator, token, { endpointId: 'b' });
    const refused = await requestApplication(simulator, token, { endpointId: 'c' });
    expect([refused.status, await readError(refused)]).toMatchObject([
      410,
      { code: 'Gone', subcode: 'TooManyApplications' },
    ]);
    const headers = { authorization: `Bearer ${token}` };
    await fetch(linkOf(first, 'self', simulator.poolUrl()), { method: 'DELETE', headers });
    expect((await requestApplication(simulator, token, { endpointId: 'c' })).status).toBe(201);
  });

  test.each([
    ['culture', { culture: undefined }],
    ['endpointId', { endpointId: '' }],
    ['userAgent', { userAgent: 'x'.repeat(101) }],
  ])('is refused with an invalid %s', async (name, fields) => {
    const simulator = await simulate();
    const response = await requestApplication(simulator, await tokenFor(simulator), fields);
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

  test('is forbidden on the former home pool of a user who was moved', async () => {
    const simulator = await simulate({ pools: ['red', 'blue'] });
    simulator.addUsers([{ ...alice, pool: 'blue' }]);
    const response = await requestApplication(simulator, await tokenFor(simulator, alice, 'red'), {}, 'red');
    expect(response.status).toBe(403);
  });
});
