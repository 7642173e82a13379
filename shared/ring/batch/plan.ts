import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { SipUri } from '../../ucwa/uri.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import type { DialRules } from '../model/dial-rules.ts';
import { type Outcome, untried } from '../model/outcome.ts';
import {
  addressMaxLength,
  parseDesiredRing,
  parseReadableRing,
  parseUser,
  type UserRules,
} from '../model/parse-request.ts';
import {
  formatIssue,
  issuesOf,
  mergeIssues,
  parseSchema,
  type ValidationIssue,
} from '../model/validation.ts';
import type { LedgerEntry } from '../ports/ledger.ts';
import { type BulkEntry, type BulkMessage, bulkEntrySchema, entryNumber, refMaxLength } from './message.ts';

/** An entry that can be worked on. */
export interface WorkItem {
  readonly entry: number;
  readonly properties: BulkEntry;
  readonly user: SipUri;
  readonly desired: DesiredRing;
  readonly attempts: number;
}

/** What a message asks for, entry by entry: work, or an outcome that is certain before any. */
export interface MessagePlan {
  readonly entries: readonly LedgerEntry[];
  readonly items: readonly WorkItem[];
  /** Tells messages of the same place and other content apart. */
  readonly digest: string;
}

export interface RequestRules {
  readonly users: UserRules;
  readonly targets: DialRules;
}

/**
 * Reads a message's entries. Of two for one user the later one is worked on and the earlier is `superseded`; one that
 * is wrong is `rejected` and stands in nobody's way.
 */
export function planMessage(message: BulkMessage, rules: RequestRules, correlationId: string): MessagePlan {
  const read = message.entries.map((raw, index) => readEntry(raw, index, message, rules));
  const last = new Map<SipUri, WorkItem>();
  for (const { item } of read) {
    if (item !== undefined && item.entry >= (last.get(item.user)?.entry ?? 0)) last.set(item.user, item);
  }
  return {
    digest: digestOf(read.map(({ shown }) => [shown.entry, shown.digest])),
    entries: read.map(({ shown, item, mistakes }) => {
      if (item === undefined) return { ...shown, outcome: rejected(shown.user, mistakes, correlationId) };
      return last.get(item.user) === item ? shown : { ...shown, outcome: overtaken(item, correlationId) };
    }),
    items: [...last.values()].sort((a, b) => a.entry - b.entry),
  };
}

interface ReadEntry {
  readonly shown: LedgerEntry;
  readonly item: WorkItem | undefined;
  readonly mistakes: readonly ValidationIssue[];
}

function readEntry(
  raw: unknown,
  index: number,
  { generation, dryRun }: BulkMessage,
  rules: RequestRules,
): ReadEntry {
  const parsed = parseSchema(bulkEntrySchema, raw);
  const shown = {
    ...showEntry(raw, index),
    generation,
    digest: digestOf([dryRun, 'value' in parsed ? contentOf(parsed.value) : raw]),
  };
  const { entry } = shown;
  const user = parseUser(shown.user, rules.users);
  const known = 'value' in user ? user.value : undefined;
  if ('mistakes' in parsed) {
    const desired = parseReadableRing(raw, known, rules.targets);
    return { shown, item: undefined, mistakes: mergeIssues(parsed.mistakes, user, desired) };
  }
  const words = parsed.value;
  const desired = parseDesiredRing(words, known, rules.targets);
  if ('mistakes' in user || 'mistakes' in desired) {
    return { shown, item: undefined, mistakes: issuesOf(user, desired) };
  }
  const item = {
    entry,
    properties: words,
    user: user.value,
    desired: desired.value,
    attempts: words.attempts ?? 0,
  };
  return { shown: { ...shown, user: user.value }, item, mistakes: [] };
}

/** What its sender said of an entry, without what we add when it is sent on. */
function contentOf({ user, ring, target, ringDelaySeconds, ref }: BulkEntry): readonly unknown[] {
  return [user, ring, target, ringDelaySeconds, ref];
}

/** The same for the same content, whichever message carries it. */
export function digestOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 16);
}

const cut = (most: number) => z.string().transform((text) => text.slice(0, most).toWellFormed());

const shownForm = z
  .object({ user: cut(addressMaxLength).catch(''), ref: cut(refMaxLength).optional().catch(undefined) })
  .catch({ user: '', ref: undefined });

/** What the ledger shows of an entry, whatever is wrong with it. */
function showEntry(raw: unknown, index: number): Omit<LedgerEntry, 'generation' | 'digest'> {
  const { user, ref } = shownForm.parse(raw);
  return { entry: entryNumber(raw, index), user, ...(ref === undefined ? {} : { ref }) };
}

/** Of an entry with more mistakes than these the rest are counted: a message of thousands must fit into a row. */
const mistakesTold = 10;

function rejected(user: string, mistakes: readonly ValidationIssue[], correlationId: string): Outcome {
  const [first] = mistakes;
  const isOneKind = mistakes.every(({ code }) => code === first?.code);
  const more = mistakes.length - mistakesTold;
  const detail = [
    ...mistakes.slice(0, mistakesTold).map(formatIssue),
    ...(more > 0 ? [`And ${more} more.`] : []),
  ];
  return {
    ...untried(user, correlationId),
    outcome: 'rejected',
    code: (isOneKind ? first?.code : undefined) ?? 'invalid-request',
    detail: detail.join(' '),
  };
}

function overtaken({ user, desired }: WorkItem, correlationId: string): Outcome {
  const detail = 'A later entry of this batch is for the same user; nothing was written for this one.';
  return { ...untried(user, correlationId), outcome: 'superseded', ...desired, code: 'superseded', detail };
}
