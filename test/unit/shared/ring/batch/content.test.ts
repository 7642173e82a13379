import { describe, expect, it } from 'vitest';
import { decodeContent } from '../../../../../shared/ring/batch/message/content.ts';

const value = { batch: 'hr', ref: 'Köln ✓ 😀 ???>>>' };
const json = JSON.stringify(value);
const bytes = Buffer.from(json);
const mark = '\ufeff';

function base64(content: string | Buffer): string {
  return Buffer.from(content).toString('base64');
}

function utf16(text: string, order: 'little' | 'big'): Buffer {
  const encoded = Buffer.from(text, 'utf16le');
  return order === 'little' ? encoded : encoded.swap16();
}

describe('the content of a message', () => {
  it.each<[string, unknown]>([
    ['plain JSON', json],
    ['plain JSON with a byte order mark', mark + json],
    ['plain JSON over several lines', JSON.stringify(value, undefined, '\t').replaceAll('\n', '\r\n')],
    ['plain JSON between blanks', ` \r\n${json}\n\n`],
    [
      'plain JSON with escapes',
      json.replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ],
    ['base64', base64(json)],
    ['base64 with a byte order mark inside', base64(mark + json)],
    ['base64 with a byte order mark before it', mark + base64(json)],
    ['base64 in lines of 76', base64(json).replace(/.{76}/g, '$&\r\n')],
    ['base64 with a line break at its end', `${base64(json)}\n`],
    ['base64 without its padding', base64(`${json}  `).replace(/=+$/, '')],
    ['base64 with one character of padding', base64(json.padEnd(65)).replace(/=*$/, '=')],
    ['base64url', bytes.toString('base64url')],
    ['base64url with padding', base64(json).replaceAll('+', '-').replaceAll('/', '_')],
    ['base64 of base64', base64(base64(json))],
    ['base64url of base64url', Buffer.from(bytes.toString('base64url')).toString('base64url')],
    ['base64 of base64 in lines', base64(base64(json).replace(/.{76}/g, '$&\n'))],
    ['base64 of UTF-16, the low byte first', base64(utf16(mark + json, 'little'))],
    ['base64 of UTF-16, the high byte first', base64(utf16(mark + json, 'big'))],
    ['base64 of base64 of UTF-16', base64(base64(utf16(mark + json, 'little')))],
    ['base64 of UTF-16 of base64', base64(utf16(mark + base64(json), 'big'))],
    ['a JSON string that holds JSON', JSON.stringify(json)],
    ['a JSON string that holds base64', JSON.stringify(base64(json))],
    ['base64 of a JSON string that holds JSON', base64(JSON.stringify(json))],
    ['base64 of a JSON string that holds base64', base64(JSON.stringify(base64(json)))],
    ['base64 of base64 of a JSON string', base64(base64(JSON.stringify(json)))],
    ['the object that the host parsed', value],
    ['the base64 that the host found in quotes', base64(json)],
  ])('is read from %s', (_form, content) => {
    expect(decodeContent(content)).toEqual({ ok: true, value });
  });

  it.each<[unknown]>([[123], [null], [true], [[1]], [undefined]])(
    'is what the host parsed, and no text any more: %j',
    (content) => {
      expect(decodeContent(content)).toEqual({ ok: true, value: content });
    },
  );

  it.each<[string, string, string]>([
    ['nothing', '', 'The message is empty.'],
    ['blanks', ' \r\n', 'The message is empty.'],
    ['a byte order mark', mark, 'The message is empty.'],
    [
      'words',
      'not a message',
      'The message is not JSON (line 1, column 2: `null` was expected), nor base64 of UTF-8: as base64 it holds bytes that are not UTF-8 (position 0).',
    ],
    [
      'XML',
      '<a/>',
      'The message is not JSON (line 1, column 1: a value was expected; it begins with `<`, as XML and HTML do).',
    ],
    [
      'CSV',
      'user,target\r\nalice@contoso.com,+14255550123\r\n',
      'The message is not JSON (line 1, column 1: a value was expected; its first line looks like CSV).',
    ],
    [
      'CSV in quotes',
      '"user";"target"\n"a";"b"\n',
      'The message is not JSON (line 1, column 7: the end of the text was expected; its first line looks like CSV).',
    ],
    [
      'JSON with a comma too many',
      `{"batch":"hr",\n "part":1,\n}`,
      'The message is not JSON (line 3, column 1: the name of a property in double quotes was expected).',
    ],
    [
      'JSON that is cut',
      json.slice(0, 9),
      'The message is not JSON (line 1, column 10: the text ends where a value was expected).',
    ],
    [
      'base64 of Latin-1',
      base64(Buffer.from('{"batch":"hr","ref":"Köln"}', 'latin1')),
      'The message is not JSON (line 1, column 1: a value was expected), nor base64 of UTF-8: as base64 it holds bytes that are not UTF-8 (position 22).',
    ],
    [
      'base64 of UTF-8 whose last character is cut',
      base64(Buffer.from('{"ref":"ü').subarray(0, 9)),
      'nor base64 of UTF-8: as base64 it holds bytes that are not UTF-8 (position 8).',
    ],
    [
      'base64 behind a replacement character',
      base64(Buffer.concat([Buffer.from('"\ufffdä'), Buffer.from([0xff])])),
      'nor base64 of UTF-8: as base64 it holds bytes that are not UTF-8 (position 6).',
    ],
    ['base64 that is cut', 'eyJhI', 'as base64 it is cut short after 5 characters.'],
    [
      'base64 of UTF-16 without a mark',
      base64(utf16(json, 'little')),
      'holds UTF-16 without a byte order mark.',
    ],
    [
      'base64 of UTF-16 without a mark, high byte first',
      base64(utf16(json, 'big')),
      'without a byte order mark.',
    ],
    [
      'base64 of UTF-16 with half a character',
      base64(utf16(`${mark}"\ud83d"`, 'little')),
      'holds UTF-16 with half a character (position 4).',
    ],
    [
      'base64 of UTF-16 of odd length',
      base64(utf16(mark + json, 'big').subarray(0, -1)),
      'holds UTF-16 of an odd number of bytes.',
    ],
    [
      'base64 of words',
      base64('hello, simulation'),
      'The message is base64 of text, and that text is not JSON (line 1, column 1: a value was expected).',
    ],
    [
      'base64 of base64 of broken JSON',
      base64(base64('{"a":1,,}')),
      'The message is base64 of base64 of text, and that text is not JSON (line 1, column 8: the name of a property in double quotes was expected).',
    ],
    [
      'a JSON string of broken JSON',
      JSON.stringify('{"a":'),
      'The message is a JSON string of text, and that text is not JSON (line 1, column 6: the text ends where a value was expected).',
    ],
    [
      'base64 four times',
      base64(base64(base64(base64(json)))),
      'The message is base64 of base64 of base64 of text, and that text is wrapped too often.',
    ],
  ])('is refused with the decoding that failed: %s', (_what, content, reason) => {
    const decoded = decodeContent(content);
    expect(decoded.ok ? 'read' : decoded.error).toContain(
      `${reason} Send a JSON object, plain or in base64 of UTF-8.`,
    );
  });
});
