/** The path of the list of batches. */
export const batchesUrl = '/api/bulk';

/** Returns the path of a batch. */
export function batchUrl(batch: string): string {
  return `${batchesUrl}/${batch}`;
}
