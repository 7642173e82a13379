import { createHash } from 'node:crypto';
import { isJsonObject } from '../../../runtime/json.ts';
import { formatJson } from '../../../runtime/nested-json.ts';
import type { Validated } from '../../model/validation.ts';
import type { BulkEntry } from './entry.ts';

/** Returns a digest of content: the same whichever message carries it. */
export function digestOf(content: unknown): string {
  return createHash('sha256').update(formatJson(content)).digest('base64url').slice(0, 16);
}

/** Returns {@link digestOf} of `[first, items]`. */
export function digestOfAll(first: unknown, items: readonly unknown[]): string {
  return hashOfAll(first, items).toString('base64url').slice(0, 16);
}

/** Returns the SHA-256 of `[first, items]` as JSON, without a text of all items at once: there may be a hundred thousand. */
export function hashOfAll(first: unknown, items: readonly unknown[]): Buffer {
  const hash = createHash('sha256').update(`[${formatJson(first)},[`);
  for (const [index, item] of items.entries()) hash.update(`${index === 0 ? '' : ','}${formatJson(item)}`);
  return hash.update(']]').digest();
}

/**
 * Returns the digest of an entry. One that can be read has the digest of what it says, so that it keeps it when it is
 * requeued, and whatever the case of its names. One that cannot be read has that of its words, without the properties that
 * senders' SDKs add: those differ each time it is sent.
 */
export function entryDigest(dryRun: boolean, raw: unknown, parsed: Validated<BulkEntry>): string {
  return digestOf([dryRun, parsed.ok ? contentOf(parsed.value) : withoutAdded(raw)]);
}

/**
 * The sender's own content of an entry, without what a requeue adds. A property added since 0.1 must enter it **only where
 * it is present**: otherwise the digest of every stored entry changes, and the batches that 0.1 wrote are refused as
 * `batch-exists`.
 */
function contentOf(entry: BulkEntry): readonly unknown[] {
  const { user, ring, target, ringDelaySeconds, ref, unreadable, activePeriod, from, until } = entry;
  const isTimed = activePeriod !== undefined || from !== undefined || until !== undefined;
  return [
    ...[user, ring, target, ringDelaySeconds, ref],
    ...(unreadable === undefined ? [] : [unreadable]),
    ...(isTimed ? [{ activePeriod, from, until }] : []),
  ];
}

function withoutAdded(raw: unknown): unknown {
  if (!isJsonObject(raw) || !Object.keys(raw).some(isAdded)) return raw;
  return Object.fromEntries(Object.entries(raw).filter(([name]) => !isAdded(name)));
}

function isAdded(name: string): boolean {
  return name.startsWith('$');
}

/** What 0.1 read: only these names, as they are written here, and no value in another form. */
const namesOf01 = ['user', 'ring', 'target', 'ringDelaySeconds', 'ref', 'entry', 'attempts'];

/**
 * Returns the digest that 0.1 gave an entry. It refused what it could not read and took the digest of all words: an entry
 * in a form that is read now has another digest in a ledger that 0.1 wrote.
 */
export function entryDigestOf01(dryRun: boolean, raw: unknown, parsed: Validated<BulkEntry>): string {
  const isRead = parsed.ok && isReadBy01(raw, parsed.value);
  return digestOf([dryRun, isRead ? contentOf(parsed.value) : raw]);
}

function isReadBy01(raw: unknown, entry: BulkEntry): boolean {
  const read = new Map<string, unknown>(Object.entries(entry));
  return (
    isJsonObject(raw) &&
    Object.entries(raw).every(([name, value]) => namesOf01.includes(name) && read.get(name) === value)
  );
}
