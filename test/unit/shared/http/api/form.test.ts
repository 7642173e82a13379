import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUploadBody } from '../../../../../shared/http/upload-request.ts';
import { ownEntryProperties } from '../../../../../shared/ring/batch/message/entry.ts';
import {
  ownMessageProperties,
  parseQueuedMessage,
} from '../../../../../shared/ring/batch/message/message.ts';
import { issuesOfEntry } from '../../../../../shared/ring/batch/plan.ts';
import { encodeAddress } from '../../../../../shared/ring/model/address-key.ts';
import {
  parsePutBody,
  parseUser,
  type RequestRules,
} from '../../../../../shared/ring/model/parse-request.ts';
import { plainText } from '../../../../../shared/ring/model/text-form.ts';
import { parseTime } from '../../../../../shared/ring/model/time.ts';
import { domainOf, parseSipUri } from '../../../../../shared/ucwa/uri.ts';
import {
  anyBulkEntry,
  anyBulkMessage,
  anyRingRequest,
  anyUpload,
  judgedAtMs,
} from '../../../../support/api/any-request.ts';
import { components, judge, schemaPointer } from '../../../../support/api/described.ts';
import { meantForm, type Names } from '../../../../support/api/meant-form.ts';
import { sip } from '../../../../support/ring/addresses.ts';
import { refusedUsers, takenUsers } from '../../../../support/ring/words/users.ts';

const rules: RequestRules = {
  users: { sipDomains: ['contoso.com'] },
  targets: { defaultCountry: undefined, countries: undefined, sipDomains: undefined },
};

function namesOf(schema: string, own: readonly string[]): Names {
  const { properties, required } = Object(components.schemas[schema]);
  return { listed: Object.keys(properties), required, own };
}

const putNames = namesOf('RingRequest', []);
const entryNames = namesOf('BulkEntry', ownEntryProperties);
const messageNames = namesOf('BulkMessage', ownMessageProperties);
const uploadNames = namesOf('Upload', []);

/** Returns a batch of entries as its schema wants it written; undefined where a name is given twice. */
function meantBatch(value: unknown, names: Names, entryOwn: readonly string[]): unknown {
  const meant: unknown = meantForm(value, names);
  const entries: unknown = Object(meant).entries;
  if (typeof entries !== 'object' || entries === null) return meant;
  const listed = Array.isArray(entries) ? entries : [entries];
  const each = listed.map((entry) => meantForm(entry, { ...entryNames, own: entryOwn }));
  return each.includes(undefined) ? undefined : { ...Object(meant), entries: each };
}

/** What an upload must not say may be `null` in it, and in its entries. */
const refusedInUploads = ['part', 'parts', ...ownMessageProperties, ...ownEntryProperties];

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([name, content]) => content !== null || !refusedInUploads.includes(name),
  );
  return Object.fromEntries(
    kept.map(([name, content]) => [name, name.toLowerCase() === 'entries' ? withoutNulls(content) : content]),
  );
}

/** A schema cannot compare two numbers. What we requeue is read whatever its part. */
function isPartOfBatch(message: unknown): boolean {
  const named = Object.entries(Object(message)).map(([name, value]) => [name.toLowerCase(), value]);
  const { part, parts, hop } = Object.fromEntries(named);
  return typeof parts !== 'number' || (part ?? 0) < parts || hop > 0;
}

/** One kind of request: how it is read, and how its schema wants it written. */
interface Kind {
  readonly schema: string;
  readonly any: fc.Arbitrary<unknown>;
  readonly isTaken: (value: unknown) => boolean;
  readonly meant: (value: unknown) => unknown;
}

const kinds: readonly Kind[] = [
  {
    schema: 'RingRequest',
    any: anyRingRequest,
    isTaken: (value) => parsePutBody(value, sip('alice@contoso.com'), rules.targets, judgedAtMs).ok,
    meant: (value) => meantForm(value, putNames),
  },
  {
    schema: 'BulkEntry',
    any: anyBulkEntry,
    isTaken: (value) => issuesOfEntry(value, rules, judgedAtMs).length === 0,
    meant: (value) => meantForm(value, entryNames),
  },
  {
    schema: 'BulkMessage',
    any: anyBulkMessage.filter(isPartOfBatch),
    isTaken: (value) => {
      const message = parseQueuedMessage(JSON.stringify(value));
      return (
        message.ok &&
        message.value.entries.every((entry) => issuesOfEntry(entry, rules, judgedAtMs).length === 0)
      );
    },
    meant: (value) => meantBatch(value, messageNames, ownEntryProperties),
  },
  {
    schema: 'Upload',
    any: anyUpload,
    isTaken: (value) => {
      const upload = parseUploadBody('application/json', Buffer.from(JSON.stringify(value)));
      return (
        upload.ok &&
        upload.value.rows.every(({ entry }) => issuesOfEntry(entry, rules, judgedAtMs).length === 0)
      );
    },
    meant: (value) => meantBatch(withoutNulls(value), uploadNames, []),
  },
];

describe.each(kinds)('the schema $schema', ({ schema, any, isTaken, meant }) => {
  const isAllowed = (value: unknown) =>
    value !== undefined && judge(schemaPointer(schema), value).length === 0;

  it('allows nothing that is refused for its form', () => {
    fc.assert(
      fc.property(any, (value) => {
        if (isAllowed(value)) expect(isTaken(value), JSON.stringify(value)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('forbids what is refused, and else only what is tolerated in place of what it allows', () => {
    const seen = { allowed: 0, tolerated: 0, refused: 0 };
    fc.assert(
      fc.property(any, (value) => {
        const taken = isTaken(value);
        expect(taken, JSON.stringify(value)).toBe(isAllowed(meant(value)));
        seen[!taken ? 'refused' : isAllowed(value) ? 'allowed' : 'tolerated'] += 1;
      }),
      { numRuns: 5_000 },
    );
    for (const [verdict, times] of Object.entries(seen)) expect(times, verdict).toBeGreaterThan(50);
  });
});

/** Returns the pattern of a property, as validators compile it. */
function patternOf(schema: string, property: string): RegExp {
  return new RegExp(Object(components.schemas[schema]).properties[property].pattern, 'u');
}

describe('the pattern of an address', () => {
  const pattern = patternOf('BulkEntry', 'user');
  const isRead = (text: string) => {
    const address = parseSipUri(plainText(text));
    return address !== undefined && parseUser(text, { sipDomains: [domainOf(address)] }).ok;
  };

  it('allows only addresses that are taken where their domain is served', () => {
    fc.assert(
      fc.property(fc.stringMatching(pattern), (text) => {
        fc.pre(text.length <= 254 && encodeAddress(sip(text)).length <= 122);
        expect(isRead(text), text).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('allows every address that is taken, once the characters are removed that do not count', () => {
    const words = [...takenUsers, ...refusedUsers].map(([text]) => text);
    const mark = fc.constantFrom(
      '',
      ' ',
      "'",
      '\u200b',
      '.',
      '@',
      'sip:',
      '-',
      '\uff20',
      '\n',
      '\u212a',
      ';',
      '\\',
    );
    const anyText = fc
      .tuple(fc.constantFrom(...words), mark, fc.nat({ max: 20 }))
      .map(([word, some, at]) => word.slice(0, at) + some + word.slice(at));
    fc.assert(
      fc.property(anyText, (text) => {
        expect(isRead(text), text).toBe(pattern.test(plainText(text)));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('the pattern of a time', () => {
  it('allows only times that are taken, on days that exist', () => {
    fc.assert(
      fc.property(fc.stringMatching(patternOf('Upload', 'requestedAt')), (text) => {
        const isDescribed = judge('/components/schemas/Upload/properties/requestedAt', text).length === 0;
        expect(parseTime(text).ok, text).toBe(isDescribed);
      }),
      { numRuns: 5_000 },
    );
  });
});
