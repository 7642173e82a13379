import fc from 'fast-check';
import { nestedJson } from '../json.ts';

/** Right values, and now and then a wrong one. */
function mostly(right: readonly unknown[], wrong: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 15, arbitrary: fc.constantFrom(...right) },
    { weight: 1, arbitrary: fc.constantFrom(...wrong) },
  );
}

const entry = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      user: fc.constantFrom<unknown>('alice@contoso.com', 'bob@contoso.com', 'x@other.example', '\ud800', 7),
      ring: fc.constantFrom<unknown>('off', 'Team', 'contact', null, 'none'),
      ref: fc.oneof(fc.string({ unit: 'binary', maxLength: 5 }), fc.integer(), fc.constant(null)),
    }),
  },
  fc.jsonValue({ maxDepth: 3 }),
);

/** The properties of messages, right and wrong; some may be absent. */
const properties = fc.record(
  {
    schema: mostly(['simring/bulk/1'], ['simring/bulk/2', null, 1]),
    batch: mostly(
      ['hr', 'hr-2026-11-23', 'B.1_2'],
      ['', 'a b', '.hr', 'b'.repeat(65), 'Köln', 7, null, ['hr'], { name: 'hr' }],
    ),
    entries: fc.oneof({ weight: 9, arbitrary: fc.array(entry, { minLength: 1, maxLength: 4 }) }, entry),
    part: mostly([0, 3, null], ['0', -1, 0.5]),
    source: mostly(['workday', null, '\udfff'], ['x'.repeat(101), 7]),
    requestedAt: mostly(
      ['2026-11-23T08:00:00Z', '2026-11-23 08:00+01', null],
      ['0001-01-01T00:00:00Z', '2026-11-23', 'soon', 0],
    ),
    hop: mostly([0, 1], [-1, 'x']),
    $type: fc.jsonValue({ maxDepth: 1 }),
  },
  { requiredKeys: ['schema', 'batch', 'entries'] },
);

/** Properties that no message has. */
const others = fc.oneof(
  { weight: 9, arbitrary: fc.constant({}) },
  fc.record({ id: fc.nat(), colour: fc.jsonValue({ maxDepth: 1 }) }, { requiredKeys: [] }),
);

const spelling = fc.constantFrom<(name: string) => string>(
  ...Array.from({ length: 9 }, () => (name: string) => name),
  (name) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
  (name) => name.toUpperCase(),
);

const spellings = fc.array(spelling, { minLength: 1 });

const message = fc.tuple(properties, others, spellings).map(([given, more, spelt]) => {
  const named = Object.entries({ ...given, ...more }).map(([name, value], index) => {
    const spell = spelt[index % spelt.length] ?? String;
    return [spell(name), value] as const;
  });
  return JSON.stringify(Object.fromEntries(named));
});

/** Messages in which something is nested deeper than a call stack reaches. */
const deep = fc
  .tuple(fc.constantFrom('source', 'entries', '$id', 'Source'), fc.constantFrom(21, 12_000))
  .map(([name, levels]) => `{"schema":"simring/bulk/1","batch":"hr","${name}":${nestedJson(levels)}}`);

const broken = fc
  .tuple(
    message,
    fc.nat(),
    fc.nat({ max: 3 }),
    fc.constantFrom('', ',', '"', '{', '\\', '\ud800', '\u00a0', "'"),
  )
  .map(([text, at, removed, added]) => {
    const offset = at % (text.length + 1);
    return text.slice(0, offset) + added + text.slice(offset + removed);
  });

const huge = fc
  .tuple(fc.constantFrom(' ', 'A', '[', '"', '1', 'ü', '{"a":', '\\'), message)
  .map(([unit, text]) => unit.repeat(20_000) + text);

const text = fc.oneof(
  { weight: 20, arbitrary: message },
  { weight: 8, arbitrary: broken },
  { weight: 2, arbitrary: deep },
  { weight: 4, arbitrary: fc.json() },
  { weight: 4, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: huge },
);

function base64(content: string | Buffer): string {
  return Buffer.from(content).toString('base64');
}

const wrapping = fc.constantFrom<(text: string) => string>(
  (content) => content,
  (content) => `\ufeff${content}`,
  (content) => base64(content),
  (content) => base64(`\ufeff${content}`),
  (content) => base64(content).replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'),
  (content) => base64(content).replace(/.{76}/g, '$&\r\n'),
  (content) => base64(base64(content)),
  (content) => base64(Buffer.from(`\ufeff${content}`, 'utf16le')),
  (content) => base64(Buffer.from(`\ufeff${content}`, 'utf16le').swap16()),
  (content) => base64(Buffer.from(content, 'utf16le')),
  (content) => base64(Buffer.from(content, 'latin1')),
  (content) => JSON.stringify(content),
  (content) => base64(JSON.stringify(content)),
  (content) => base64(base64(base64(base64(content)))),
  (content) => base64(content).slice(0, -3),
);

const bytes = fc.uint8Array({ maxLength: 60 });

/** The text of any queue message: right, wrong, in every encoding, and bytes that are none. */
export const anyQueueText = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(text, wrapping).map(([content, wrap]) => wrap(content)) },
  bytes.map((some) => base64(Buffer.from(some))),
  bytes.map((some) => Buffer.from(some).toString('latin1')),
  bytes.map((some) => Buffer.from(some).toString('utf8')),
);
