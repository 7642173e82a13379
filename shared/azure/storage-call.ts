import { StorageUnavailableError } from '../ring/storage.ts';
import { restFailure } from './rest-failure.ts';

/**
 * Calls storage; a failure that `expected` does not name becomes a StorageUnavailableError that says what was tried. What
 * storage answered is read outside of the call: an answer that cannot be read is no failure of storage.
 */
export async function storageCall<T, E = never>(
  what: string,
  call: () => Promise<T>,
  expected: (failure: { status: number | undefined; code: string }) => E | undefined = () => undefined,
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

/** Goes through the pages of a list, one call of storage for each. */
export async function* storagePages<Page>(what: string, pages: AsyncIterator<Page>): AsyncGenerator<Page> {
  for (;;) {
    const page = await storageCall(what, () => pages.next());
    if (page.done === true) return;
    yield page.value;
  }
}
