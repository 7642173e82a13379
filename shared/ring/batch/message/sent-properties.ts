import { isJsonObject } from '../../../runtime/json.ts';
import { formatJson } from '../../../runtime/nested-json.ts';
import { cutText } from '../../model/stored-text.ts';

/** What an entry may ask for, beside its user and its key, which the ledger has in any case. */
const askedNames = ['ring', 'target', 'ringDelaySeconds', 'activePeriod', 'from', 'until'];

/** What only we write into an entry. */
const ownNames = ['entry', 'attempts', 'unreadable'];

/** The property, and the column of a report, that holds what has no place of its own. */
export const notReadName = 'notRead';

/**
 * Returns what an entry asked for as its sender wrote it, each text cut; undefined where it said nothing. What is not known
 * stands in `notRead` as JSON: without it, a wrong entry that is sent again from its report could pass for a right one.
 */
export function sentProperties(entry: unknown): Readonly<Record<string, string>> | undefined {
  if (!isJsonObject(entry)) return { [notReadName]: cutText(formatJson(entry)) };
  const sent: Record<string, string> = {};
  const others: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(entry)) {
    if (ownNames.includes(name) || name.startsWith('$')) continue;
    if (name === notReadName && typeof value === 'string') sent[name] = cutText(value);
    else if (askedNames.includes(name) && isShown(value)) sent[name] = cutText(String(value));
    else if (!isShownElsewhere(name, value)) others[name] = value;
  }
  if (Object.keys(others).length > 0) sent[notReadName] ??= cutText(formatJson(others));
  return Object.keys(sent).length === 0 ? undefined : sent;
}

function isShown(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isShownElsewhere(name: string, value: unknown): boolean {
  return (name === 'user' && typeof value === 'string') || (name === 'ref' && isShown(value));
}
