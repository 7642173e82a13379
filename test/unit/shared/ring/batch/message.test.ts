import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatMessage,
  parseQueuedMessage,
  validateBulkMessage,
} from '../../../../../shared/ring/batch/message/message.ts';

const entry = { user: 'alice@contoso.com', ring: 'contact', target: '+44 20 7946 0018', ref: 'E1042' };
const sent = {
  schema: 'simring/bulk/1',
  batch: 'hr-2026-11-23',
  part: 0,
  parts: 3,
  source: 'workday',
  requestedAt: '2026-11-23T09:00:00.000Z',
  entries: [entry, { user: 'bob@contoso.com', ring: 'off' }],
} as const;
const defaults = { dryRun: false, deferrals: 0, generation: 0 };
const minimal = { schema: 'simring/bulk/1', batch: 'b', entries: [entry] };

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function pointersOf(content: object): readonly string[] | undefined {
  const parsed = validateBulkMessage(content);
  return parsed.ok ? undefined : parsed.error.map(({ pointer }) => pointer);
}

describe('a bulk message', () => {
  const text = JSON.stringify(sent);

  it.each<[string, unknown]>([
    ['plain JSON', text],
    ['plain JSON with spaces and a byte order mark', `\ufeff ${JSON.stringify(sent, undefined, 2)}\n`],
    ['base64 of JSON', base64(text)],
    ['base64 in lines', base64(text).replace(/.{76}/g, '$&\r\n')],
    ['base64 of JSON with a byte order mark', base64(`\ufeff${text}`)],
    ['the value that the host parsed from JSON', JSON.parse(text)],
    ['JSON text of base64', JSON.stringify(base64(text))],
  ])('is read from %s', (_encoding, content) => {
    expect(parseQueuedMessage(content)).toEqual({ ok: true, value: { ...sent, ...defaults } });
  });

  it('needs only a schema, a batch and an entry', () => {
    expect(parseQueuedMessage(minimal)).toEqual({ ok: true, value: { ...minimal, part: 0, ...defaults } });
  });

  it('may contain entries of any type, because each entry is validated on its own', () => {
    const entries = [null, 1, 'text', [], {}, { user: 7 }, entry];
    expect(parseQueuedMessage({ ...minimal, entries })).toMatchObject({ ok: true, value: { entries } });
  });

  it.each(['A', '7', 'hr-2026.11_23', 'b'.repeat(64)])('may have the batch name %s', (batch) => {
    expect(pointersOf({ ...sent, batch })).toBeUndefined();
  });

  it.each(['2026-11-23T09:00:00Z', '2026-11-23T09:00:00.123Z', '2026-11-23T10:00:00+01:00'])(
    'may have the request time %s',
    (requestedAt) => {
      expect(pointersOf({ ...sent, requestedAt })).toBeUndefined();
    },
  );

  it('is the same after formatting and parsing, whatever characters it contains', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 99_999 }), (ref, part) => {
        const message = { ...sent, part, parts: 100_000, entries: [{ ...entry, ref }] };
        const formatted = formatMessage(message);
        const value = { ...message, ...defaults };
        expect(parseQueuedMessage(formatted)).toEqual({ ok: true, value });
        expect(parseQueuedMessage(base64(formatted))).toEqual({ ok: true, value });
      }),
    );
  });
});

describe('content that is not a bulk message', () => {
  it.each<[string, unknown]>([
    ['an empty text', ''],
    ['any text', 'hello'],
    ['broken JSON', '{"schema":'],
    ['base64 of any text', base64('hello, simulation')],
    ['a number', 123],
    ['the text of a number', '123'],
    ['null', null],
    ['the text null', 'null'],
    ['undefined', undefined],
    ['true', true],
    ['a list', [sent]],
    ['the text of a list', '[]'],
  ])('is refused as a whole: %s', (_name, content) => {
    const parsed = parseQueuedMessage(content);
    expect(parsed.ok ? [] : parsed.error.reasons).toEqual([
      expect.stringMatching(/^The message is |^\/: The message must be a JSON object/),
    ]);
    expect(parsed).not.toMatchObject({ error: { named: expect.anything() } });
  });

  it.each<[string, object, string[]]>([
    ['another schema', { schema: 'simring/bulk/2' }, ['/schema']],
    ['no schema', { schema: undefined }, ['/schema']],
    ['an empty batch name', { batch: '' }, ['/batch']],
    ['a name that begins with a dot', { batch: '.hr' }, ['/batch']],
    ['a name with a slash', { batch: 'hr/1' }, ['/batch']],
    ['a name with a bar, which the ledger uses', { batch: 'hr|1' }, ['/batch']],
    ['a name with a line break at its end', { batch: 'hr\n' }, ['/batch']],
    ['a name of 65 characters', { batch: 'b'.repeat(65) }, ['/batch']],
    ['a name with other letters', { batch: 'Umzug-Köln' }, ['/batch']],
    ['a part below zero', { part: -1 }, ['/part']],
    ['a part that is not a whole number', { part: 0.5 }, ['/part']],
    ['a part as text', { part: '0' }, ['/part']],
    ['zero parts', { parts: 0 }, ['/parts']],
    ['a day without a time', { requestedAt: '2026-11-23' }, ['/requestedAt']],
    ['a time without a zone', { requestedAt: '2026-11-23T09:00:00' }, ['/requestedAt']],
    ['a day that does not exist', { requestedAt: '2026-02-30T09:00:00Z' }, ['/requestedAt']],
    ['no entries', { entries: [] }, ['/entries']],
    ['entries that are neither a list nor an object', { entries: 'E1' }, ['/entries']],
    ['two entries with one number', { entries: [{ ...entry, entry: 1 }, entry] }, ['/entries']],
    ['an unknown property', { priority: 'high' }, ['/priority']],
    ["the host's own metadata", { id: 'x', dequeueCount: 1 }, ['/id', '/dequeueCount']],
    [
      'several issues at once',
      { batch: '', part: -1, dryRun: 'no', x: 1 },
      ['/batch', '/part', '/dryRun', '/x'],
    ],
  ])('is refused with a pointer to each issue: %s', (_name, change, pointers) => {
    expect(pointersOf({ ...sent, ...change })?.toSorted()).toEqual(pointers.toSorted());
  });
});
