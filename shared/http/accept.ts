/**
 * True where a request prefers CSV to JSON in its header `Accept`. Without a preference it is JSON, which every route has.
 */
export function prefersCsv(headers: { get(name: string): string | null }): boolean {
  const accepted = (headers.get('accept') ?? '').toLowerCase().split(',').map(readRange);
  return qualityOf(accepted, 'text', 'csv') > qualityOf(accepted, 'application', 'json');
}

interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

function readRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = weight === undefined ? 1 : Number(weight.slice('q='.length));
  return { type, quality: Number.isNaN(quality) ? 0 : quality };
}

/** The most specific range decides: https://www.rfc-editor.org/rfc/rfc9110#name-accept */
function qualityOf(accepted: readonly MediaRange[], type: string, subtype: string): number {
  for (const range of [`${type}/${subtype}`, `${type}/*`, '*/*']) {
    const found = accepted.find((one) => one.type === range);
    if (found !== undefined) return found.quality;
  }
  return 0;
}
