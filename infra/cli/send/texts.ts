import { parse } from 'csv-parse/sync';
import type { FailedEntry, Judged, Progress, WrongValue } from './sender.ts';

/** The most lines of one kind that are printed: a report has all. */
export const shownLines = 50;

/** Returns a count with its noun. */
export function countOf(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

const entriesOf = (count: number) => countOf(count, 'entry', 'entries');

/** Says what was judged wrong, a line for each value. */
export function wrongLines({ entries, rejected, ignoredColumns = [] }: Judged): readonly string[] {
  const ignored =
    ignoredColumns.length === 0
      ? []
      : [`Columns that mean nothing here and are ignored: ${ignoredColumns.join(', ')}`];
  if (rejected.count === 0) return ignored;
  const { first, count } = rejected;
  const more = first.length > shownLines ? [`  … and more: correct these first`] : [];
  return [
    ...ignored,
    `${count.toLocaleString('en')} of ${entriesOf(entries)} ${count === 1 ? 'is' : 'are'} wrong:`,
    ...first.slice(0, shownLines).map((value) => `  ${placeOf(value)}${value.detail}`),
    ...more,
  ];
}

/** Says where in a file a value is, such as `line 4, target: `; nothing where it is the file as a whole. */
export function placeOf({ line, entry, column }: Partial<WrongValue>): string {
  const row = line === undefined ? undefined : `line ${line}`;
  const place = [row ?? (entry === undefined ? undefined : `entry ${entry}`), column];
  const known = place.filter((one) => one !== undefined).join(', ');
  return known === '' ? '' : `${known}: `;
}

/** Says in one line how far a batch is. */
export function progressLine(batch: string, { entries, counts, nextTryAt }: Progress): string {
  const open = (counts['pending'] ?? 0) + (counts['deferred'] ?? 0) + (counts['scheduled'] ?? 0);
  const waiting = nextTryAt === undefined ? '' : `, the next try is due at ${nextTryAt}`;
  return `${batch}: ${(entries - open).toLocaleString('en')} of ${entriesOf(entries)} ended${waiting}`;
}

/** Says what became of the entries, such as `3 applied, 1 failed`. */
export function countsLine({ counts }: Pick<Progress, 'counts'>): string {
  const shown = Object.entries(counts).filter(([, count]) => count > 0);
  return shown.map(([outcome, count]) => `${count.toLocaleString('en')} ${outcome}`).join(', ');
}

/** How many entries of a dry run would change something, and how many nothing. */
export interface WouldCounts {
  readonly apply: number;
  readonly nothing: number;
}

/** Counts what the entries of a dry run would do, from its report. */
export function countWould(report: Uint8Array): WouldCounts {
  const rows: readonly Readonly<Record<string, string>>[] = parse(Buffer.from(report), {
    bom: true,
    columns: true,
  });
  const count = (would: string) => rows.filter((row) => row['would'] === would).length;
  return { apply: count('apply'), nothing: count('nothing') };
}

export function wouldLine({ apply, nothing }: WouldCounts): string {
  return `A dry run: nothing was changed. ${entriesOf(apply)} would change a setting, ${nothing.toLocaleString('en')} would change nothing.`;
}

/** The outcomes of a batch that was sent before may be old. */
export const againLine =
  'The same was sent before, and these are its outcomes: nothing was done again. To do it again, give it another name with --batch NAME.';

/** Lists entries that did not succeed: who, why, and what to do. */
export function failureLines(failures: readonly FailedEntry[], total: number): readonly string[] {
  const shown = failures.slice(0, shownLines);
  const users = shown.map(({ user, ref }) => {
    const name = clean(user.replace(/^sip:/i, ''));
    return ref === undefined ? name : `${name} (${clean(ref)})`;
  });
  const width = Math.min(48, Math.max(0, ...users.map(({ length }) => length)));
  const lines = shown.map(({ outcome = '', code, detail = '' }, nth) => {
    const why = code === undefined ? outcome : `${outcome}, ${code}`;
    return `  ${(users[nth] ?? '').padEnd(width)}  ${why}: ${clean(detail)}`;
  });
  const more = total - shown.length;
  return more > 0 ? [...lines, `  … and ${more.toLocaleString('en')} more: --report FILE has all`] : lines;
}

/** What came from outside must not move the cursor or turn the direction of the text. */
function clean(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd').slice(0, 1_000);
}
