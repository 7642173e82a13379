import { toCell } from './cell.ts';

/** Excel takes a file for UTF-8 where it begins so. */
export const byteOrderMark = '\uFEFF';

/** A value in a cell; without one the cell is empty. */
export type Cell = string | number | boolean | undefined;

/** Formats one row of a CSV file, line end included. No cell of it is a formula to a spreadsheet. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(formatCell).join(',')}\r\n`;
}

function formatCell(value: Cell): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const cell = toCell(value);
  return /[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
