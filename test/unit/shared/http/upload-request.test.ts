import { describe, expect, it } from 'vitest';
import { readUpload } from '../../../../shared/http/upload-request.ts';

const file = 'user,target\nalice@contoso.com,+14255550123\n';
const message = JSON.stringify({ entries: [{ user: 'alice@contoso.com', target: '+14255550123' }] });
const entry = { user: 'alice@contoso.com', target: '+14255550123' };

interface Sent {
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly type?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function read({ body = file, type, query = '', headers = {} }: Sent) {
  const url = `http://127.0.0.1/api/bulk${query}`;
  const content = typeof body === 'string' ? Buffer.from(body) : body;
  const given = new Headers(headers);
  if (type !== undefined) given.set('content-type', type);
  return readUpload({
    url,
    query: new URL(url).searchParams,
    headers: given,
    arrayBuffer: async () => Uint8Array.from(content).buffer,
  });
}

async function issuesOf(sent: Sent) {
  const request = await read(sent);
  if (request.ok || request.error.kind !== 'invalid') throw new Error('The request is not invalid.');
  return request.error.issues.map(({ pointer, detail }) => [pointer, detail]);
}

async function uploadOf(sent: Sent) {
  const request = await read(sent);
  if (!request.ok) throw new Error(JSON.stringify(request.error));
  return request.value;
}

describe('a request that uploads', () => {
  it.each<[format: string, sent: Sent]>([
    ['CSV', { type: 'text/csv; charset=utf-8' }],
    ['CSV of Windows', { type: 'application/vnd.ms-excel' }],
    ['CSV without a type', {}],
    ['CSV of curl --data-binary', { type: 'application/x-www-form-urlencoded' }],
    ['CSV as plain text', { type: 'text/plain' }],
    ['JSON', { body: message, type: 'application/json' }],
    ['JSON of a vendor', { body: message, type: 'application/vnd.contoso+json' }],
    ['JSON without a type', { body: ` ${message}` }],
    ['JSON as plain text', { body: message, type: 'text/plain; charset=utf-8' }],
    ['JSON with a byte order mark', { body: `\ufeff${message}`, type: 'application/json' }],
    [
      'JSON in UTF-16',
      { body: Uint8Array.from(Buffer.from(`\ufeff${message}`, 'utf16le')), type: 'text/json' },
    ],
  ])('is read as %s', async (_format, sent) => {
    const { upload, validate } = await uploadOf(sent);
    expect(upload.rows.map((row) => row.entry)).toEqual([entry]);
    expect(upload).toMatchObject({ batch: undefined, dryRun: false, strict: false, source: undefined });
    expect(validate).toBe(false);
  });

  it('takes its options from the query', async () => {
    const told = await uploadOf({ query: '?batch=hr&dryRun=true&strict=true&validate=true&code=key' });
    expect(told).toMatchObject({ validate: true, upload: { batch: 'hr', dryRun: true, strict: true } });
  });

  it('has the source of its body, or else of its header', async () => {
    const headers = { 'x-source': 'portal' };
    expect((await uploadOf({ headers })).upload.source).toBe('portal');
    const body = JSON.stringify({ source: 'workday', entries: [entry] });
    expect((await uploadOf({ headers, body })).upload.source).toBe('workday');
  });

  it('must say the same in body and query', async () => {
    const body = JSON.stringify({ batch: 'a', dryRun: false, entries: [entry] });
    expect((await uploadOf({ body, query: '?batch=a&dryRun=false' })).upload.batch).toBe('a');
    expect(await issuesOf({ body, query: '?batch=b&dryRun=true' })).toEqual([
      ['/batch', expect.stringContaining('differs in body and query')],
      ['/dryRun', expect.stringContaining('differs in body and query')],
    ]);
  });

  it('is told everything that is wrong at once', async () => {
    const query = `?batch=${'x'.repeat(61)}&dryrun=true&strict=1`;
    expect(await issuesOf({ query, headers: { 'x-source': 'x'.repeat(101) }, body: 'name\nx\n' })).toEqual([
      ['/batch', expect.stringContaining('at most 60 characters')],
      ['/strict', 'Write true or false.'],
      ['/dryrun', expect.stringContaining('did you mean `dryRun`?')],
      ['/x-source', expect.stringContaining('too long')],
      ['', expect.stringContaining('names no known column')],
    ]);
  });

  it.each<[what: string, sent: Sent, says: RegExp]>([
    ['empty', { body: '' }, /body is empty: send a CSV file/],
    ['a form', { type: 'multipart/form-data; boundary=x' }, /is a form: send the file itself/],
    [
      'broken JSON',
      { type: 'application/json', body: '{"entries": [1,]}' },
      /not valid JSON \(line 1, column 16/,
    ],
    [
      'JSON that is not UTF-8',
      { type: 'application/json', body: Uint8Array.from([0x7b, 0xff, 0x7d]) },
      /not UTF-8 \(position 1\): send JSON in UTF-8/,
    ],
    ['a list', { body: '[1]' }, /must be a JSON object/],
  ])('is refused with what to do where its body is %s', async (_what, sent, says) => {
    const [[pointer, detail] = []] = await issuesOf(sent);
    expect([pointer, detail]).toEqual(['', expect.stringMatching(says)]);
  });

  it.each<[what: string, sent: Sent]>([
    ['announces more than 32 MiB', { headers: { 'content-length': String(32 * 1024 * 1024 + 1) } }],
    ['has more than 32 MiB', { body: new Uint8Array(32 * 1024 * 1024 + 1) }],
    ['has more than 100,000 entries', { body: `user,ring\n${'x\n'.repeat(100_001)}` }],
  ])('is too large where it %s', async (_what, sent) => {
    expect(await read(sent)).toMatchObject({ ok: false, error: { kind: 'too-large' } });
  });
});
