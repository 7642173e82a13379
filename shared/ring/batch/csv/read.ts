import { CsvError, parse } from 'csv-parse/sync';
import { failed, type Result, success } from '../../../runtime/result.ts';
import { notReadName } from '../message/sent-properties.ts';
import { fromCell } from './cell.ts';
import { type CsvColumns, isHeader, maxColumns, propertyNamed, readColumns } from './columns.ts';
import { decodeCsv } from './decode.ts';

/** One row of a CSV file as an entry of a batch. */
export interface CsvRow {
  /** The line of the file in which the row begins; the first is 1. */
  readonly line: number;
  /** Properties of an entry. A row that cannot be read has `unreadable`, a sentence that says why. */
  readonly entry: Readonly<Record<string, unknown>>;
}

/** What a CSV file asks for. */
export interface CsvFile {
  readonly rows: readonly CsvRow[];
  readonly columns: CsvColumns;
}

interface RawRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads a CSV file as spreadsheets write it; see {@link decodeCsv} for its encodings. `sep=` in the first line chooses the
 * delimiter, else the one of `;`, `,` and tab does that gives the most known columns. Empty rows are skipped, empty cells
 * left out. Reads at most `maxRows` rows below the header. Fails with a sentence where the file cannot be read as a whole.
 */
export function readCsv(bytes: Uint8Array, maxRows = Number.POSITIVE_INFINITY): Result<CsvFile, string> {
  const text = decodeCsv(bytes);
  if (!text.ok) return text;
  const { body, chosen, firstLine } = readSeparatorLine(text.value);
  if (body.trim() === '') return failed(noRows);
  const wide = findWideLine(body);
  if (wide !== undefined) return failed(tooWide(firstLine + wide));
  try {
    return readBody(body, { delimiter: chosen ?? findDelimiter(body), firstLine, maxRows });
  } catch (error) {
    if (error instanceof TooManyEmptyRows) return failed(tooEmpty);
    if (!(error instanceof CsvError)) throw error;
    return failed(describeError(error));
  }
}

interface BodyOptions {
  readonly delimiter: string;
  readonly firstLine: number;
  readonly maxRows: number;
}

/** Each row becomes an entry at once: the cells of a hundred thousand would take as much memory again. */
function readBody(body: string, { delimiter, firstLine, maxRows }: BodyOptions): Result<CsvFile, string> {
  const read: { columns?: Result<CsvColumns, string>; readonly rows: CsvRow[] } = { rows: [] };
  visitRows(body, { delimiter, firstLine }, (row) => {
    if (read.columns === undefined) read.columns = readColumns(row.cells);
    else if (read.columns.ok) read.rows.push(readRow(row, read.columns.value, delimiter));
    return read.columns.ok && read.rows.length < maxRows;
  });
  const { columns = failed(noRows), rows } = read;
  if (!columns.ok) return failed(columns.error + hintAtHeader(body, firstLine));
  return rows.length === 0 ? failed(onlyHeader) : success({ rows, columns: columns.value });
}

/** The most rows that may be titles above a header. */
const maxTitleRows = 20;

/** Says where the header stands, if that is below titles. */
function hintAtHeader(body: string, firstLine: number): string {
  const found = delimiters
    .map((delimiter) => headerLine(body, { delimiter, firstLine }))
    .find((line) => line !== undefined);
  return found === undefined ? '' : ` The header seems to stand in line ${found}: delete what is above it.`;
}

/** Returns the line of the first row below the first that may be a header; undefined also where the rows cannot be read. */
function headerLine(body: string, options: Pick<BodyOptions, 'delimiter' | 'firstLine'>): number | undefined {
  let seen = 0;
  let found: number | undefined;
  try {
    visitRows(body, options, ({ line, cells }) => {
      if (seen > 0 && isHeader(cells)) found = line;
      seen += 1;
      return found === undefined && seen <= maxTitleRows;
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  return found;
}

const noRows =
  'The file is empty: begin it with a header row such as "user,target", and add one row for each user.';

const onlyHeader = 'The file has a header and no rows below it: add one row for each user.';

/** Excel takes the delimiter from a first line such as `sep=;`. */
function readSeparatorLine(text: string): { body: string; chosen: string | undefined; firstLine: number } {
  const found = /^"?sep=(.)"?[ \t]*(?:\r\n|\r|\n|$)/i.exec(text);
  if (found === null) return { body: text, chosen: undefined, firstLine: 1 };
  return { body: text.slice(found[0].length), chosen: found[1], firstLine: 2 };
}

const delimiters = [';', ',', '\t'] as const;

/** Only the beginning is looked at: the library copies all that it is given. */
function findDelimiter(body: string): string {
  const from = Math.max(0, body.search(/\S/));
  const start = body.slice(from, from + maxRowBytes);
  const counted = delimiters.map((delimiter) => ({ delimiter, known: knownColumns(start, delimiter) }));
  const most = Math.max(...counted.map(({ known }) => known));
  return counted.find(({ known }) => known === most)?.delimiter ?? ',';
}

/** A quotation mark that is text with one delimiter opens a cell with another: that one is not the delimiter. */
function knownColumns(body: string, delimiter: string): number {
  let known = 0;
  try {
    visitRows(body, { delimiter, firstLine: 1 }, ({ cells }) => {
      known = cells.slice(0, maxColumns).filter((name) => propertyNamed(name) !== undefined).length;
      return false;
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  return known;
}

/** The most cells of one row: those of an empty one take a hundred times the memory of its file. */
const maxCells = 100_000;

const tooWide = (line: number) =>
  `The row in line ${line} has more than ${maxCells} cells: delete the columns that are empty, or check the delimiter.`;

/** Returns the number, from 0, of the first line with too many delimiters of any kind. */
function findWideLine(body: string): number | undefined {
  let line = 0;
  let count = 0;
  for (let at = 0; at < body.length; at += 1) {
    const code = body.charCodeAt(at);
    if (code === lineFeed || (code === carriageReturn && body.charCodeAt(at + 1) !== lineFeed)) {
      line += 1;
      count = 0;
    } else if (delimiterCodes.has(code)) {
      count += 1;
      if (count >= maxCells) return line;
    }
  }
  return undefined;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const delimiterCodes: ReadonlySet<number> = new Set(delimiters.map((delimiter) => delimiter.charCodeAt(0)));

/** The most rows of blanks alone that are skipped. */
const maxEmptyRows = 1_000_000;

const tooEmpty = `The file has more than ${maxEmptyRows} rows of blanks alone: delete them.`;

/** The most bytes of one row: only a quotation mark that is never closed makes a longer one. */
const maxRowBytes = 1024 * 1024;

/**
 * Calls `visit` for each row that is not empty, until it returns false. Throws CsvError where a quotation mark is never
 * closed.
 */
function visitRows(
  body: string,
  { delimiter, firstLine }: Pick<BodyOptions, 'delimiter' | 'firstLine'>,
  visit: (row: RawRow) => boolean,
): void {
  let linesBefore = 0;
  let emptyBefore = 0;
  let emptyRows = 0;
  let doubled = 0;
  const onRecord = (cells: readonly string[], { lines, empty_lines: empty }: Counted) => {
    const line = firstLine + linesBefore + empty - emptyBefore;
    doubled += cells.reduce((sum, cell) => sum + doubledBreaks(cell), 0);
    linesBefore = lines - doubled;
    emptyBefore = empty;
    if (!cells.every((cell) => cell.trim() === '')) {
      if (!visit({ line, cells })) throw new EnoughRows();
    } else if (++emptyRows > maxEmptyRows) throw new TooManyEmptyRows();
    return null;
  };
  const { stackTraceLimit } = Error;
  try {
    // The library makes an error of each row whose length differs, and throws it away: its stack would cost most of the time.
    Error.stackTraceLimit = 0;
    parse(body, {
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      // A quotation mark inside a cell is part of it. One that swallows the next rows is found in `readRow`.
      relax_quotes: true,
      max_record_size: maxRowBytes,
      on_record: onRecord,
    });
  } catch (error) {
    if (!(error instanceof EnoughRows)) throw error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The library counts a CR LF in a cell as two lines. */
function doubledBreaks(cell: string): number {
  return cell.includes('\r\n') ? cell.split('\r\n').length - 1 : 0;
}

/** What the library has counted when a row ends. */
interface Counted {
  readonly lines: number;
  readonly empty_lines: number;
}

/** Ends the reading of a file of nothing but blanks. */
class TooManyEmptyRows extends Error {}

/** Ends the reading of a file: a file of 32 MiB may have millions of rows. */
class EnoughRows extends Error {}

function readRow({ line, cells }: RawRow, columns: CsvColumns, delimiter: string): CsvRow {
  const { properties, notRead } = columns;
  const left = notRead === undefined ? '' : fromCell(cells[notRead] ?? '').trim();
  const unreadable = left === '' ? rowProblem(cells, properties, delimiter) : stillNotRead;
  const more = cells.slice(properties.length).join(delimiter);
  const aside = left === '' ? more : left;
  const entry = Object.fromEntries(
    cells.flatMap((cell, index) => {
      const property = properties[index];
      return property === undefined || cell.trim() === ''
        ? []
        : [[property, propertyValue(property, fromCell(cell))]];
    }),
  );
  if (unreadable === undefined) return { line, entry };
  return { line, entry: { ...entry, ...(aside === '' ? {} : { [notReadName]: aside }), unreadable } };
}

const stillNotRead = `The cell "${notReadName}" holds what could not be read when this row was sent: put it right in the other columns, then empty that cell.`;

/** A whole number is the only value of an entry that is not a text. */
function propertyValue(property: string, text: string): unknown {
  return property === 'ringDelaySeconds' && /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : text;
}

/**
 * Returns why a row cannot be trusted. A quotation mark that is opened in one row and closed in another makes one row of
 * both: that row has too many cells, or a cell that holds a line break and as many delimiters as a row.
 */
function rowProblem(
  cells: readonly string[],
  properties: CsvColumns['properties'],
  delimiter: string,
): string | undefined {
  const columns = properties.length;
  const isSwallowing = (cell: string) => /[\r\n]/.test(cell) && cell.split(delimiter).length >= columns;
  if (columns > 1 && cells.some(isSwallowing)) {
    return 'A cell of this row holds a line break and what looks like another row: a quotation mark is opened and not closed. Correct it; the lines that it takes in were not read either.';
  }
  if (cells.length <= columns) return undefined;
  return `This row has ${cells.length} cells and the header ${columns}: put a cell that contains the delimiter in quotation marks, or delete what is too much.`;
}

function describeError({ code, ...context }: CsvError): string {
  const lines = context['lines'];
  const where = typeof lines === 'number' ? ` near line ${lines}` : '';
  if (code === 'CSV_QUOTE_NOT_CLOSED') {
    return 'The file ends within quotation marks: one is opened and never closed, so the rows after it cannot be told apart. Look for a cell with a single quotation mark, and double it or remove it.';
  }
  if (code === 'CSV_MAX_RECORD_SIZE') {
    return `A row${where} has more than 1 MiB: a quotation mark is opened and closed too late, or never. Look for a cell with a single quotation mark, and double it or remove it.`;
  }
  return `The file is not valid CSV${where} (${code}). In Excel, save it as "CSV UTF-8 (Comma delimited)" and send that file.`;
}
