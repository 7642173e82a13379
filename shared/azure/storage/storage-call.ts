import type { TableClient } from '@azure/data-tables';
import * as z from 'zod';
import { IdentityError } from '../identity-error.ts';
import { type RestFailure, restFailure } from '../rest-failure.ts';
import { storageError } from './storage-failure.ts';

const etagSchema = z.string();

/**
 * Calls storage. Returns what `expected` makes of a failure. Every other failure becomes an error that names the `action`,
 * the cause and what to do: a StorageRefusedError if storage says that what was sent is wrong, otherwise a
 * StorageUnavailableError. Parse responses outside of the call: one that cannot be read is not a failure of storage.
 */
export async function storageCall<T, E = never>(
  action: string,
  call: () => Promise<T>,
  expected: (failure: RestFailure) => E | undefined = () => undefined,
): Promise<T | E> {
  try {
    return await call();
  } catch (error) {
    const known = error instanceof IdentityError ? undefined : expected(restFailure(error));
    if (known !== undefined) return known;
    throw storageError(action, error);
  }
}

/** True if the row asked for does not exist, while its table does. */
export function isAbsent({ status, code }: RestFailure): boolean {
  return status === 404 && code !== 'TableNotFound';
}

/** True if another worker was first: it created the row, changed it or removed it. */
export function isConflict(failure: RestFailure): boolean {
  return failure.status === 409 || failure.status === 412 || isAbsent(failure);
}

/** Returns a row; undefined if it does not exist. Throws StorageUnavailableError. */
export async function getRow(
  table: TableClient,
  action: string,
  { partitionKey, rowKey }: { readonly partitionKey: string; readonly rowKey: string },
) {
  const row = await storageCall(
    action,
    () => table.getEntity(partitionKey, rowKey),
    (failure) => (isAbsent(failure) ? ('absent' as const) : undefined),
  );
  return row === 'absent' ? undefined : row;
}

/**
 * Writes a whole row if it is as it was read: created where there is no `etag`, replaced where there is one. Returns
 * `conflict` if another worker was first; one that purged the row counts too.
 */
export async function writeRow(
  table: TableClient,
  action: string,
  entity: { readonly partitionKey: string; readonly rowKey: string },
  etag: string | undefined,
): Promise<{ etag: string } | 'conflict'> {
  const written = await storageCall(
    action,
    () => (etag === undefined ? table.createEntity(entity) : table.updateEntity(entity, 'Replace', { etag })),
    (failure) => (isConflict(failure) ? ('conflict' as const) : undefined),
  );
  return written === 'conflict' ? written : { etag: requireEtag(written) };
}

/** Returns the etag of a row that was written. Throws where storage named none. */
export function requireEtag(written: { readonly etag?: string | undefined } | undefined): string {
  return etagSchema.parse(written?.etag);
}

/** Yields the pages of a list, with one call of storage for each. */
export async function* storagePages<Page>(action: string, pages: AsyncIterator<Page>): AsyncGenerator<Page> {
  for (;;) {
    const page = await storageCall(action, () => pages.next());
    if (page.done === true) return;
    yield page.value;
  }
}
