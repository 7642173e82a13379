import { HttpRequest } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { readJsonBody, unexpectedBody } from '../../../../shared/http/body.ts';
import { failed, success } from '../../../../shared/runtime/result.ts';

const advice = 'Send an object.';

const requestWith = (content: string | Uint8Array, headers: Record<string, string> = {}) => {
  const body = typeof content === 'string' ? { string: content } : { bytes: content };
  return new HttpRequest({ method: 'PUT', url: 'http://127.0.0.1/', body, headers });
};
const readBody = (content: string | Uint8Array, headers?: Record<string, string>) =>
  readJsonBody(requestWith(content, headers), 100, advice);
const refused = (detail: unknown) => failed([{ pointer: '', code: 'invalid-request', detail }]);

describe('the JSON body of a request', () => {
  it.each<[string, string | Uint8Array, unknown]>([
    ['JSON', '{"ring":"team"}', { ring: 'team' }],
    ['JSON behind a byte order mark', '\ufeff{"ring":"team"}', { ring: 'team' }],
    ['UTF-16 with a byte order mark', Buffer.from('\ufeff{"ring":"team"}', 'utf16le'), { ring: 'team' }],
    ['the JSON null', 'null', null],
  ])('is read from %s', async (_encoding, content, value) => {
    expect(await readBody(content)).toEqual(success(value));
  });

  it.each(['', ' \n'])('is empty when it is %j', async (text) => {
    expect(await readBody(text)).toEqual(
      refused(expect.stringMatching(/^The body is empty\. Send an object\./)),
    );
  });

  it.each([
    ['{"ring":', 'line 1, column 9: the text ends where a value was expected'],
    ["{'ring':'team'}", 'line 1, column 2: '],
    ['ring=team', 'line 1, column 1: a value was expected'],
  ])('is refused with the place where it stops being JSON when it is %j', async (text, place) => {
    const detail = expect.stringContaining(`The body is not valid JSON (${place}`);
    expect(await readBody(text)).toEqual(refused(detail));
  });

  it('is refused, and nothing in it replaced, where it is not UTF-8', async () => {
    const latin1 = Buffer.from('{"target":"sip:j\u00fcrgen@contoso.com"}', 'latin1');
    const detail = 'The body holds bytes that are not UTF-8 (position 16): send JSON in UTF-8.';
    expect(await readBody(latin1)).toEqual(refused(detail));
  });

  it('is too large over its limit in bytes, by its content or by its Content-Length', async () => {
    expect(await readBody(JSON.stringify('x'.repeat(98)))).toEqual(success('x'.repeat(98)));
    expect(await readBody(JSON.stringify('x'.repeat(99)))).toEqual(failed('too-large'));
    expect(await readBody(JSON.stringify('é'.repeat(50)))).toEqual(failed('too-large'));
    expect(await readBody('{}', { 'content-length': '101' })).toEqual(failed('too-large'));
  });
});

describe('a route without a body', () => {
  it.each(['', '{}', ' { } \r\n', '\ufeff{}'])('takes %j', async (text) => {
    expect(await unexpectedBody(requestWith(text), 'No body.')).toEqual([]);
  });

  it.each<[string, string | Uint8Array]>([
    ['options', '{"dryRun":true}'],
    ['what is not JSON', 'dryRun=true'],
    ['bytes that are not text', Uint8Array.of(0xff, 0x41)],
    ['more than it looks at', ' '.repeat(2_000)],
  ])('refuses %s', async (_what, content) => {
    expect(await unexpectedBody(requestWith(content), 'No body.')).toMatchObject([{ detail: 'No body.' }]);
  });
});
