import { nextTurn } from '../../../runtime/next-turn.ts';
import type { RequestRules } from '../../model/parse-request.ts';
import type { ValidationIssue } from '../../model/validation.ts';
import { issuesOfEntry } from '../plan.ts';

/** One entry of an upload, with its place in the file if it came from one. */
export interface UploadedRow {
  readonly line?: number;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** One thing that is wrong with a row. */
export interface RowProblem {
  /** The line of a CSV file in which the row begins; absent in JSON. */
  readonly line?: number;
  /** The number of the entry, from 0: the place of the row among all. */
  readonly entry: number;
  /** The column of a CSV file by its own name, or the property in JSON; absent where the row as a whole is wrong. */
  readonly column?: string;
  /** The place within the entry, as a JSON pointer; empty where the row as a whole is wrong. */
  readonly pointer: string;
  readonly detail: string;
}

/** The rows that will end as rejected. */
export interface RejectedRows {
  readonly count: number;
  /** What is wrong with the first of them, at most {@link maxProblemsShown} problems. */
  readonly first: readonly RowProblem[];
}

/** The most problems of rows that a response lists. */
export const maxProblemsShown = 100;

/** Rows that are judged at once: judging a hundred thousand takes seconds, and callers wait meanwhile. */
const rowsPerTurn = 200;

/** Judges the rows of an upload as their messages will be judged. `columnOf` names the column of a property. */
export async function judgeRows(
  rows: readonly UploadedRow[],
  rules: RequestRules,
  requestedAtMs: number,
  columnOf: (property: string) => string,
): Promise<RejectedRows> {
  const first: RowProblem[] = [];
  let count = 0;
  for (const [entry, row] of rows.entries()) {
    if (entry % rowsPerTurn === 0) await nextTurn();
    const issues = issuesOfEntry(row.entry, rules, requestedAtMs);
    if (issues.length > 0) count += 1;
    const shown = issues.slice(0, maxProblemsShown - first.length);
    first.push(...shown.map((issue) => problemOf(issue, row, entry, columnOf)));
  }
  return { count, first };
}

function problemOf(
  { pointer, detail }: ValidationIssue,
  { line }: UploadedRow,
  entry: number,
  columnOf: (property: string) => string,
): RowProblem {
  const [, property] = pointer.split('/');
  return {
    ...(line === undefined ? {} : { line }),
    entry,
    ...(property === undefined ? {} : { column: columnOf(unescaped(property)) }),
    pointer,
    detail,
  };
}

/** Returns a name as it was before it became part of a JSON pointer. */
function unescaped(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
}
