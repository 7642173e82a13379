import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localApps } from '../../../infra/local/entra/local-tenant.ts';
import { alice, bearer, bob, callersTenant, callerUsers, carol } from '../../support/e2e/callers.ts';
import { eventually, System } from '../../support/e2e/system.ts';

const target = '+1 425 555 0123';
const self = ['SimultaneousRing.Self'];
let system: System;
const secrets: string[] = [];

beforeAll(async () => {
  system = await System.start(callerUsers, { HTTP_BUDGET_MS: '4000' }, { entra: callersTenant });
});
afterAll(() => system?.stop());

const entra = () => system.services.entra;
const idOf = (name: string) => entra().directory.person(name).objectId;

/** Returns headers with a person's token, which must appear nowhere. */
function as(name: string, scopes = self): { readonly authorization: string } {
  const token = entra().personToken(name, scopes, { name: `Name of ${name}`, family_name: 'Secretname' });
  secrets.push(token, token.split('.')[1] ?? token);
  return bearer(token);
}

const ringOf = (address: string) => `/api/users/${address}/simultaneous-ring`;

describe('a person for themselves', () => {
  const own = ringOf('alice@callers.example');

  it('sets, reads and turns off their own ring, and is named by id', async () => {
    const set = await system.call('PUT', own, { target }, as('alice@callers.example'));
    expect([set.status, set.body]).toMatchObject([
      200,
      { outcome: 'applied', by: idOf('alice@callers.example') },
    ]);
    const read = await system.call(
      'GET',
      ringOf('sip:ALICE@Callers.Example'),
      undefined,
      as('alice@callers.example'),
    );
    expect([read.status, read.body]).toMatchObject([200, { ring: 'contact' }]);
    const off = await system.call('DELETE', own, undefined, as('alice@callers.example'));
    expect([off.status, off.body]).toMatchObject([200, { outcome: 'applied' }]);
  });

  it.each(['PUT', 'GET', 'DELETE'])(
    'may not %s for anybody else, and nothing is sent to UCWA',
    async (method) => {
      const before = system.services.ucwa.requests.length;
      for (const address of [
        'bob@callers.example',
        'alice@callers.example.evil',
        'alice%00@callers.example',
      ]) {
        const body = method === 'PUT' ? { target } : undefined;
        const response = await system.call(method, ringOf(address), body, as('alice@callers.example'));
        expect([response.status, response.body]).toMatchObject([403, { code: 'user-not-allowed' }]);
      }
      expect(system.services.ucwa.requests.length).toBe(before);
    },
  );

  it('may not set a time, and hears why', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const body = { target, from: new Date(Date.now() + 60_000).toISOString(), until };
    const response = await system.call('PUT', own, body, as('alice@callers.example'));
    expect([response.status, response.body]).toMatchObject([
      400,
      { code: 'invalid-request', errors: [{ pointer: '/from' }, { pointer: '/until' }] },
    ]);
  });

  it('is asked to try again where the change cannot be done now, and nothing is queued', async () => {
    system.services.ucwa.fail({ user: bob.sip, step: 'read', times: 1000, answer: { status: 503 } });
    const response = await system.call(
      'PUT',
      ringOf('bob@callers.example'),
      { target },
      as('bob@callers.example'),
    );
    expect([response.status, response.body]).toMatchObject([503, { code: 'ucwa-unavailable' }]);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    const { body } = await system.call('GET', '/api/bulk?all=true', undefined, as('watch@callers.example'));
    expect(body).toMatchObject({ batches: [] });
    system.services.ucwa.clearFaults();
  });

  it('needs the claim with the address, and no name in its place', async () => {
    const token = entra().personToken('alice@callers.example', self, { sip_address: undefined });
    const response = await system.call('GET', own, undefined, bearer(token));
    expect(response.body).toMatchObject({ detail: expect.stringContaining('sip_address') });
    expect(response.status).toBe(403);
  });
});

describe('a token that App Service hands on', () => {
  const platform = () => {
    const { authorization } = as('desk@callers.example');
    return { 'x-ms-token-aad-access-token': authorization.slice('Bearer '.length) };
  };

  it('reads, and changes nothing without the header that a foreign page cannot send', async () => {
    const path = ringOf('carol@callers.example');
    expect((await system.call('GET', path, undefined, platform())).status).toBe(200);
    const before = system.count('write', 'carol@callers.example');
    for (const more of [{}, { 'x-simring': '0' }, { 'content-type': 'application/x-www-form-urlencoded' }]) {
      const response = await system.call('PUT', path, { target }, { ...platform(), ...more });
      expect([response.status, response.body]).toMatchObject([403, { code: 'user-not-allowed' }]);
    }
    const health = await system.call('GET', '/api/health?user=carol@callers.example', undefined, platform());
    expect(health.status).toBe(403);
    expect(system.count('write', 'carol@callers.example')).toBe(before);
  });

  it('changes with that header, and is checked all the same', async () => {
    const path = ringOf('carol@callers.example');
    const headers = { ...platform(), 'x-simring': '1' };
    expect((await system.call('PUT', path, { target }, headers)).status).toBe(200);
    const forged = {
      ...headers,
      'x-ms-token-aad-access-token': `${headers['x-ms-token-aad-access-token'].slice(0, -6)}AAAAAA`,
    };
    expect((await system.call('PUT', path, { target }, forged)).status).toBe(401);
  });
});

describe('the trail of a mixed run', () => {
  const hr = () => {
    const token = entra().appToken(localApps.hr.clientId);
    secrets.push(token);
    return bearer(token);
  };

  it('says who changed what, in the log and in the tables', async () => {
    const upload = {
      entries: [
        { user: 'alice@callers.example', target },
        { user: 'bob@callers.example', ring: 'off' },
      ],
    };
    const sent = await system.call('POST', '/api/bulk?batch=trail', upload, {
      ...hr(),
      'x-source': 'workday',
    });
    expect(sent.status).toBe(202);
    await finished('trail');
    const batch = await system.call('GET', '/api/bulk/trail', undefined, as('watch@callers.example'));
    expect(batch.body).toMatchObject({ by: localApps.hr.clientId, source: 'workday' });
    const csv = await system.call('GET', '/api/bulk/trail', undefined, {
      ...as('watch@callers.example'),
      accept: 'text/csv',
    });
    expect(csv.text).toContain(localApps.hr.clientId);

    const undone = await system.call('POST', '/api/bulk/trail/undo', undefined, as('files@callers.example'));
    const { batch: undo } = Object(undone.body);
    await finished(undo);
    await system.call(
      'PUT',
      ringOf('carol@callers.example'),
      { target: '+1 425 555 0199' },
      as('desk@callers.example'),
    );

    const changes = changesLogged();
    const byBatch = (name: string) => changes.filter(({ batch }) => batch === name).map(({ by }) => by);
    expect(new Set(byBatch('trail'))).toEqual(new Set([localApps.hr.clientId]));
    expect(new Set(byBatch(undo))).toEqual(new Set([idOf('files@callers.example')]));
    const carols = changes.filter(({ user }) => user === carol.sip).at(-1);
    expect(carols).toMatchObject({ by: idOf('desk@callers.example') });
    expect(changes.every(({ by }) => typeof by === 'string')).toBe(true);

    const users = await system.call('GET', '/api/users', undefined, as('watch@callers.example'));
    expect(users.body).toMatchObject({
      users: expect.arrayContaining([
        expect.objectContaining({ user: carol.sip, by: idOf('desk@callers.example') }),
        expect.objectContaining({ user: alice.sip, by: idOf('files@callers.example') }),
      ]),
    });
    expect((await rows('simringledger')).filter(({ by }) => by === localApps.hr.clientId)).toHaveLength(1);
    expect((await rows('simringusers')).some(({ by }) => by === idOf('desk@callers.example'))).toBe(true);
  });

  it('says who cancelled what another had requested', async () => {
    const from = new Date(Date.now() + 86_400_000).toISOString();
    const entries = [{ user: 'bob@callers.example', ring: 'team', from }];
    expect((await system.call('POST', '/api/bulk?batch=later', { entries }, hr())).status).toBe(202);
    const cancelled = await system.call('DELETE', '/api/bulk/later', undefined, as('files@callers.example'));
    expect(cancelled.status).toBe(202);
    const { body } = await system.call('GET', '/api/bulk/later', undefined, as('watch@callers.example'));
    const by = idOf('files@callers.example');
    expect(body).toMatchObject({ by: localApps.hr.clientId, cancelled: true, cancelledBy: by });
    const logged = [...system.functions.output.matchAll(/\{"event":"batch-cancelled".*\}/g)];
    expect(logged.map(([line]) => JSON.parse(line))).toMatchObject([{ batch: 'later', by }]);
  });

  it('is not written by whoever sends to the queue', async () => {
    const entries = [{ user: 'carol@callers.example', ring: 'off' }];
    const message = { schema: 'simring/bulk/1', batch: 'forged-by', entries };
    const queue = system.queue('simring-bulk');
    await queue.sendMessage(JSON.stringify({ ...message, by: idOf('desk@callers.example') }));
    await eventually(
      async () => {
        const { body } = await system.call(
          'GET',
          '/api/bulk/forged-by',
          undefined,
          as('watch@callers.example'),
        );
        return Array.isArray(Object(body).rejectedMessages) && Object(body).rejectedMessages.length === 1;
      },
      (isThere) => isThere,
    );
    // The name of a batch that an identified caller submitted.
    const before = changesLogged().length;
    await queue.sendMessage(
      JSON.stringify({ ...message, batch: 'trail', part: 0, hop: 3, entries: [{ ...entries[0], entry: 7 }] }),
    );
    await eventually(
      async () => system.functions.output.includes('"batch-exists"'),
      (isThere) => isThere,
    );
    expect(changesLogged()).toHaveLength(before);
  });

  it('holds no token and no claim of a person', async () => {
    const tables = JSON.stringify([await rows('simringledger'), await rows('simringusers')]);
    for (const text of [system.functions.output, system.responses, tables]) {
      expect(secrets.filter((secret) => secret !== '' && text.includes(secret))).toEqual([]);
      expect(text).not.toMatch(/Secretname|Name of |eyJ[A-Za-z0-9_-]{20}/);
    }
  });

  async function finished(batch: string): Promise<void> {
    await eventually(
      async () => {
        const { body } = await system.call(
          'GET',
          `/api/bulk/${batch}`,
          undefined,
          as('watch@callers.example'),
        );
        return Object(body).finished === true;
      },
      (isThere) => isThere,
    );
  }

  function changesLogged(): readonly Record<string, unknown>[] {
    return [...system.functions.output.matchAll(/\{"event":"ring-changed".*\}/g)].map(([line]) =>
      JSON.parse(line),
    );
  }

  async function rows(name: string): Promise<readonly Record<string, unknown>[]> {
    const { connectionString } = system.services.storage;
    const table = TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true });
    const found: Record<string, unknown>[] = [];
    for await (const row of table.listEntities()) found.push(row);
    return found;
  }
});
