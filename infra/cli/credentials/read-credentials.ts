import { CsvError, parse } from 'csv-parse/sync';
import { readSecretValue } from '../../../shared/azure/secret-value.ts';
import { fromCell } from '../../../shared/ring/batch/csv/cell.ts';
import { propertyNamed } from '../../../shared/ring/batch/csv/columns.ts';
import { decodeCsv } from '../../../shared/ring/batch/csv/decode.ts';
import { failed, type Result, success } from '../../../shared/runtime/result.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';
import { readAddress } from './address.ts';

/** A row of the file: a user, and for an import the value of the user's secret. */
export interface CredentialRow {
  /** The line of the file in which the row begins; the first is 1. */
  readonly line: number;
  readonly user: SipUri;
  /** JSON with user name and password, as the functions read it; undefined where the file is read for its users alone. */
  readonly value: string | undefined;
}

export interface ReadOptions {
  /** The domains that the functions serve; undefined where they are not known. */
  readonly sipDomains: readonly string[] | undefined;
  readonly withPasswords: boolean;
}

type Column = 'user' | 'username' | 'password';
type Columns = Partial<Readonly<Record<Column, number>>>;

const otherNames: Readonly<Record<string, Column>> = {
  username: 'username',
  login: 'username',
  account: 'username',
  samaccountname: 'username',
  password: 'password',
  pwd: 'password',
};

/** The most characters of a secret that Key Vault takes. */
const valueMaxLength = 25_000;

/**
 * Reads a CSV file of credentials. Fails with every problem of the file, each with its line; none shows a password. User names
 * and passwords are taken as they are written: no apostrophe is removed from a password that begins like a formula.
 */
export function readCredentials(
  bytes: Uint8Array,
  options: ReadOptions,
): Result<readonly CredentialRow[], readonly string[]> {
  const text = decodeCsv(bytes);
  if (!text.ok) return failed([text.error]);
  const rows = readRows(text.value);
  if (!rows.ok) return failed([rows.error]);
  const [header, ...others] = rows.value;
  if (header === undefined) return failed([`The file is empty: begin it with the header row ${example}.`]);
  const columns = readHeader(header.cells, options);
  if (!columns.ok) return columns;
  if (others.length === 0) return failed(['The file has no row below its header: add one for each user.']);
  return judgeRows(others, { ...options, columns: columns.value, width: header.cells.length });
}

const example = '"user,username,password"';

interface RawRow {
  readonly line: number;
  readonly cells: readonly string[];
}

function readRows(text: string): Result<readonly RawRow[], string> {
  const chosen = /^"?sep=(.)"?[ \t]*(?:\r\n|\r|\n|$)/i.exec(text);
  const body = chosen === null ? text : text.slice(chosen[0].length);
  const firstLine = chosen === null ? 1 : 2;
  const rows: RawRow[] = [];
  let line = firstLine;
  const onRecord = (cells: readonly string[], { lines }: { readonly lines: number }) => {
    if (cells.some((cell) => cell.trim() !== '')) rows.push({ line, cells });
    line = firstLine + lines;
    return null;
  };
  try {
    parse(body, {
      delimiter: chosen?.[1] ?? findDelimiter(body),
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: true,
      on_record: onRecord,
    });
  } catch (error) {
    // The library's own message may repeat a cell, and so a password.
    if (!(error instanceof CsvError)) throw error;
    return failed(
      `The file is not valid CSV from line ${line} on (${error.code}): a quotation mark is opened and never closed. A password that begins with a quotation mark needs quotation marks around it, and its own doubled.`,
    );
  }
  return success(rows);
}

/** The delimiter that gives the header most columns that are known. */
function findDelimiter(body: string): string {
  const [header = ''] = body.split(/[\r\n]/, 1);
  const known = (delimiter: string) => header.split(delimiter).filter((name) => columnNamed(name)).length;
  return [';', ',', '\t'].reduce((best, next) => (known(next) > known(best) ? next : best), ',');
}

function columnNamed(name: string): Column | undefined {
  const bare = name.replace(/^\s*"|"\s*$/g, '');
  if (propertyNamed(bare) === 'user') return 'user';
  const written = bare
    .normalize('NFKC')
    .replace(/[\s\p{Cf}_-]+/gu, '')
    .toLowerCase();
  return Object.hasOwn(otherNames, written) ? otherNames[written] : undefined;
}

/** A header that is data may hold a password, so that no problem shows one of its cells. */
function readHeader(
  cells: readonly string[],
  { withPasswords }: ReadOptions,
): Result<Columns, readonly string[]> {
  const needed: readonly Column[] = withPasswords ? ['user', 'username', 'password'] : ['user'];
  const found = cells.map(columnNamed);
  const problems = needed.flatMap((column) => {
    const count = found.filter((one) => one === column).length;
    if (count === 1) return [];
    return count === 0
      ? [`The header has no column "${column}": begin the file with a header row such as ${example}.`]
      : [`${count} columns mean "${column}": keep one of them.`];
  });
  const columns = Object.fromEntries(needed.map((column) => [column, found.indexOf(column)]));
  return problems.length > 0 ? failed(problems) : success(columns);
}

interface JudgeOptions extends ReadOptions {
  readonly columns: Columns;
  readonly width: number;
}

function judgeRows(
  rows: readonly RawRow[],
  options: JudgeOptions,
): Result<readonly CredentialRow[], readonly string[]> {
  const read: CredentialRow[] = [];
  const problems: string[] = [];
  const lines = new Map<SipUri, number>();
  for (const row of rows) {
    const judged = judgeRow(row, options);
    const first = judged.ok ? lines.get(judged.value.user) : undefined;
    if (!judged.ok) problems.push(...judged.error.map((problem) => `Line ${row.line}: ${problem}`));
    else if (first !== undefined) {
      problems.push(`Line ${row.line}: The user stands in line ${first} already: keep one of the two.`);
    } else {
      lines.set(judged.value.user, row.line);
      read.push(judged.value);
    }
  }
  return problems.length > 0 ? failed(problems) : success(read);
}

function judgeRow(
  { line, cells }: RawRow,
  { columns, width, sipDomains, withPasswords }: JudgeOptions,
): Result<CredentialRow, readonly string[]> {
  if (cells.length > width) {
    return failed([
      `The row has ${cells.length} cells and the header ${width}: put a cell that contains the delimiter in quotation marks.`,
    ]);
  }
  const cell = (column: Column): string => cells[columns[column] ?? -1] ?? '';
  const user = readAddress(fromCell(cell('user')), sipDomains);
  const value = withPasswords
    ? secretValue(fromCell(cell('username')), cell('password'))
    : success(undefined);
  if (user.ok && value.ok) return success({ line, user: user.value, value: value.value });
  return failed([...(user.ok ? [] : [user.error]), ...(value.ok ? [] : [value.error])]);
}

/** The value passes what the functions check before it is written. */
function secretValue(username: string, password: string): Result<string, string> {
  const trimmed = username.trim();
  const empty = [...(trimmed === '' ? ['user name'] : []), ...(password === '' ? ['password'] : [])];
  if (empty.length > 0) return failed(`The ${empty.join(' and the ')} is empty: fill it in.`);
  if (/\p{Cc}/u.test(trimmed + password)) {
    return failed(
      'The user name or the password has a line break or another control character: a quotation mark may be opened and not closed.',
    );
  }
  if (password.trim() !== password) {
    return failed('The password begins or ends with a blank: remove it, or set this secret by hand.');
  }
  const value = JSON.stringify({ username: trimmed, password });
  if (value.length > valueMaxLength) {
    return failed(`The secret would exceed the ${valueMaxLength} characters that Key Vault takes.`);
  }
  const read = readSecretValue(value);
  return read.ok ? success(value) : failed(`The secret ${read.error.problem}.`);
}
