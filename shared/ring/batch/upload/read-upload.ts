import * as z from 'zod';
import { isJsonObject } from '../../../runtime/json.ts';
import { failed, success } from '../../../runtime/result.ts';
import { mapNames, type NamedProperties, namesOf, parseProperties } from '../../model/property-names.ts';
import { cutText } from '../../model/stored-text.ts';
import { timeSchema } from '../../model/time.ts';
import { issueAt, type Validated, type ValidationIssue } from '../../model/validation.ts';
import { readCsv } from '../csv/read.ts';
import { ownEntryProperties } from '../entry.ts';
import { batchNameSchema, bulkSchema, ownMessageProperties, sourceMaxLength } from '../message.ts';
import { bytesOf } from '../split.ts';
import type { UploadedRow } from './judge.ts';

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

const jsonNames = namesOf(uploadSchema);

/** What a bulk message has that an upload must not: we number the parts and entries of an upload. */
const refusedProperties = ['part', 'parts', ...ownMessageProperties, ...ownEntryProperties];

/** Reads an upload in JSON: a bulk message, whatever its size. */
export function readJsonUpload(content: unknown): Validated<UploadContent> {
  const named = withEntryList(mapNames(content, jsonNames));
  const refused = refusedIssues(named.value, refusedProperties);
  if (refused.length > 0) return failed(refused);
  const read = parseProperties(uploadSchema, named, jsonNames);
  if (!read.ok) return read;
  const { batch, dryRun, source, requestedAt, entries } = read.value;
  return success({
    batch,
    dryRun,
    source,
    requestedAtMs: requestedAt === undefined ? undefined : Date.parse(requestedAt),
    rows: entries.map((entry) => ({ entry: senderEntry(entry) })),
    columnOf: (property) => property,
  });
}

/** Reads an upload that is a CSV file. */
export function readCsvUpload(bytes: Uint8Array): Validated<UploadContent> {
  const read = readCsv(bytes);
  if (!read.ok) return failed([issueAt('', read.error)]);
  const { rows, columns } = read.value;
  const names = new Map<string, string>(columns.names);
  return success({
    rows: rows.map(({ line, entry }) => ({ line, entry: boundedEntry(entry) })),
    columnOf: (property) => names.get(property) ?? property,
    ignoredColumns: columns.ignored,
  });
}

/** One entry as an object is a list of it. */
function withEntryList(named: NamedProperties): NamedProperties {
  const { value } = named;
  if (!isJsonObject(value) || !isJsonObject(value['entries'])) return named;
  return { ...named, value: { ...value, entries: [value['entries']] } };
}

function refusedIssues(value: unknown, names: readonly string[]): readonly ValidationIssue[] {
  if (!isJsonObject(value)) return [];
  const given = names.filter((name) => Object.hasOwn(value, name));
  return given.map((name) =>
    issueAt(`/${name}`, `\`${name}\` is not for senders: leave it out. Entries are numbered and split here.`),
  );
}

/** More than a valid entry can have. */
const entryLimitBytes = 4 * 1024;

/** Returns an entry for a message. One that says what only we say carries the reason instead. */
function senderEntry(entry: unknown): UploadedRow['entry'] {
  if (!isJsonObject(entry)) return { unreadable: 'An entry must be a JSON object.' };
  const [issue] = refusedIssues(entry, ownEntryProperties);
  return issue === undefined ? boundedEntry(entry) : withReason(entry, issue.detail);
}

/** Returns an entry that a message can carry: one that is too large carries the reason instead. */
function boundedEntry(entry: UploadedRow['entry']): UploadedRow['entry'] {
  if (bytesOf(entry) <= entryLimitBytes) return entry;
  return withReason(entry, `This entry has more than ${entryLimitBytes / 1024} KiB: shorten it.`);
}

function withReason({ user, ref }: UploadedRow['entry'], unreadable: string): UploadedRow['entry'] {
  return { ...textOf('user', user), ...textOf('ref', ref), unreadable };
}

function textOf(name: string, value: unknown): UploadedRow['entry'] {
  return typeof value === 'string' ? { [name]: cutText(value) } : {};
}
