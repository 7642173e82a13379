import { isJsonObject } from '../../../runtime/json.ts';
import { cutText } from '../../model/stored-text.ts';

/** What an entry may ask for, beside its user and its key, which the ledger has in any case. */
const askedNames = ['ring', 'target', 'ringDelaySeconds', 'activePeriod', 'from', 'until'];

/** Returns what an entry asked for as its sender wrote it, each text cut; undefined where it is nothing that is known. */
export function sentProperties(entry: unknown): Readonly<Record<string, string>> | undefined {
  if (!isJsonObject(entry)) return undefined;
  const sent = askedNames.flatMap((name) => {
    const value = entry[name];
    const isShown = ['string', 'number', 'boolean'].includes(typeof value);
    return isShown ? [[name, cutText(String(value))] as const] : [];
  });
  return sent.length === 0 ? undefined : Object.fromEntries(sent);
}
