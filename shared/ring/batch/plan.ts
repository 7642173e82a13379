import * as z from 'zod';
import { failed, success } from '../../runtime/result.ts';
import { type Outcome, type RefusedOutcome, withoutAttempt } from '../model/outcome.ts';
import {
  addressMaxLength,
  parseDesiredRing,
  parseReadableRing,
  parseUser,
  type RequestRules,
  scheduleOf,
} from '../model/parse-request.ts';
import type { NamedProperties } from '../model/property-names.ts';
import { effectiveAtMs } from '../model/request-order.ts';
import { checkedSchedule } from '../model/schedule.ts';
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
import type { ChangeItem, WorkItem } from './work-item.ts';

/** What a message asks for, entry by entry: work, or an outcome that is certain before any. */
export interface MessagePlan<Item extends WorkItem = WorkItem> {
  readonly entries: readonly LedgerEntry[];
  readonly items: readonly Item[];
  /** Differs where a message of the same batch and part has different content. */
  readonly digest: string;
  /** Returns the digests that 0.1 gave the same content, of the part and of its entries by number. */
  readonly digestsOf01: () => { readonly part: string; readonly entries: ReadonlyMap<number, string> };
}

/**
 * Reads the entries of a message. Of two for one user that take effect at the same time the later one is worked on and the
 * earlier is `superseded`; a wrong one is `rejected` and supersedes nothing.
 */
export function planMessage(
  message: BulkMessage,
  requestedAtMs: number,
  rules: RequestRules,
  correlationId: string,
): MessagePlan<ChangeItem> {
  const read = message.entries.map((raw, index) => readEntry(raw, index, { message, requestedAtMs, rules }));
  const last = new Map<string, ChangeItem>();
  const placeOf = ({ user, schedule: { from } }: ChangeItem) =>
    `${user} ${effectiveAtMs(requestedAtMs, from)}`;
  for (const { item } of read) {
    if (item === undefined) continue;
    if (item.entry >= (last.get(placeOf(item))?.entry ?? 0)) last.set(placeOf(item), item);
  }
  return {
    digest: digestOf(read.map(({ shown }) => [shown.entry, shown.digest])),
    digestsOf01: () => {
      const digests = read.map(({ shown, digestOf01 }) => [shown.entry, digestOf01()] as const);
      return { part: digestOf(digests), entries: new Map(digests) };
    },
    entries: read.map(({ shown, item, issues, sent }) => {
      if (item === undefined) return { ...shown, outcome: rejected(shown.user, issues, sent, correlationId) };
      return last.get(placeOf(item)) === item ? shown : { ...shown, outcome: overtaken(item, correlationId) };
    }),
    items: [...last.values()].sort((a, b) => a.entry - b.entry),
  };
}

/** Returns what is wrong with one entry, as the message that carries it will be judged. */
export function issuesOfEntry(
  raw: unknown,
  rules: RequestRules,
  requestedAtMs: number,
): readonly ValidationIssue[] {
  const { work } = judgeEntry(raw, mapEntryNames(raw), rules, requestedAtMs);
  return work.ok ? [] : work.error;
}

/** What an entry asks for, once all of it was understood. */
type Work = Pick<ChangeItem, 'properties' | 'user' | 'desired' | 'schedule'>;

interface JudgedEntry {
  readonly parsed: Validated<BulkEntry>;
  readonly work: Validated<Work>;
}

function judgeEntry(
  raw: unknown,
  named: NamedProperties,
  rules: RequestRules,
  requestedAtMs: number,
): JudgedEntry {
  const nesting = checkNesting(named.value, entrySubject);
  if (!nesting.ok) return { parsed: nesting, work: nesting };
  const parsed = parseBulkEntry(raw, named);
  return { parsed, work: judgeProperties(named.value, parsed, rules, requestedAtMs) };
}

function judgeProperties(
  value: unknown,
  parsed: Validated<BulkEntry>,
  rules: RequestRules,
  requestedAtMs: number,
): Validated<Work> {
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
  const schedule = checkedSchedule(scheduleOf(properties), requestedAtMs);
  if (!user.ok || !desired.ok || !schedule.ok) return failed(issuesOf(user, desired, schedule));
  return success({ properties, user: user.value, desired: desired.value, schedule: schedule.value });
}

interface ReadEntry {
  readonly shown: LedgerEntry;
  readonly item: ChangeItem | undefined;
  readonly issues: readonly ValidationIssue[];
  readonly digestOf01: () => string;
  /** What a wrong entry says beside its user and key, as sent. */
  readonly sent?: RefusedOutcome['sent'];
}

function readEntry(
  raw: unknown,
  index: number,
  {
    message: { generation, dryRun },
    requestedAtMs,
    rules,
  }: { readonly message: BulkMessage; readonly requestedAtMs: number; readonly rules: RequestRules },
): ReadEntry {
  const named = mapEntryNames(raw);
  const { parsed, work } = judgeEntry(raw, named, rules, requestedAtMs);
  const digest = entryDigest(dryRun, raw, parsed);
  const shown = { ...showEntry(named.value, index), generation, digest };
  const digestOf01 = () => entryDigestOf01(dryRun, raw, parsed);
  if (!work.ok) {
    return { shown, item: undefined, issues: work.error, digestOf01, sent: sentProperties(named.value) };
  }
  const { user, properties } = work.value;
  const item = {
    kind: 'change',
    ...work.value,
    entry: shown.entry,
    attempts: properties.attempts ?? 0,
  } as const;
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

function overtaken({ user, desired, schedule }: ChangeItem, correlationId: string): Outcome {
  return {
    ...withoutAttempt(user, correlationId),
    outcome: 'superseded',
    ...desired,
    ...schedule,
    code: 'superseded',
    detail: `A later entry of this batch is for the same user, so nothing was written for this one. ${sendIfItIsToCount}`,
  };
}
