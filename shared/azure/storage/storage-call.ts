import { StorageUnavailableError } from '../../ring/ports/storage-error.ts';
import { restFailure } from '../rest-failure.ts';

/**
 * Calls storage; a failure that `expected` does not name becomes a StorageUnavailableError that says what was tried. What
 * storage answered is read outside of the call: an answer that cannot be read is no failure of storage.
 */
export async function storageCall<T, E = never>(
  what: string,
  call: () => Promise<T>,
  expected: (failure: Failure) => E | undefined = () => undefined,
): Promise<T | E> {
  try {
    return await call();
  } catch (error) {
    const failure = restFailure(error);
    const answer = expected(failure);
    if (answer !== undefined) return answer;
    const said = `${failure.status ?? 'no answer'} ${failure.code}`;
    throw new StorageUnavailableError(`Storage could not ${what} (${said}).`, { cause: failure.code });
  }
}

interface Failure {
  readonly status: number | undefined;
  readonly code: string;
}

/** Tells whether what was asked for is not there, in a table that is. */
export function isAbsent({ status, code }: Failure): boolean {
  return status === 404 && code !== 'TableNotFound';
}

/** Tells whether somebody else was first: made it, changed it, or took it away. */
export function isConflict(failure: Failure): boolean {
  return failure.status === 409 || failure.status === 412 || isAbsent(failure);
}

/** Goes through the pages of a list, one call of storage for each. */
export async function* storagePages<Page>(what: string, pages: AsyncIterator<Page>): AsyncGenerator<Page> {
  for (;;) {
    const page = await storageCall(what, () => pages.next());
    if (page.done === true) return;
    yield page.value;
  }
}
