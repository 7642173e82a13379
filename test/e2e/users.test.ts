import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { batchSchema } from '../../infra/local/demo/batch.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

/** Thirty users: ten of each ring, the first three of each ten turned off again at the end. */
const users = Array.from({ length: 30 }, (_, nth) => `user${String(nth).padStart(2, '0')}@set.example`);
const turnedOff = users.filter((_, nth) => nth % 10 < 3);
const wrongPassword = 'wrong@set.example';

let system: System;

beforeAll(async () => {
  system = await System.start([
    ...users.map((address) => localUser(address)),
    localUser(wrongPassword, { secret: false }),
  ]);
  await sendAndWait('set', [...users.map(entryFor), { user: wrongPassword, ring: 'team' }]);
  await sendAndWait(
    'off',
    turnedOff.map((user) => ({ user, ring: 'off' })),
  );
});

afterAll(() => system?.stop());

function entryFor(user: string, nth: number) {
  if (nth < 10) return { user, target: '+1 425 555 0123' };
  return { user, ring: nth < 20 ? 'delegates' : 'team', ringDelaySeconds: 5 };
}

async function sendAndWait(batch: string, entries: readonly object[]): Promise<void> {
  const text = JSON.stringify({ schema: 'simring/bulk/1', batch, source: 'workday', entries });
  await system.queue('simring-bulk').sendMessage(Buffer.from(text).toString('base64'));
  await finished(`/api/bulk/${batch}`);
}

async function finished(url: string) {
  const seen = await eventually(
    async () => {
      const { status, body } = await system.call('GET', `${url}?limit=1000`);
      return status === 200 ? batchSchema.extend({ outcomes: z.array(entrySchema) }).parse(body) : undefined;
    },
    (status) => status?.finished === true,
  );
  return seen?.outcomes ?? [];
}

const entrySchema = z.looseObject({ user: z.string(), would: z.string().optional() });
const pageSchema = z.object({
  users: z.array(z.looseObject({ user: z.string(), ring: z.string().optional() })),
  next: z.string().optional(),
});

async function listAll(query: string): Promise<readonly (readonly string[])[]> {
  const pages: string[][] = [];
  for (let next: string | undefined = `/api/users${query}`; next !== undefined; ) {
    const { status, body } = await system.call('GET', next);
    expect(status).toBe(200);
    const page: z.infer<typeof pageSchema> = pageSchema.parse(body);
    pages.push(page.users.map(({ user }) => user.replace('sip:', '')));
    next = page.next;
  }
  return pages;
}

describe('GET /api/users', () => {
  it('lists users in order, a page at a time', async () => {
    const pages = await listAll('?limit=7');
    expect(pages.flat()).toEqual([...users, wrongPassword]);
    expect(pages.slice(0, -1).every((page) => page.length === 7)).toBe(true);
  });

  it('shows what stands and how the last request ended', async () => {
    const { body } = await system.call('GET', '/api/users?user=SIP:User03@');
    expect(body).toEqual({
      users: [
        {
          user: 'sip:user03@set.example',
          ring: 'contact',
          target: 'tel:+14255550123',
          provedAt: expect.any(String),
          outcome: 'applied',
          requestedAt: expect.any(String),
          endedAt: expect.any(String),
          batch: 'set',
          source: 'workday',
        },
      ],
    });
    const failed = await system.call('GET', '/api/users?outcome=failed');
    expect(failed.body).toMatchObject({
      users: [{ user: `sip:${wrongPassword}`, code: 'credential-missing' }],
    });
    expect(pageSchema.parse(failed.body).users[0]).not.toHaveProperty('ring');
  });

  it.each<[string, (nth: number) => boolean]>([
    ['contact', (nth) => nth < 10 && nth % 10 >= 3],
    ['delegates', (nth) => nth >= 10 && nth < 20 && nth % 10 >= 3],
    ['team', (nth) => nth >= 20 && nth % 10 >= 3],
    ['off', (nth) => nth % 10 < 3],
  ])('lists the users of the ring %s', async (ring, isOne) => {
    const expected = users.filter((_, nth) => isOne(nth));
    expect((await listAll(`?ring=${ring}&limit=4`)).flat()).toEqual(expected);
  });

  it('returns all of them as CSV where that is accepted', async () => {
    const { headers, text } = await system.call('GET', '/api/users?ring=team', undefined, {
      accept: 'text/csv',
    });
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [header, ...rows] = text.trimEnd().split('\r\n');
    expect(header).toMatch(/^\uFEFF?user,ring,target,/);
    expect(rows).toHaveLength(7);
    expect(rows[0]).toMatch(/^user23@set\.example,team,,5,.+,applied,,,.+,set,workday,$/);
  });

  it('refuses what it does not know, and pages of a CSV file', async () => {
    const wrong = await system.call('GET', '/api/users?ring=all&order=ring');
    expect(wrong.status).toBe(400);
    expect(wrong.body).toMatchObject({ errors: [{ pointer: '/ring' }, { pointer: '/order' }] });
    const csv = await system.call('GET', '/api/users?limit=5', undefined, { accept: 'text/csv' });
    expect(csv.body).toMatchObject({ errors: [{ pointer: '/limit' }] });
    const lost = await system.call('GET', '/api/users?continuation=garbage!');
    expect(lost.body).toMatchObject({ errors: [{ pointer: '/continuation' }] });
  });
});

describe('POST /api/users/check', () => {
  it('finds exactly the users who have drifted, and what stands there now', async () => {
    const [contact = '', delegates = '', team = ''] = [4, 14, 24].map((nth) => users[nth] ?? '');
    system.choose(contact, { activeSetting: 'None' });
    system.choose(delegates, { simultaneousRing: { target: 'Delegates', ringDelay: 25 } });
    system.choose(team, {
      simultaneousRing: { target: 'Contact', ringDelay: 0, contact: 'tel:+14255550199' },
    });
    // A user whose desired ring is off is not checked, whatever stands there now.
    system.choose(turnedOff[0] ?? '', {
      activeSetting: 'SimultaneousRing',
      simultaneousRing: { target: 'Team', ringDelay: 0 },
    });
    const { status, body, headers } = await system.call('POST', '/api/users/check');
    expect(status).toBe(202);
    expect(body).toEqual({
      batch: expect.stringMatching(/^check-/),
      entries: 21,
      parts: 1,
      status: expect.anything(),
    });
    const url = headers.get('location') ?? '';
    expect(body).toMatchObject({ status: url });
    const outcomes = await finished(url);
    expect(outcomes).toHaveLength(21);
    const drifted = outcomes.filter(({ would }) => would === 'apply');
    expect(drifted.map(({ user, previous }) => ({ user, previous }))).toEqual([
      { user: `sip:${contact}`, previous: { ring: 'off' } },
      { user: `sip:${delegates}`, previous: { ring: 'delegates', ringDelaySeconds: 25 } },
      { user: `sip:${team}`, previous: { ring: 'contact', target: 'tel:+14255550199' } },
    ]);
    expect(outcomes.every(({ would }) => would !== undefined)).toBe(true);
    await system.expectAgreement();
  });

  it('is listed among the batches on request only, sends no summary and becomes nobody’s newest request', async () => {
    const listed = await system.call('GET', '/api/bulk');
    expect(listed.body).toMatchObject({ batches: [{ batch: 'off' }, { batch: 'set' }] });
    const all = await system.call('GET', '/api/bulk?all=true');
    expect(all.body).toMatchObject({ batches: [{ batch: expect.stringMatching(/^check-/) }, {}, {}] });
    const { peekedMessageItems } = await system
      .queue('simring-results')
      .peekMessages({ numberOfMessages: 32 });
    expect(peekedMessageItems).toHaveLength(2);
    const { body } = await system.call('GET', '/api/users?user=user04');
    expect(body).toMatchObject({ users: [{ ring: 'contact', batch: 'set', outcome: 'applied' }] });
  });

  it('takes no body and no query', async () => {
    const withBody = await system.call('POST', '/api/users/check', { ring: 'team' });
    expect(withBody.status).toBe(400);
    expect(withBody.body).toMatchObject({ errors: [{ pointer: '' }] });
    const withQuery = await system.call('POST', '/api/users/check?ring=team');
    expect(withQuery.body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/ring' }] });
  });

  it('returns 200 and no batch where there is nobody to check', async () => {
    await sendAndWait(
      'all-off',
      users.map((user) => ({ user, ring: 'off' })),
    );
    const { status, body } = await system.call('POST', '/api/users/check', {});
    expect(status).toBe(200);
    expect(body).toEqual({ entries: 0, parts: 0 });
    await system.expectAgreement();
  });
});
