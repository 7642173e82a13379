import { describe, expect, test } from 'vitest';
import {
  alice,
  embedded,
  jsonType,
  linkOf,
  readResource,
  requestApplication,
  signIn,
  simulate,
  tokenFor,
} from '../../../support/infra/ucwa-simulator/client.ts';

const number = 'tel:+14255550123';
const ring = 'simultaneousRingSettings';

describe('links', () => {
  test.each([
    ['relative', /^\/ucwa\/oauth\/v1\/applications\//],
    ['absolute', /^http:\/\/127\.0\.0\.1:\d+\/ucwa\/oauth\/v1\/applications\//],
    ['double-slash', /^\/\/ucwa\/oauth\/v1\/applications\//],
  ] as const)('can be %s and lead to the same resource', async (hrefs, form) => {
    const client = await signIn(await simulate({ variants: { hrefs } }));
    expect(client.application._links['self']?.href).toMatch(form);
    expect((await client.send(client.settingsUrl)).status).toBe(200);
    expect((await client.ring(number)).status).toBe(204);
  });
});

describe('the resources of the settings', () => {
  test('can be linked instead of embedded', async () => {
    const simulator = await simulate({ variants: { settings: 'linked' } });
    const client = await signIn(simulator);
    const settings = await client.settings();
    expect(settings).not.toHaveProperty('_embedded');
    for (const rel of ['immediateForwardSettings', ring, 'unansweredCallSettings']) {
      const resource = await readResource(await client.send(linkOf(settings, rel, client.origin)));
      expect(resource.rel).toBe(rel);
      expect(resource._links).toHaveProperty('contact');
    }
    for (const operation of ['immediateForwardSettings', ring, 'unansweredCallSettings'] as const) {
      expect(simulator.count('read', { operation })).toBe(1);
    }
  });
});

describe('errors', () => {
  test.each([
    ['json', 'application/json; charset=utf-8', '"subcode":"NormalizationFailed"'],
    ['xml', 'application/xml; charset=utf-8', '<subcode>NormalizationFailed</subcode>'],
    ['html', 'text/html', '<title>400 - BadRequest</title>'],
  ] as const)('can be %s', async (errors, type, text) => {
    const client = await signIn(await simulate({ variants: { errors } }));
    const response = await client.ring('nobody');
    expect([response.status, response.headers.get('content-type')]).toEqual([400, type]);
    expect(await response.text()).toContain(text);
  });

  test('in XML have their namespace and the invalid parameters', async () => {
    const client = await signIn(await simulate({ variants: { errors: 'xml' } }));
    const text = await (await client.ring('')).text();
    expect(text).toContain('<reason xmlns="http://schemas.microsoft.com/rtc/2012/03/ucwa">');
    expect(text).toContain('<parameters><property name="target">missing</property></parameters>');
  });
});

describe('bodies', () => {
  test('can begin with a byte order mark', async () => {
    const simulator = await simulate({ variants: { byteOrderMark: true } });
    const bytes = new Uint8Array(await (await fetch(simulator.discoveryUrl)).arrayBuffer());
    expect([...bytes.subarray(0, 4)]).toEqual([0xef, 0xbb, 0xbf, '{'.charCodeAt(0)]);
  });

  test.each([
    [true, 'gzip', 'gzip'],
    [true, 'identity', null],
    [false, 'gzip', null],
  ])('with gzip %s for a client that accepts %s have the encoding %s', async (gzip, accepted, encoding) => {
    const client = await signIn(await simulate({ variants: { gzip } }));
    const response = await client.send(client.settingsUrl, { headers: { 'accept-encoding': accepted } });
    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect((await readResource(response)).rel).toBe('callForwardingSettings');
  });

  test('can have unknown properties and links', async () => {
    const client = await signIn(await simulate({ variants: { unknownProperties: true } }));
    const settings = await client.settings();
    expect(Object.values(settings)).toContain('please pass this in a PUT request');
    expect(settings._links).toHaveProperty('somethingNew');
    expect(settings).toHaveProperty('somethingNew');
  });
});

describe('a number that was set', () => {
  test.each([
    ['tel', { uri: number }],
    ['sip-user-phone', { uri: 'sip:+14255550123@contoso.com;user=phone' }],
    ['sip-skip-rnl', { uri: 'sip:+14255550123;ms-skip-rnl=true@contoso.com;user=phone' }],
    ['person', { uri: 'sip:anne.0123@contoso.com', otherPhoneNumber: number }],
    ['person-bare-digits', { uri: 'sip:anne.0123@contoso.com', otherPhoneNumber: '14255550123' }],
  ] as const)('can be returned as %s', async (numberForm, contact) => {
    const client = await signIn(await simulate({ variants: { numberForm } }));
    await client.ring(number);
    expect(await readResource(await client.contact())).toMatchObject(contact);
  });

  test('is in different properties of different people', async () => {
    const client = await signIn(await simulate({ variants: { numberForm: 'person' } }));
    const names = new Set<string>();
    for (const last of [0, 1, 2, 3, 4]) {
      await client.ring(`tel:+1425555012${last}`);
      const contact = await readResource(await client.contact());
      const [name] = Object.entries(contact).find(([, value]) => value === `tel:+1425555012${last}`) ?? [];
      names.add(name ?? 'none');
    }
    expect([...names].sort()).toEqual([
      'homePhoneNumber',
      'mobilePhoneNumber',
      'office',
      'otherPhoneNumber',
      'workPhoneNumber',
    ]);
  });

  test('can be forbidden to read', async () => {
    const client = await signIn(await simulate({ variants: { numberForm: 'forbidden' } }));
    await client.ring(number);
    expect((await client.contact()).status).toBe(403);
  });

  test.each(['person', 'sip-user-phone'] as const)('keeps addresses unchanged (%s)', async (numberForm) => {
    const client = await signIn(await simulate({ variants: { numberForm } }));
    await client.ring('sip:bob@contoso.com');
    expect(await readResource(await client.contact())).toMatchObject({ uri: 'sip:bob@contoso.com' });
  });
});

describe('a setting that was just written', () => {
  test('shows after the configured number of reads, and is in the state at once', async () => {
    const simulator = await simulate({ variants: { readBackDelayReads: 2 } });
    const client = await signIn(simulator);
    const url = await client.urlIn(ring, 'simultaneousRingToContact');
    await client.post(url, { target: number });
    expect(simulator.state(alice.sip).activeSetting).toBe('SimultaneousRing');
    const shown: unknown[] = [];
    for (let read = 0; read < 3; read += 1) shown.push((await client.settings())['activeSetting']);
    expect(shown).toEqual(['None', 'None', 'SimultaneousRing']);
  });

  test('has its reads counted for each linked resource', async () => {
    const simulator = await simulate({ variants: { readBackDelayReads: 1, settings: 'linked' } });
    const client = await signIn(simulator);
    const ringUrl = linkOf(await client.settings(), ring, client.origin);
    await client.post(`${ringUrl}/simultaneousRingToContact`, { target: number });
    const shown: unknown[] = [];
    for (let read = 0; read < 2; read += 1) {
      shown.push((await client.settings())['activeSetting']);
      shown.push((await readResource(await client.send(ringUrl)))['target']);
    }
    expect(shown).toEqual(['None', 'None', 'SimultaneousRing', 'Contact']);
  });
});

describe('a PUT', () => {
  const put = async (
    {
      settingsUrl,
      send,
    }: { settingsUrl: string; send: (url: string, init: RequestInit) => Promise<Response> },
    etag: string | null,
    body: object,
  ) => {
    const headers = etag === null ? jsonType : { ...jsonType, 'if-match': etag };
    return (await send(settingsUrl, { method: 'PUT', headers, body: JSON.stringify(body) })).status;
  };

  test.each(['header', 'property'] as const)('needs the etag from the %s', async (etag) => {
    const simulator = await simulate({ variants: { etag } });
    const client = await signIn(simulator);
    const response = await client.send(client.settingsUrl);
    const header = response.headers.get('etag');
    const settings = await readResource(response);
    const tag = etag === 'header' ? header : `"${String(settings['etag'])}"`;
    expect(header === null).toBe(etag === 'property');
    const me = { settingsUrl: client.settingsUrl, send: client.send.bind(client) };
    expect(await put(me, null, settings)).toBe(428);
    expect(await put(me, tag?.replaceAll('"', '') ?? '', settings)).toBe(428);
    expect(await put(me, '"another"', settings)).toBe(412);
    expect(await put(me, tag, { ...settings, activePeriod: 'Sometimes' })).toBe(400);
    expect(await put(me, tag, { ...settings, activePeriod: 'Workhours' })).toBe(200);
    expect(await put(me, tag, settings)).toBe(412);
    expect(simulator.state(alice.sip).activePeriod).toBe('Workhours');
  });

  test('needs the unknown properties', async () => {
    const client = await signIn(await simulate({ variants: { unknownProperties: true, etag: 'property' } }));
    const settings = await client.settings();
    const me = { settingsUrl: client.settingsUrl, send: client.send.bind(client) };
    const etag = `"${String(settings['etag'])}"`;
    expect(await put(me, etag, { activePeriod: 'Workhours' })).toBe(400);
    expect(await put(me, etag, settings)).toBe(200);
  });

  test('can turn the ring off or set it to the team', async () => {
    const simulator = await simulate({ variants: { etag: 'property' } });
    const client = await signIn(simulator);
    const settingsUrl = await client.urlIn(ring, 'self');
    const me = { settingsUrl, send: client.send.bind(client) };
    const etag = async () => `"${String(embedded(await client.settings(), ring)['etag'])}"`;
    expect(await put(me, await etag(), { target: 'Team', ringDelay: 7 })).toBe(200);
    expect(simulator.state(alice.sip).simultaneousRing).toEqual({ target: 'Team', ringDelay: 7 });
    expect(await put(me, await etag(), { target: 'None' })).toBe(200);
    expect(simulator.state(alice.sip).activeSetting).toBe('None');
    expect(await put(me, await etag(), { target: 'Contact' })).toBe(400);
  });
});

test('variants can be changed while the simulator runs', async () => {
  const simulator = await simulate();
  const token = await tokenFor(simulator);
  simulator.setVariants({ hrefs: 'absolute' });
  const application = await readResource(await requestApplication(simulator, token));
  expect(linkOf(application, 'self', 'none')).toContain(simulator.poolUrl());
});
