/** What a spreadsheet takes for a formula, behind any apostrophes. */
const formulaLike = /^'*[=+\-@\t\r]/;

/** Returns a text as a cell that no spreadsheet takes for a formula: with one apostrophe before it where it could be one. */
export function toCell(text: string): string {
  return formulaLike.test(text) ? `'${text}` : text;
}

/** Returns the text of a cell, without the apostrophe that {@link toCell} put before it. */
export function fromCell(cell: string): string {
  return cell.startsWith("'") && formulaLike.test(cell) ? cell.slice(1) : cell;
}
