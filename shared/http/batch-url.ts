/** Where the batches are listed. */
export const batchesUrl = '/api/bulk';

/** Where a batch is told of. */
export function batchUrl(batch: string): string {
  return `${batchesUrl}/${batch}`;
}
