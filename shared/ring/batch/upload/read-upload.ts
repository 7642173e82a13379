import * as z from 'zod';
import { isJsonObject } from '../../../runtime/json.ts';
import { failed, success } from '../../../runtime/result.ts';
import { mapNames, type NamedProperties, namesOf, parseProperties } from '../../model/property-names.ts';
import { timeSchema } from '../../model/time.ts';
import { issueAt, type Validated, type ValidationIssue } from '../../model/validation.ts';
import { type CsvRow, readCsv } from '../csv/read.ts';
import { ownEntryProperties } from '../message/entry.ts';
import { batchNameSchema, sourceMaxLength } from '../message/envelope.ts';
import { bulkSchema, ownMessageProperties } from '../message/message.ts';
import type { UploadedRow } from './judge.ts';
import { boundedEntry, senderEntry } from './uploaded-entry.ts';

/** The most entries in one upload. */
export const maxUploadEntries = 100_000;

/** The longest name of an upload: that of its dry run has four characters more. */
const nameMaxLength = 60;

/** The name of a batch that is uploaded. */
export const uploadNameSchema = batchNameSchema.max(
  nameMaxLength,
  `The name of a batch that is uploaded has at most ${nameMaxLength} characters.`,
);

/** What an upload says, in the body of its request. */
export interface UploadContent {
  readonly batch?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly source?: string | undefined;
  readonly requestedAtMs?: number | undefined;
  /** One more than {@link maxUploadEntries} where there are more: the rest is not read. */
  readonly rows: readonly UploadedRow[];
  /** The name that the sender has for a property: that of a CSV file's column, else its own. */
  readonly columnOf: (property: string) => string;
  /** Columns of a CSV file that were ignored. */
  readonly ignoredColumns?: readonly string[];
}

/** The schema of an upload in JSON, where the names of its properties are mapped. */
export const uploadSchema = z.strictObject({
  schema: z.literal(bulkSchema).optional(),
  batch: uploadNameSchema.optional(),
  source: z.string().max(sourceMaxLength).optional(),
  requestedAt: timeSchema('requestedAt').optional(),
  dryRun: z.boolean().optional(),
  entries: z.array(z.unknown()).min(1, 'An upload needs at least one entry.'),
});

const jsonNames = namesOf(uploadSchema, {
  name: 'The body',
  form: ' such as {"entries": [{"user": "name@domain", "target": "+1 (425) 555-0123"}]}',
});

/** What a bulk message has that an upload must not: we number the parts and entries of an upload. */
const refusedProperties = ['part', 'parts', ...ownMessageProperties, ...ownEntryProperties];

/** Reads an upload in JSON: a bulk message, whatever its size. */
export function readJsonUpload(content: unknown): Validated<UploadContent> {
  const { refused, others } = withoutRefused(content);
  const named = withEntryList(mapNames(others, jsonNames));
  const read = parseProperties(uploadSchema, named, jsonNames);
  if (!read.ok || refused.length > 0) return failed([...refused, ...(read.ok ? [] : read.error)]);
  const { batch, dryRun, source, requestedAt, entries } = read.value;
  return success({
    batch,
    dryRun,
    source,
    requestedAtMs: requestedAt === undefined ? undefined : Date.parse(requestedAt),
    rows: entries.slice(0, maxUploadEntries + 1).map((entry) => ({ entry: senderEntry(entry) })),
    columnOf: (property) => property,
  });
}

/** Reads an upload that is a CSV file. */
export function readCsvUpload(bytes: Uint8Array): Validated<UploadContent> {
  const read = readCsv(bytes, maxUploadEntries + 1);
  if (!read.ok) return failed([issueAt('', read.error)]);
  const { rows, columns } = read.value;
  const names = new Map<string, string>(columns.names);
  return success({
    rows: rows.map(boundedRow),
    columnOf: (property) => names.get(property) ?? property,
    ignoredColumns: columns.ignored,
  });
}

/** The row itself where nothing is to be cut: there may be a hundred thousand. */
function boundedRow(row: CsvRow): UploadedRow {
  const entry = boundedEntry(row.entry);
  return entry === row.entry ? row : { line: row.line, entry };
}

/** One entry as an object is a list of it. */
function withEntryList(named: NamedProperties): NamedProperties {
  const { value } = named;
  if (!isJsonObject(value) || !isJsonObject(value['entries'])) return named;
  return { ...named, value: { ...value, entries: [value['entries']] } };
}

interface Sorted {
  readonly refused: readonly ValidationIssue[];
  readonly others: unknown;
}

/** Takes off what an upload must not say, with an issue for each; `null` is as if it were left out. */
function withoutRefused(content: unknown): Sorted {
  if (!isJsonObject(content)) return { refused: [], others: content };
  const given = refusedProperties.filter((name) => (content[name] ?? null) !== null);
  const refused = given.map((name) =>
    issueAt(
      `/${name}`,
      `\`${name}\` is not for senders: leave it out. An upload is split and numbered here.`,
    ),
  );
  const others = Object.entries(content).filter(([name]) => !refusedProperties.includes(name));
  return { refused, others: Object.fromEntries(others) };
}
