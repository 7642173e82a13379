import type { TableClient } from '@azure/data-tables';
import { StorageUnavailableError } from '../../ring/ports/storage-error.ts';
import { type RestFailure, restFailure } from '../rest-failure.ts';

/**
 * Calls storage. Returns what `expected` makes of a failure; every other failure becomes a StorageUnavailableError that
 * names the `action`. Parse responses outside of the call: one that cannot be read is not a failure of storage.
 */
export async function storageCall<T, E = never>(
  action: string,
  call: () => Promise<T>,
  expected: (failure: RestFailure) => E | undefined = () => undefined,
): Promise<T | E> {
  try {
    return await call();
  } catch (error) {
    const failure = restFailure(error);
    const known = expected(failure);
    if (known !== undefined) return known;
    const response = `${failure.status ?? 'no response'} ${failure.code}`;
    throw new StorageUnavailableError(`Storage could not ${action} (${response}).`, { cause: failure.code });
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

/** Yields the pages of a list, with one call of storage for each. */
export async function* storagePages<Page>(action: string, pages: AsyncIterator<Page>): AsyncGenerator<Page> {
  for (;;) {
    const page = await storageCall(action, () => pages.next());
    if (page.done === true) return;
    yield page.value;
  }
}
