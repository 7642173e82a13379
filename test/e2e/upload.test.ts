import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { batchSchema } from '../../infra/local/demo/batch.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const users = Array.from({ length: 60 }, (_, nth) => `user${nth}@files.example`);

let system: System;

beforeAll(async () => {
  system = await System.start(users.map((address) => localUser(address)));
});

afterEach(() => system.expectAgreement());
afterAll(() => system?.stop());

const csv = { 'content-type': 'text/csv' };
const asCsv = { accept: 'text/csv' };

async function upload(text: string, query = '') {
  return await system.call('POST', `/api/bulk${query}`, text, csv);
}

/** Waits until every entry of a batch has ended, and returns its counts. */
async function countsOf(batch: string) {
  const ended = await eventually(
    async () => batchSchema.parse((await system.call('GET', `/api/bulk/${batch}?limit=1`)).body),
    ({ finished }) => finished,
  );
  return ended.counts;
}

const fileOf = (rows: readonly string[]) => `\uFEFFE-Mail;Mobile;Employee ID\r\n${rows.join('\r\n')}\r\n`;

describe('a CSV file that is uploaded', () => {
  it('ends in a report that can be mended and uploaded again', async () => {
    const rows = users.slice(0, 10).map((user, nth) => `${user};+1 425 555 01${40 + nth};E${nth}`);
    rows[3] = `${users[3]};12345;E3`;
    rows[7] = `${users[7]};;E7`;
    const accepted = await upload(fileOf(rows), '?batch=monday');
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe('/api/bulk/monday');
    expect(accepted.body).toMatchObject({
      batch: 'monday',
      entries: 10,
      parts: 1,
      rejected: {
        count: 2,
        first: [
          { line: 5, entry: 3, column: 'Mobile' },
          { line: 9, entry: 7, column: 'Mobile' },
        ],
      },
      status: '/api/bulk/monday',
    });
    expect(await countsOf('monday')).toEqual({ applied: 8, rejected: 2 });

    const report = await system.call('GET', '/api/bulk/monday', undefined, asCsv);
    expect(report.headers.get('content-type')).toMatch(/^text\/csv/);
    const lines = report.text.trim().split('\r\n');
    expect(lines).toHaveLength(11);
    expect(lines[0]).toMatch(/^user,ring,target,ringDelaySeconds,activePeriod,from,until,ref,outcome,/);
    expect(lines[1]).toContain(`${users[0]},contact,tel:+14255550140,,,,,E0,applied`);
    expect(lines[4]).toContain(`${users[3]},,12345,,,,,E3,rejected`);

    const wrong = await system.call('GET', '/api/bulk/monday?outcome=rejected', undefined, asCsv);
    const mended = wrong.text
      .replace(',12345,', ",'+14255550143,")
      .replace(`${users[7]},,,`, `${users[7]},contact,'+14255550147,`);
    expect((await upload(mended, '?batch=monday-2')).body).toMatchObject({
      entries: 2,
      rejected: { count: 0 },
    });
    expect(await countsOf('monday-2')).toEqual({ applied: 2 });
  });

  it('is the same batch when it is uploaded twice, and another when its content differs', async () => {
    const file = fileOf([`${users[11]};+1 425 555 0160;E11`]);
    const first = await upload(file);
    expect(first.body).toMatchObject({ batch: expect.stringMatching(/^up-[a-z2-7]{26}$/) });
    expect(await countsOf(String(Object(first.body).batch))).toEqual({ applied: 1 });
    expect((await upload(file)).body).toEqual({ ...Object(first.body), existing: true });
    const other = await upload(fileOf([`${users[11]};+1 425 555 0161;E11`]));
    expect(Object(other.body).batch).not.toBe(Object(first.body).batch);
    expect(await countsOf(String(Object(other.body).batch))).toEqual({ applied: 1 });
  });

  it('does not take a name that stands for other content', async () => {
    expect((await upload(fileOf([`${users[12]};+1 425 555 0162;`]), '?batch=taken')).status).toBe(202);
    const other = await upload(fileOf([`${users[12]};+1 425 555 0163;`]), '?batch=taken');
    expect([other.status, other.body]).toMatchObject([409, { code: 'batch-exists' }]);
    expect(await countsOf('taken')).toEqual({ applied: 1 });
  });

  it('is only judged with validate, and sends nothing', async () => {
    const file = fileOf([`${users[13]};+1 425 555 0164;`, 'nobody;1;']);
    const judged = await upload(file, '?validate=true&batch=judged');
    expect([judged.status, judged.body]).toMatchObject([200, { entries: 2, rejected: { count: 1 } }]);
    expect((await system.call('GET', '/api/bulk/judged')).status).toBe(404);
  });

  it('sends nothing where it is strict and a row is wrong, or where every row is', async () => {
    const file = fileOf([`${users[13]};+1 425 555 0164;`, `${users[14]};1;`]);
    const strict = await upload(file, '?strict=true&batch=strict');
    expect([strict.status, strict.body]).toMatchObject([
      400,
      { code: 'invalid-request', errors: [{ pointer: '/entries/1/target', line: 3, column: 'Mobile' }] },
    ]);
    expect((await upload(fileOf(['x;1;', 'y;2;']), '?batch=strict')).status).toBe(400);
    expect((await system.call('GET', '/api/bulk/strict')).status).toBe(404);
  });

  it('changes nothing in a dry run, which has a name of its own', async () => {
    const file = fileOf([`${users[15]};+1 425 555 0165;`]);
    expect((await upload(file, '?batch=try&dryRun=true')).body).toMatchObject({ batch: 'dry-try' });
    expect(await countsOf('dry-try')).toEqual({ unchanged: 1 });
    const drifted = await system.call('GET', '/api/bulk/dry-try?would=apply&user=USER15');
    expect(drifted.body).toMatchObject({ outcomes: [{ user: `sip:${users[15]}`, would: 'apply' }] });
    const none = await system.call('GET', '/api/bulk/dry-try?would=nothing');
    expect(none.body).toMatchObject({ outcomes: [] });
  });

  it('that cannot be read as a whole is refused with what to do', async () => {
    const workbook = await upload('PK\u0003\u0004xxxx');
    expect([workbook.status, workbook.body]).toMatchObject([
      400,
      { code: 'invalid-request', detail: expect.stringContaining('CSV UTF-8') },
    ]);
    expect((await upload('')).body).toMatchObject({ detail: expect.stringContaining('body is empty') });
  });
});

describe('a bulk message that is uploaded', () => {
  it('is split and numbered, and needs no schema', async () => {
    const entries = users
      .slice(20, 60)
      .map((user, nth) => ({ user, ring: 'contact', target: `+1425555${1000 + nth}` }));
    const accepted = await system.call('POST', '/api/bulk', { batch: 'json', source: 'workday', entries });
    expect([accepted.status, accepted.body]).toMatchObject([202, { batch: 'json', entries: 40 }]);
    expect(await countsOf('json')).toEqual({ applied: 40 });
    expect((await system.call('GET', '/api/bulk/json')).body).toMatchObject({ source: 'workday' });
  });

  it('must not say what only we say, nor differ from its query', async () => {
    const entries = [{ user: users[20], ring: 'off' }];
    const own = await system.call('POST', '/api/bulk', { batch: 'own', part: 0, hop: 1, entries });
    expect([own.status, own.body]).toMatchObject([
      400,
      { errors: [{ pointer: '/part' }, { pointer: '/hop' }] },
    ]);
    const differs = await system.call('POST', '/api/bulk?batch=b&dryRun=true', {
      batch: 'a',
      dryRun: false,
      entries,
    });
    expect([differs.status, differs.body]).toMatchObject([
      400,
      { errors: [{ pointer: '/batch' }, { pointer: '/dryRun' }] },
    ]);
  });
});
