import fc from 'fast-check';
import { refusedUsers, takenUsers } from '../ring/words/users.ts';

/** Words that are taken though a schema forbids them, each with the word that it stands for. */
type Tolerated = readonly (readonly [written: string, meant: string])[];

/** How times may be written, and how a schema wants them. */
export const toleratedTimes: Tolerated = [
  ['2026-11-23T09:00Z', '2026-11-23T09:00:00Z'],
  ['2026-11-23 09:00:00Z', '2026-11-23T09:00:00Z'],
  ['2026-11-23t09:00:00z', '2026-11-23T09:00:00Z'],
  ['2026-11-23T09:00:00+01', '2026-11-23T09:00:00+01:00'],
  ['2026-11-23T09:00:00+0100', '2026-11-23T09:00:00+01:00'],
  ['2026-11-23T09:00:00,25Z', '2026-11-23T09:00:00.25Z'],
  [' 2026-11-23T09:00:00Z\n', '2026-11-23T09:00:00Z'],
  ['0001-01-01T00:00:00Z', '1000-01-01T00:00:00Z'],
  ['9999-12-31T23:59:59.9999999Z', '8999-12-31T23:59:59.9999999Z'],
];

/** How a ring may be written. */
export const toleratedRings: Tolerated = [
  ['Team', 'team'],
  ['DELEGATES', 'delegates'],
  ['Contact', 'contact'],
  ['Off', 'off'],
];

/** How a user may be written. */
export const toleratedUsers: Tolerated = takenUsers;

const written = (tolerated: Tolerated) => tolerated.map(([text]) => text);

const user = mostly(
  ['alice@contoso.com', 'SIP:Bob@Contoso.com', "o'neil@contoso.com", "sip:'x@contoso.com"],
  written(toleratedUsers),
  // Whether a domain is served depends on the settings.
  [...written(refusedUsers).filter((text) => !/@(?:fabrikam|xn--)/.test(text)), null, 7, {}],
);
const ring = mostly(
  ['contact', 'contact', 'delegates', 'team', 'off'],
  [...written(toleratedRings), null],
  ['', 'none', ' team', 'te\u00e4m', 7, true, ['team']],
);
// Every text but an empty or overlong one has the form of a target: what it means is judged by the dial rules.
const target = mostly(
  ['+14255550123', 'tel:+442079460018', '(+44) 20 7946 0018;', 'sip:carol@contoso.com', 'carol@contoso.com'],
  [null],
  ['', 'x'.repeat(301), 14255550123, {}, []],
);
const ringDelaySeconds = mostly([0, 10, 55, 1e1], [null], [-1, 56, 0.5, '10', true, 1e300]);
const flag = mostly([true, false], [null], ['true', 0, 1, '', {}]);
const ref = mostly(
  ['', 'E1042', '\u{1f600}'.repeat(200), '\ud800'],
  [7, -3, 2 ** 53 - 1, null],
  ['x'.repeat(201), 2 ** 53, 0.5, true, {}],
);
const source = mostly(['', 'workday', '\u{1f600}'.repeat(100)], [null], ['x'.repeat(101), 7, {}]);
const requestedAt = mostly(
  ['2026-11-23T09:00:00Z', '2024-02-29T23:59:59.123+23:59', '8999-12-31T00:00:00-23:59'],
  [...written(toleratedTimes), null],
  [
    '',
    '2026-11-23',
    '2026-11-23T09:00:00',
    '2026-02-30T09:00:00Z',
    '2100-02-29T09:00:00Z',
    '2026-13-01T09:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23T09:00:60Z',
    '2026-11-23T09:60:00Z',
    '2026-11-23T09:00:00+24:00',
    '2026-11-23T09:00:00+01:60',
    '2026-11-23T09:00:00+01:00[Europe/Berlin]',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '1763888400',
    1763888400,
    {},
  ],
);
/** Times that a request of {@link judgedAtMs} may have; the first in each pair is written in another way. */
export const toleratedBegins: Tolerated = [
  ['2026-12-01 08:00+01', '2026-12-01T08:00:00+01:00'],
  ['2026-12-01T08:00:00,5Z', '2026-12-01T08:00:00.5Z'],
];
export const toleratedEnds: Tolerated = [['2027-01-31 18:00Z', '2027-01-31T18:00:00Z']];
export const toleratedPeriods: Tolerated = [
  ['Always', 'always'],
  ['WORKHOURS', 'workhours'],
];

/** The time by which requests with a beginning or an end are judged. */
export const judgedAtMs = Date.parse('2026-11-23T09:00:00Z');

const wrongTimes = ['', '2026-12-01', '2026-12-01T08:00:00', 1763888400, {}];
const from = mostly(['2026-12-01T08:00:00+01:00'], [...written(toleratedBegins), null], wrongTimes);
const until = mostly(['2027-01-31T18:00:00Z'], [...written(toleratedEnds), null], wrongTimes);
const activePeriod = mostly(
  ['always', 'workhours'],
  [...written(toleratedPeriods), null],
  ['', 'never', 7, {}],
);
const times = { activePeriod, from, until };
const schema = mostly(['simring/bulk/1'], [], ['simring/bulk/2', '', null, 1]);
const batch = mostly(
  ['hr-2026-11-23', 'A', 'x'.repeat(60)],
  [],
  ['', '.x', 'a b', 'x'.repeat(65), '\u00e4', 7, null],
);
const uploadBatch = mostly(['hr', 'x'.repeat(60)], [null], ['', 'x'.repeat(61), 'a/b', 7]);
const part = mostly([0, 1, 99_999], [null], [-1, 100_000, 0.5, '0']);
const parts = mostly([100_000, 2], [null], [0, 100_001, 1.5, '2']);

const entry = anyObject({ user }, { ring, target, ringDelaySeconds, ...times, ref }, ['attempts']);
const anyEntryOrNone = fc.oneof(
  { weight: 30, arbitrary: entry },
  { weight: 1, arbitrary: fc.constantFrom(null, 'alice@contoso.com', 7, [], [{}]) },
);
const rightEntry = fc.constantFrom<unknown>(
  { user: 'alice@contoso.com', target: '+14255550123', ref: 'E1042' },
  { user: 'bob@contoso.com', ring: 'team', ringDelaySeconds: 10 },
  { user: 'carol@contoso.com', ring: 'off' },
);
const mostlyRightEntry = fc.oneof(
  { weight: 3, arbitrary: rightEntry },
  { weight: 1, arbitrary: anyEntryOrNone },
);
const entries = fc.oneof(
  { weight: 12, arbitrary: fc.array(mostlyRightEntry, { minLength: 1, maxLength: 2 }) },
  { weight: 4, arbitrary: mostlyRightEntry },
  { weight: 1, arbitrary: fc.constantFrom<unknown>([], null, 'none', 7) },
);

/** Any body of a PUT, right, wrong, or written in another way. */
export const anyRingRequest = anyObject({}, { ring, target, ringDelaySeconds, ...times, dryRun: flag }, []);

/** Any entry of a batch. */
export const anyBulkEntry = anyEntryOrNone;

/** Any bulk message. */
export const anyBulkMessage = anyObject(
  { schema, batch, entries },
  { part, parts, source, requestedAt, dryRun: flag },
  ['hop', 'deferrals'],
);

/** Any upload in JSON. */
export const anyUpload = anyObject(
  { entries },
  { schema, batch: uploadBatch, source, requestedAt, dryRun: flag },
  [],
);

/** Right values, often; now and then one that is written in another way, or a wrong one. */
function mostly(
  right: readonly unknown[],
  tolerated: readonly unknown[],
  wrong: readonly unknown[],
): fc.Arbitrary<unknown> {
  const some = (values: readonly unknown[], weight: number) =>
    values.length === 0 ? [] : [{ weight, arbitrary: fc.constantFrom(...values) }];
  return fc.oneof(...some(right, 24), ...some(tolerated, 4), ...some(wrong, 1));
}

/** An object with these properties, most names as they are, now and then one in another case, twice or unknown. */
function anyObject(
  required: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  optional: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  own: readonly string[],
): fc.Arbitrary<unknown> {
  const properties = [
    ...Object.entries(required).map(([name, value]) => anyProperty(name, value, 100)),
    ...Object.entries(optional).map(([name, value]) => anyProperty(name, value, 1)),
    ...own.map((name) => anyOwnProperty(name)),
    fc.oneof(
      { weight: 40, arbitrary: fc.constant([]) },
      { weight: 3, arbitrary: fc.constant([['$type', 'x']]) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('__proto__', 'toString', 'x', 'Hop', 'id').map((name) => [[name, 1]]),
      },
    ),
  ];
  return fc
    .tuple(fc.shuffledSubarray(properties, { minLength: properties.length }), fc.nat())
    .chain(([shuffled]) => fc.tuple(...shuffled))
    .map((parts) => Object.fromEntries(parts.flat().map(([name, value]) => [String(name), value])));
}

/** `presence` is how much more often the property is there, as it should be written, than not. */
function anyProperty(
  name: string,
  value: fc.Arbitrary<unknown>,
  presence: number,
): fc.Arbitrary<readonly (readonly unknown[])[]> {
  const otherCase = fc.constantFrom(name.toUpperCase(), name.charAt(0).toUpperCase() + name.slice(1));
  return fc.oneof(
    { weight: 20, arbitrary: fc.constant([]) },
    { weight: 20 * presence, arbitrary: value.map((some) => [[name, some]]) },
    { weight: 1 + presence, arbitrary: fc.tuple(otherCase, value).map((property) => [property]) },
    {
      weight: 1,
      arbitrary: fc.tuple(otherCase, value, value).map(([other, some, more]) => [
        [name, some],
        [other, more],
      ]),
    },
  );
}

function anyOwnProperty(name: string): fc.Arbitrary<readonly (readonly unknown[])[]> {
  const value = fc.constantFrom<unknown>(0, 1, null, -1, '0');
  return fc.oneof(
    { weight: 30, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: value.map((some) => [[name, some]]) },
  );
}
