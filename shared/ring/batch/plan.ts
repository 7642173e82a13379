import * as z from 'zod';
import { failed, success } from '../../runtime/result.ts';
import type { SipUri } from '../../ucwa/uri.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import { type Outcome, type RefusedOutcome, withoutAttempt } from '../model/outcome.ts';
import {
  addressMaxLength,
  parseDesiredRing,
  parseReadableRing,
  parseUser,
  type RequestRules,
} from '../model/parse-request.ts';
import type { NamedProperties } from '../model/property-names.ts';
import { cutText } from '../model/stored-text.ts';
import {
  checkNesting,
  describeIssues,
  issueAt,
  issuesOf,
  mergeIssues,
  type Validated,
  type ValidationIssue,
} from '../model/validation.ts';
import type { LedgerEntry } from '../ports/ledger.ts';
import { sendIfItIsToCount } from '../user/change-outcome.ts';
import { digestOf, entryDigest, entryDigestOf01 } from './message/digest.ts';
import {
  type BulkEntry,
  entryNumber,
  entrySubject,
  mapEntryNames,
  parseBulkEntry,
  refAsText,
  refMaxLength,
  unreadableReason,
} from './message/entry.ts';
import type { BulkMessage } from './message/message.ts';
import { sentProperties } from './message/sent-properties.ts';

/** An entry that can be worked on. */
export interface WorkItem {
  readonly entry: number;
  /** As sent; a requeued message carries it on. */
  readonly properties: BulkEntry;
  readonly user: SipUri;
  readonly desired: DesiredRing;
  readonly attempts: number;
}

/** What a message asks for, entry by entry: work, or an outcome that is certain before any. */
export interface MessagePlan {
  readonly entries: readonly LedgerEntry[];
  readonly items: readonly WorkItem[];
  /** Differs where a message of the same batch and part has different content. */
  readonly digest: string;
  /** Returns the digests that 0.1 gave the same content, of the part and of its entries by number. */
  readonly digestsOf01: () => { readonly part: string; readonly entries: ReadonlyMap<number, string> };
}

/**
 * Reads the entries of a message. Of two for one user the later one is worked on and the earlier is `superseded`; a wrong
 * one is `rejected` and supersedes nothing.
 */
export function planMessage(message: BulkMessage, rules: RequestRules, correlationId: string): MessagePlan {
  const read = message.entries.map((raw, index) => readEntry(raw, index, message, rules));
  const last = new Map<SipUri, WorkItem>();
  for (const { item } of read) {
    if (item !== undefined && item.entry >= (last.get(item.user)?.entry ?? 0)) last.set(item.user, item);
  }
  return {
    digest: digestOf(read.map(({ shown }) => [shown.entry, shown.digest])),
    digestsOf01: () => {
      const digests = read.map(({ shown, digestOf01 }) => [shown.entry, digestOf01()] as const);
      return { part: digestOf(digests), entries: new Map(digests) };
    },
    entries: read.map(({ shown, item, issues, sent }) => {
      if (item === undefined) return { ...shown, outcome: rejected(shown.user, issues, sent, correlationId) };
      return last.get(item.user) === item ? shown : { ...shown, outcome: overtaken(item, correlationId) };
    }),
    items: [...last.values()].sort((a, b) => a.entry - b.entry),
  };
}

/** Returns what is wrong with one entry, as the message that carries it will be judged. */
export function issuesOfEntry(raw: unknown, rules: RequestRules): readonly ValidationIssue[] {
  const { work } = judgeEntry(raw, mapEntryNames(raw), rules);
  return work.ok ? [] : work.error;
}

/** What an entry asks for, once all of it was understood. */
type Work = Pick<WorkItem, 'properties' | 'user' | 'desired'>;

interface JudgedEntry {
  readonly parsed: Validated<BulkEntry>;
  readonly work: Validated<Work>;
}

function judgeEntry(raw: unknown, named: NamedProperties, rules: RequestRules): JudgedEntry {
  const nesting = checkNesting(named.value, entrySubject);
  if (!nesting.ok) return { parsed: nesting, work: nesting };
  const parsed = parseBulkEntry(raw, named);
  return { parsed, work: judgeProperties(named.value, parsed, rules) };
}

function judgeProperties(value: unknown, parsed: Validated<BulkEntry>, rules: RequestRules): Validated<Work> {
  const unreadable = unreadableReason(value);
  if (unreadable !== undefined) return failed([issueAt('', unreadable)]);
  const user = parseUser(shownUser(value), rules.users);
  const known = user.ok ? user.value : undefined;
  if (!parsed.ok) {
    const readable = parseReadableRing(value, known, rules.targets);
    return failed(mergeIssues(parsed.error, user, readable));
  }
  const properties = parsed.value;
  const desired = parseDesiredRing(properties, known, rules.targets);
  if (!user.ok || !desired.ok) return failed(issuesOf(user, desired));
  return success({ properties, user: user.value, desired: desired.value });
}

interface ReadEntry {
  readonly shown: LedgerEntry;
  readonly item: WorkItem | undefined;
  readonly issues: readonly ValidationIssue[];
  readonly digestOf01: () => string;
  /** What a wrong entry says beside its user and key, as sent. */
  readonly sent?: RefusedOutcome['sent'];
}

function readEntry(
  raw: unknown,
  index: number,
  { generation, dryRun }: BulkMessage,
  rules: RequestRules,
): ReadEntry {
  const named = mapEntryNames(raw);
  const { parsed, work } = judgeEntry(raw, named, rules);
  const digest = entryDigest(dryRun, raw, parsed);
  const shown = { ...showEntry(named.value, index), generation, digest };
  const digestOf01 = () => entryDigestOf01(dryRun, raw, parsed);
  if (!work.ok) {
    return { shown, item: undefined, issues: work.error, digestOf01, sent: sentProperties(named.value) };
  }
  const { user, properties } = work.value;
  const item = { ...work.value, entry: shown.entry, attempts: properties.attempts ?? 0 };
  return { shown: { ...shown, user }, item, issues: [], digestOf01 };
}

const shownSchema = z
  .object({
    user: z.string().catch(''),
    ref: z.preprocess(refAsText, z.string()).optional().catch(undefined),
  })
  .catch({ user: '', ref: undefined });

/** Reads what the ledger shows of an entry, whatever is wrong with it. */
function showEntry(raw: unknown, index: number): Omit<LedgerEntry, 'generation' | 'digest'> {
  const { ref } = shownSchema.parse(raw);
  return {
    entry: entryNumber(raw, index),
    user: shownUser(raw),
    ...(ref === undefined ? {} : { ref: cutText(ref, refMaxLength) }),
  };
}

function shownUser(raw: unknown): string {
  return cutText(shownSchema.parse(raw).user, addressMaxLength);
}

function rejected(
  user: string,
  issues: readonly ValidationIssue[],
  sent: RefusedOutcome['sent'],
  correlationId: string,
): Outcome {
  const [first] = issues;
  const isOneKind = issues.every(({ code }) => code === first?.code);
  return {
    ...withoutAttempt(user, correlationId),
    outcome: 'rejected',
    code: (isOneKind ? first?.code : undefined) ?? 'invalid-request',
    detail: describeIssues(issues),
    ...(sent === undefined ? {} : { sent }),
  };
}

function overtaken({ user, desired }: WorkItem, correlationId: string): Outcome {
  return {
    ...withoutAttempt(user, correlationId),
    outcome: 'superseded',
    ...desired,
    code: 'superseded',
    detail: `A later entry of this batch is for the same user, so nothing was written for this one. ${sendIfItIsToCount}`,
  };
}
