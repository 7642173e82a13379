import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseErrorBody } from '../../../../../shared/ucwa/transport/error-body.ts';

const namespace = 'xmlns="http://schemas.microsoft.com/rtc/2012/03/ucwa"';
const conflict = { code: 'Conflict', subcode: 'AlreadyExists' };
const bare = { code: 'Conflict', subcode: undefined };

describe('an error body', () => {
  it.each([
    ['JSON', '{"code":"Conflict","subcode":"AlreadyExists","message":"Please wait and try again"}', conflict],
    ['JSON after a byte order mark', '\uFEFF{"code":"Conflict","subcode":"AlreadyExists"}', conflict],
    ['JSON after white space', '\r\n {"code":"Conflict","subcode":"AlreadyExists"}', conflict],
    ['JSON with only a code', '{"code":"Conflict"}', bare],
    ['JSON with a subcode of null', '{"code":"Conflict","subcode":null}', bare],
    ['JSON with an empty subcode', '{"code":"Conflict","subcode":""}', bare],
    ['JSON with a subcode that is not text', '{"code":"Conflict","subcode":7}', bare],
    [
      'JSON with a subcode that is too long',
      JSON.stringify({ code: 'Conflict', subcode: 'x'.repeat(101) }),
      bare,
    ],
    [
      'JSON with more properties',
      '{"code":"Conflict","message":"!","parameters":[{"name":"target"}],"debugInfo":{}}',
      bare,
    ],
    [
      'XML',
      `<reason ${namespace}><code>Conflict</code><subcode>AlreadyExists</subcode><message>!</message></reason>`,
      conflict,
    ],
    [
      'XML after a declaration and a byte order mark',
      `\uFEFF<?xml version="1.0" encoding="utf-8"?>\n<reason ${namespace}>\n <code>\n Conflict </code><subcode /></reason>`,
      bare,
    ],
    [
      'XML with more elements',
      `<reason ${namespace}><code>Conflict</code><debugInfo /><parameters><property name="target"/></parameters></reason>`,
      bare,
    ],
  ])('is read from %s', (_name, text, expected) => {
    expect(parseErrorBody(text)).toEqual(expected);
  });

  it.each([
    ['nothing', ''],
    ['an HTML page', '<!DOCTYPE html><html><body><code>Conflict</code></body></html>'],
    ['XML of another kind', '<?xml version="1.0"?><reasons><code>Conflict</code></reasons>'],
    ['XML without a code', `<reason ${namespace}><subcode>AlreadyExists</subcode></reason>`],
    ['JSON without a code', '{"subcode":"AlreadyExists"}'],
    ['JSON with a code that is not text', '{"code":409}'],
    ['JSON with a code of more than one word', '{"code":"Bearer cwt=AAEB"}'],
    ['XML with a code of more than one word', `<reason ${namespace}><code>tel:+14255550123</code></reason>`],
    ['an array', '[{"code":"Conflict"}]'],
    ['truncated JSON', '{"code":"Conflict"'],
    ['plain text', 'Conflict'],
  ])('is not found in %s', (_name, text) => {
    expect(parseErrorBody(text)).toBeUndefined();
  });

  const piece = fc.constantFrom(
    '\uFEFF',
    '<?xml ?>',
    '<reason>',
    '<code>',
    '</code>',
    '{"code":',
    '"x"',
    '}',
    '<',
    '>',
  );
  const hostile = fc.array(fc.oneof(piece, fc.string())).map((pieces) => pieces.join(''));

  it('never makes the parser throw, whatever the text', () =>
    fc.assert(
      fc.property(
        fc.oneof(hostile, fc.string({ unit: 'binary' }), fc.json()),
        (text) => void parseErrorBody(text),
      ),
    ));

  const value = fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z.:+ ]{1,8}$/));

  it('contains single words only, whatever the server sends', () =>
    fc.assert(
      fc.property(fc.record({ code: value, subcode: value }), (content) => {
        const body = parseErrorBody(JSON.stringify(content));
        const words = body === undefined ? [] : [body.code, body.subcode ?? 'none'];
        for (const word of words) expect(word).toMatch(/^[A-Za-z][A-Za-z0-9_.-]*$/);
      }),
    ));
});
