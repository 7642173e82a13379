import {
  type HttpHandler,
  HttpRequest,
  type HttpResponseInit,
  InvocationContext,
  type LogLevel,
} from '@azure/functions';
import { beforeEach, describe, expect, it } from 'vitest';
import { jsonResponse } from '../../../../shared/http/response.ts';
import { type Call, serve, serveBare } from '../../../../shared/http/serve.ts';
import {
  StorageMisconfiguredError,
  StorageUnavailableError,
} from '../../../../shared/ring/ports/storage-error.ts';
import { systemClock } from '../../../../shared/runtime/clock.ts';
import { failed, success } from '../../../../shared/runtime/result.ts';

interface App {
  readonly name: string;
}

const app: App = { name: 'the app' };
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
let lines: { level: LogLevel; message: string }[];

beforeEach(() => {
  lines = [];
});

type GetApp = Parameters<typeof serve<App>>[0]['getApp'];

/** Calls a handler that needs the app. */
async function call(
  handle: (call: Call<App>) => Promise<HttpResponseInit>,
  { correlationId, getApp = async () => success(app) }: { correlationId?: string; getApp?: GetApp } = {},
) {
  return await callHandler(
    serve(
      { ...withKeys, getApp, track: (work) => work, stopping: new AbortController().signal },
      read,
      handle,
    ).handler,
    correlationId,
  );
}

/** Calls a handler as the host does, and reads its response. */
async function callHandler(
  handler: HttpHandler,
  correlationId?: string,
): Promise<{ status: number | undefined; headers: Headers; body: unknown }> {
  const request = new HttpRequest({
    method: 'GET',
    url: 'http://127.0.0.1/api/users/x/simultaneous-ring',
    ...(correlationId === undefined ? {} : { headers: { 'x-correlation-id': correlationId } }),
  });
  const context = new InvocationContext({
    logHandler: (level, ...texts) => void lines.push({ level, message: texts.join(' ') }),
  });
  const response = await handler(request, context);
  if (response === undefined || !('body' in response)) throw new Error('The handler returned no response.');
  const headers = new Headers(response.headers as Record<string, string>);
  return { status: response.status, headers, body: JSON.parse(String(response.body)) };
}

/** An instance whose callers have function keys. */
const withKeys = { entra: undefined, clock: systemClock };

const read = { needs: 'read' } as const;

const succeed = async ({ correlationId }: Call<App>) => jsonResponse(200, { ok: true }, correlationId);

describe('a call', () => {
  it('gives its handler the app, the request and a log, and returns the response of the handler', async () => {
    const { status, body } = await call(async ({ app: { name }, request, invocation, correlationId }) => {
      invocation.log({ event: 'claim-lost', level: 'warn', correlationId, user: 'sip:x@contoso.com' });
      return jsonResponse(201, { name, method: request.method }, correlationId);
    });
    expect([status, body]).toEqual([201, { name: 'the app', method: 'GET' }]);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.level).toBe('warning');
    expect(JSON.parse(lines[0]?.message ?? '')).toMatchObject({
      event: 'claim-lost',
      user: 'sip:x@contoso.com',
    });
  });

  it.each(['a', 'HR-2026_11.23', 'c'.repeat(64)])('keeps the correlation id %s of its caller', async (id) => {
    const { headers } = await call(succeed, { correlationId: id });
    expect(headers.get('x-correlation-id')).toBe(id);
  });

  it.each([undefined, '', ' ', 'two words', 'c'.repeat(65), 'a/b', 'ä', '{"a":1}'])(
    'gets a new correlation id when its own is %j',
    async (id) => {
      const { headers } = await call(succeed, id === undefined ? {} : { correlationId: encodeHeader(id) });
      expect(headers.get('x-correlation-id')).toMatch(uuid);
    },
  );
});

describe('a call that cannot be served', () => {
  it('is refused with all wrong settings, and may be tried again', async () => {
    const problems = [
      { setting: 'SIP_DOMAINS', detail: 'is missing.' },
      { setting: 'KEY_VAULT_URL', detail: 'must begin with https://.' },
    ];
    const getApp = async () => failed(problems);
    const { status, headers, body } = await call(succeed, { correlationId: 'c-1', getApp });
    expect(status).toBe(503);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(headers.get('retry-after')).toBe('60');
    expect(headers.get('x-correlation-id')).toBe('c-1');
    expect(body).toEqual({
      type: 'urn:simultaneous-ring:problem:misconfigured',
      title: 'The app is not configured correctly',
      status: 503,
      code: 'misconfigured',
      detail: 'SIP_DOMAINS is missing. KEY_VAULT_URL must begin with https://.',
      correlationId: 'c-1',
    });
  });

  it('is refused when storage is down, with the time to try again', async () => {
    const down = new StorageUnavailableError('Storage could not write outcomes (503 ServerBusy).');
    const { status, headers, body } = await call(() => Promise.reject(down), { correlationId: 'c-1' });
    expect([status, headers.get('retry-after')]).toEqual([503, '30']);
    expect(body).toMatchObject({ code: 'storage-unavailable', detail: down.message, correlationId: 'c-1' });
    expect(lines.map(({ level }) => level)).toEqual(['error']);
  });

  it('is misconfigured where storage waits for an operator, also behind another error', async () => {
    const refused = new StorageMisconfiguredError('Storage could not write outcomes. No token. Check it.');
    const behind = new StorageUnavailableError('The batch was not sent.', { cause: refused });
    for (const error of [refused, behind]) {
      const { status, headers, body } = await call(() => Promise.reject(error));
      expect([status, headers.get('retry-after')]).toEqual([503, '30']);
      expect(body).toMatchObject({ code: 'misconfigured', detail: error.message });
    }
    expect(lines.map(({ message }) => JSON.parse(message).event)).toEqual([
      'storage-unavailable',
      'storage-unavailable',
    ]);
  });

  it.each<[string, unknown]>([
    ['an error', new TypeError('the password is hunter2')],
    ['a string', 'the password is hunter2'],
    ['undefined', undefined],
  ])('returns nothing of an unexpected error, which is only logged: %s', async (_name, thrown) => {
    const { status, headers, body } = await call(() => Promise.reject(thrown), { correlationId: 'c-1' });
    expect(status).toBe(500);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(headers.get('x-correlation-id')).toBe('c-1');
    expect(body).toMatchObject({ status: 500, correlationId: 'c-1', detail: expect.any(String) });
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(JSON.parse(lines[0]?.message ?? '')).toMatchObject({
      event: 'unexpected-error',
      correlationId: 'c-1',
    });
  });

  it('returns nothing of an error that kept the app from being made', async () => {
    const getApp = () => Promise.reject(new Error('the library is missing'));
    const { status, body } = await call(succeed, { getApp });
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('the library is missing');
  });
});

describe('a call that needs no app', () => {
  it('keeps its correlation id, even when an error is thrown', async () => {
    const succeeding = serveBare(withKeys, read, async ({ correlationId }) =>
      jsonResponse(200, { ok: true }, correlationId),
    ).handler;
    const { status, body } = await callHandler(succeeding, 'c-1');
    expect([status, body]).toEqual([200, { ok: true }]);
    const failing = await callHandler(
      serveBare(withKeys, read, () => Promise.reject(new Error('the library is missing'))).handler,
      'c-1',
    );
    expect([failing.status, failing.headers.get('x-correlation-id')]).toEqual([500, 'c-1']);
    expect(JSON.stringify(failing.body)).not.toContain('the library is missing');
    expect(lines.map(({ level }) => level)).toEqual(['error']);
  });
});

/** Returns a header as the host receives it: its UTF-8 bytes, each read as a character. */
function encodeHeader(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
