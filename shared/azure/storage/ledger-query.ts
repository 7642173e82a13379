import { odata } from '@azure/data-tables';
import type { EntryFilter } from '../../ring/ports/ledger.ts';

/** Returns the filter of a query for entries of a batch. */
export function entriesFilter(batch: string, { outcome, would, user }: EntryFilter): string {
  return [
    // The partitions of a batch's entries are its name, `|` and the part; `}` follows `|`.
    odata`PartitionKey ge ${`${batch}|`} and PartitionKey lt ${`${batch}}`}`,
    ...(outcome === undefined ? [] : [odata`outcome eq ${outcome}`]),
    ...(would === undefined ? [] : [odata`would eq ${would}`]),
    ...(user === undefined || user === '' ? [] : [`(${userBegins(`sip:${user}`)} or ${userBegins(user)})`]),
  ].join(' and ');
}

/** An address that could not be read stands in its row as it was sent, without `sip:`. */
function userBegins(text: string): string {
  const last = text.codePointAt(text.length - 1) ?? 0;
  const end = `${text.slice(0, -1)}${String.fromCodePoint(last + 1)}`;
  return odata`(user ge ${text} and user lt ${end})`;
}
