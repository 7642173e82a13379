import { odata } from '@azure/data-tables';
import { encodeAddressPart } from '../../../ring/model/address-key.ts';
import { ContinuationUnknownError } from '../../../ring/ports/ledger.ts';
import type { UserFilter } from '../../../ring/ports/user-store.ts';

/** Sorts before every key of a user, and after it every key that begins with the same characters. */
const first = '-';
const afterAll = '{';

/**
 * Returns the filter of a query for users, from after the row that the last page ended with. `ring` is not part of it: rows of
 * 0.1 have no such column, and storages differ in how they compare a column that a row does not have. Throws
 * ContinuationUnknownError.
 */
export function usersFilter({ outcome, user = '' }: UserFilter, continuation: string | undefined): string {
  const begins = encodeAddressPart(user);
  return [
    odata`PartitionKey ge ${begins === '' ? first : begins} and PartitionKey lt ${begins + afterAll}`,
    ...(continuation === undefined ? [] : [odata`PartitionKey gt ${checkedKey(continuation)}`]),
    ...(outcome === undefined ? [] : [odata`outcome eq ${outcome}`]),
  ].join(' and ');
}

function checkedKey(continuation: string): string {
  if (!/^[a-z0-9-]{1,1000}$/.test(continuation)) throw new ContinuationUnknownError();
  return continuation;
}
