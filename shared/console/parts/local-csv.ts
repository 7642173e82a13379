const decimal = new Intl.NumberFormat().formatToParts(1.5).find(({ type }) => type === 'decimal')?.value;

/**
 * Returns a CSV report as the reader's spreadsheet opens it: where a comma stands in numbers, cells are separated by semicolons.
 * Every cell that holds either stands in quotation marks.
 */
export async function localCsv(report: Blob): Promise<Blob> {
  if (decimal !== ',') return report;
  // The text of a blob has no byte order mark any more.
  const parts = (await report.text()).split('"');
  const text = parts.map((part, nth) => (nth % 2 === 0 ? part.replaceAll(',', ';') : part)).join('"');
  return new Blob(['\uFEFF', text], { type: 'text/csv' });
}
