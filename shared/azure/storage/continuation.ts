import * as z from 'zod';
import { ContinuationUnknownError } from '../../ring/ports/ledger.ts';
import { parseJson } from '../../runtime/json.ts';
import { storageCall } from './storage-call.ts';

/** The client puts keys into a URL and fails at half a character, which JSON can spell as `\ud800`. */
const keySchema = z.string().refine((key) => key.isWellFormed());

const tokenSchema = z.object({ nextPartitionKey: keySchema, nextRowKey: keySchema.optional() });

/**
 * Checks a continuation, which is storage's own token: base64 of JSON. Throws ContinuationUnknownError if it is not one;
 * that is the caller's error, not a failure of storage.
 */
export function checkContinuation(token: string | undefined): { continuationToken?: string } {
  if (token === undefined) return {};
  const bytes = Buffer.from(token, 'base64');
  const isBase64 = bytes.toString('base64') === token;
  if (!isBase64 || !tokenSchema.safeParse(parseJson(bytes.toString('utf8'))).success) {
    throw new ContinuationUnknownError();
  }
  return { continuationToken: token };
}

/** Requests a page. Throws ContinuationUnknownError if storage does not know the continuation, which it tells by 400. */
export async function pageCall<T>(
  action: string,
  continuation: string | undefined,
  call: () => Promise<T>,
): Promise<T> {
  const result = await storageCall(
    action,
    async () => ({ page: await call() }),
    ({ status }) => (status === 400 && continuation !== undefined ? ('unknown' as const) : undefined),
  );
  if (result === 'unknown') throw new ContinuationUnknownError();
  return result.page;
}
