import { failed, type Result, success } from '../../../runtime/result.ts';
import { cutText } from '../../model/stored-text.ts';
import { editsBetween } from '../../model/unknown-name.ts';
import { notReadName } from '../message/sent-properties.ts';
import { reportColumns } from './report-columns.ts';

/** The columns of a CSV file that are read, each with the other names that it may have. */
const columnNames = {
  user: ['sip', 'sip address', 'email', 'e-mail', 'mail', 'upn', 'userprincipalname'],
  ring: [],
  target: ['number', 'phone', 'phone number', 'mobile', 'telephone', 'destination'],
  ringDelaySeconds: ['delay', 'ring delay'],
  activePeriod: ['period'],
  from: ['start'],
  until: ['to', 'end'],
  ref: ['id', 'key', 'employee id'],
} as const;

/** A property of an entry that a column holds. */
export type CsvProperty = keyof typeof columnNames;

/** The properties of an entry, in the order in which reports have their columns. */
export const csvProperties = Object.keys(columnNames).filter((name): name is CsvProperty =>
  Object.hasOwn(columnNames, name),
);

/** Case, blanks, hyphens and underscores are form: `Phone_Number` is `phone number`. */
function formless(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/[\s\p{Cf}_-]+/gu, '')
    .toLowerCase();
}

const propertyByName = new Map(
  csvProperties.flatMap((property) =>
    [property, ...columnNames[property]].map((name) => [formless(name), property] as const),
  ),
);

const ownNames = new Set(reportColumns.map(formless));

/** Returns the property that a column's name stands for, or undefined. */
export function propertyNamed(name: string): CsvProperty | undefined {
  return propertyByName.get(formless(name));
}

/** True for a row that names the user: a header, though it may stand below a title. */
export function isHeader(cells: readonly string[]): boolean {
  return cells.slice(0, maxColumns).some((cell) => propertyNamed(cell) === 'user');
}

/** What the header of a file says. */
export interface CsvColumns {
  /** The property of each column; undefined for a column that is ignored. */
  readonly properties: readonly (CsvProperty | undefined)[];
  /** The column of a report that holds what could not be read. */
  readonly notRead: number | undefined;
  /** The names of columns as the file has them, by property. */
  readonly names: ReadonlyMap<CsvProperty, string>;
  /** The names of the columns that are neither read nor those of our own reports. */
  readonly ignored: readonly string[];
}

const known = `Allowed: ${csvProperties.join(', ')}.`;

/** The most columns that a file may have; a spreadsheet has 16,384, which nobody fills. */
export const maxColumns = 1_000;

/** The most names of ignored columns that are listed. */
const maxIgnoredListed = 100;

/**
 * Reads a header. Fails with one sentence for each thing that is wrong with it: no column for the user or for what is to
 * ring, two columns of one meaning, or a name so near to a known one that it may be a misspelling, which must not be ignored.
 */
export function readColumns(header: readonly string[]): Result<CsvColumns, string> {
  if (header.length > maxColumns) {
    return failed(`The header has more than ${maxColumns} columns: delete those that are not needed.`);
  }
  const properties = header.map(propertyNamed);
  if (!properties.some((property) => property !== undefined)) return failed(noHeader(header));
  const others = header.filter((name, index) => properties[index] === undefined && isForeign(name));
  const problems = [
    ...missingProblems(header, properties),
    ...twiceProblems(header, properties),
    ...nearProblems(others, properties),
  ];
  if (problems.length > 0) return failed(problems.join(' '));
  const names = new Map(header.flatMap((name, index) => pairs(properties[index], name.trim())));
  const ignored = others.slice(0, maxIgnoredListed).map((name) => cutText(name.trim(), 64));
  const notRead = header.findIndex((name) => formless(name) === formless(notReadName));
  return success({ properties, notRead: notRead === -1 ? undefined : notRead, names, ignored });
}

function pairs(property: CsvProperty | undefined, name: string): readonly (readonly [CsvProperty, string])[] {
  return property === undefined ? [] : [[property, name]];
}

/** True for a column that is not one of our reports, and has a name. */
function isForeign(name: string): boolean {
  const written = formless(name);
  return written !== '' && !ownNames.has(written);
}

function noHeader(header: readonly string[]): string {
  const looksLikeData = header.some((cell) => cell.includes('@'));
  const what = looksLikeData
    ? 'The first row holds data where the names of the columns should stand'
    : 'The first row names no known column';
  return `${what}: begin the file with a header row such as "user,target". ${known}`;
}

/** Without a target and without a ring, every row would be wrong. */
function missingProblems(
  header: readonly string[],
  properties: readonly (CsvProperty | undefined)[],
): readonly string[] {
  const problems = [
    ...(properties.includes('user')
      ? []
      : [
          'The file has no column for the user: name one "user" or "email", with the SIP address of each user.',
        ]),
    ...(properties.includes('target') || properties.includes('ring')
      ? []
      : [
          'The file has no column for what is to ring: name one "target" or "phone", with a number or SIP address, or "ring", with "team", "delegates" or "off".',
        ]),
  ];
  return problems.length === 0 ? [] : [...problems, `It has ${namesOf(header)}.`];
}

/** The most names that a refusal repeats. */
const maxNamed = 10;

function namesOf(header: readonly string[]): string {
  const names = header.filter((name) => name.trim() !== '').map(quoted);
  const more = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '';
  return `${names.length === 1 ? 'the column' : 'the columns'} ${names.slice(0, maxNamed).join(', ')}${more}`;
}

function twiceProblems(
  header: readonly string[],
  properties: readonly (CsvProperty | undefined)[],
): readonly string[] {
  return csvProperties.flatMap((property) => {
    const names = header.filter((_, index) => properties[index] === property).map(quoted);
    if (names.length < 2) return [];
    return [
      `The columns ${names.join(' and ')} all mean ${property}: keep one of them, and delete or rename the others.`,
    ];
  });
}

/** A name near to one whose column is there already means something else. */
function nearProblems(
  names: readonly string[],
  properties: readonly (CsvProperty | undefined)[],
): readonly string[] {
  return names.flatMap((name) => {
    const near = nearestColumn(formless(name));
    if (near === undefined || properties.includes(propertyByName.get(near))) return [];
    return [
      `The column ${quoted(name)} may be a misspelling of "${near}": correct it, or rename it if it means something else.`,
    ];
  });
}

/** The most letters that a name may differ by from one of this length and still be taken for a misspelling of it. */
function editsAllowed(length: number): number {
  return Math.min(2, Math.floor(length / 3));
}

/** Names are compared only where their lengths are close: a file may have a name of thousands of characters. */
function nearestColumn(written: string): string | undefined {
  const [nearest] = [...propertyByName.keys()]
    .filter((name) => Math.abs(name.length - written.length) <= 2)
    .map((name) => ({ name, edits: editsBetween(written, name) }))
    .filter(({ name, edits }) => edits <= editsAllowed(name.length))
    .sort((a, b) => a.edits - b.edits);
  return nearest?.name;
}

function quoted(name: string): string {
  return `"${cutText(name.trim(), 64)}"`;
}
