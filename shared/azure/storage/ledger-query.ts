import { odata } from '@azure/data-tables';
import type { EntryFilter, LedgerEntry } from '../../ring/ports/ledger.ts';

/**
 * Returns the filter of a query for entries of a batch. It finds some more than are wanted: what a dry run found out,
 * for example, stands within a column.
 */
export function entriesFilter(batch: string, { outcomes, would, user }: EntryFilter): string {
  return [
    // The partitions of a batch's entries are its name, `|` and the part; `}` follows `|`.
    odata`PartitionKey ge ${`${batch}|`} and PartitionKey lt ${`${batch}}`}`,
    ...(outcomes === undefined ? [] : [`(${outcomes.map((one) => odata`outcome eq ${one}`).join(' or ')})`]),
    ...(would === undefined ? [] : [odata`outcome eq ${'unchanged'}`]),
    ...(user === undefined || user === '' ? [] : [`(${userBegins(`sip:${user}`)} or ${userBegins(user)})`]),
  ].join(' and ');
}

/** An address that could not be read stands in its row as it was sent, without `sip:`. */
function userBegins(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  // Behind the last character before the surrogates there is none that a query could name.
  if (last >= 0xd7ff) return odata`user ge ${text}`;
  return odata`(user ge ${text} and user lt ${text.slice(0, -1) + String.fromCharCode(last + 1)})`;
}

/** True for an entry that is wanted, of those that {@link entriesFilter} finds. */
export function isWanted(
  { user, outcome }: Pick<LedgerEntry, 'user' | 'outcome'>,
  wanted: EntryFilter,
): boolean {
  const found = outcome !== undefined && 'would' in outcome ? outcome.would : undefined;
  return (
    (wanted.would === undefined || wanted.would === found) &&
    (wanted.user === undefined || user.replace(/^sip:/, '').startsWith(wanted.user))
  );
}
