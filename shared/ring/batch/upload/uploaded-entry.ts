import { isJsonObject } from '../../../runtime/json.ts';
import { formatJson } from '../../../runtime/nested-json.ts';
import { cutText } from '../../model/stored-text.ts';
import { mapEntryNames, ownEntryProperties } from '../message/entry.ts';
import { notReadName, sentProperties } from '../message/sent-properties.ts';
import { bytesOf } from '../message/split.ts';
import type { UploadedRow } from './judge.ts';

type Entry = UploadedRow['entry'];

/** More than a valid entry can have. */
const entryLimitBytes = 4 * 1024;

/** An entry may be shorter once its names are mapped. */
const mappedLimitBytes = 4 * entryLimitBytes;

/**
 * Returns an entry of a JSON upload for a message, with its names mapped: what SDKs add differs each time that the same is
 * sent. One that says what only we say carries the reason instead.
 */
export function senderEntry(sent: unknown): Entry {
  if (!isJsonObject(sent)) return withReason(sent, 'An entry must be a JSON object.');
  // Names are not mapped where there may be a million of them.
  if (bytesOf(sent) > mappedLimitBytes) return boundedEntry(sent);
  const { value, issues } = mapEntryNames(sent);
  // Where two names map to one, the message tells it.
  const entry = issues.length === 0 && isJsonObject(value) ? value : sent;
  const own = ownEntryProperties.filter((name) => Object.hasOwn(entry, name)).map((name) => `\`${name}\``);
  if (own.length === 0) return boundedEntry(entry);
  const [verb, them] = own.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return withReason(withOwnAside(entry), `${own.join(', ')} ${verb} not for senders: leave ${them} out.`);
}

/** Returns an entry that a message can carry: one that is too large carries the reason instead. */
export function boundedEntry(entry: Entry): Entry {
  if (bytesOf(entry) <= entryLimitBytes) return entry;
  return withReason(entry, `This entry has more than ${entryLimitBytes / 1024} KiB: shorten it.`);
}

/** Puts what only we may say under one name that is not ours: as what was sent, it is not lost. */
function withOwnAside(entry: Entry): Entry {
  const isOwn = ([name]: readonly [string, unknown]) => ownEntryProperties.some((own) => own === name);
  const all = Object.entries(entry);
  const others = Object.fromEntries(all.filter((one) => !isOwn(one)));
  return { ...others, [notReadName]: formatJson(Object.fromEntries(all.filter(isOwn))) };
}

/** Keeps what was said in an entry, each text cut: its report shows it. */
function withReason(entry: unknown, unreadable: string): Entry {
  const { user, ref } = isJsonObject(entry) ? entry : {};
  return { ...textOf('user', user), ...textOf('ref', ref), ...sentProperties(entry), unreadable };
}

function textOf(name: string, value: unknown): Entry {
  return typeof value === 'string' ? { [name]: cutText(value) } : {};
}
