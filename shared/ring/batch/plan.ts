import { createHash } from 'node:crypto';
import * as z from 'zod';
import { formatJson } from '../../runtime/nested-json.ts';
import type { SipUri } from '../../ucwa/uri.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import { type Outcome, withoutAttempt } from '../model/outcome.ts';
import {
  addressMaxLength,
  parseDesiredRing,
  parseReadableRing,
  parseUser,
  type RequestRules,
} from '../model/parse-request.ts';
import { cutText } from '../model/stored-text.ts';
import {
  checkNesting,
  describeIssues,
  issueAt,
  issuesOf,
  mergeIssues,
  type ValidationIssue,
} from '../model/validation.ts';
import type { LedgerEntry } from '../ports/ledger.ts';
import { type BulkEntry, type BulkMessage, entryNumber, parseBulkEntry, refMaxLength } from './message.ts';

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
    entries: read.map(({ shown, item, issues }) => {
      if (item === undefined) return { ...shown, outcome: rejected(shown.user, issues, correlationId) };
      return last.get(item.user) === item ? shown : { ...shown, outcome: overtaken(item, correlationId) };
    }),
    items: [...last.values()].sort((a, b) => a.entry - b.entry),
  };
}

/** Returns what is wrong with one entry, as the message that carries it will be judged. */
export function issuesOfEntry(raw: unknown, rules: RequestRules): readonly ValidationIssue[] {
  return readEntry(raw, 0, { generation: 0, dryRun: false }, rules).issues;
}

interface ReadEntry {
  readonly shown: LedgerEntry;
  readonly item: WorkItem | undefined;
  readonly issues: readonly ValidationIssue[];
}

function readEntry(
  raw: unknown,
  index: number,
  { generation, dryRun }: Pick<BulkMessage, 'generation' | 'dryRun'>,
  rules: RequestRules,
): ReadEntry {
  const nesting = checkNesting(raw);
  const parsed = nesting.ok ? parseBulkEntry(raw) : nesting;
  const shown = {
    ...showEntry(raw, index),
    generation,
    digest: digestOf([dryRun, parsed.ok ? contentOf(parsed.value) : raw]),
  };
  const { entry } = shown;
  const user = parseUser(shown.user, rules.users);
  const known = user.ok ? user.value : undefined;
  if (!nesting.ok) return { shown, item: undefined, issues: nesting.error };
  if (!parsed.ok) {
    const readable = parseReadableRing(raw, known, rules.targets);
    return { shown, item: undefined, issues: mergeIssues(parsed.error, user, readable) };
  }
  const properties = parsed.value;
  const { unreadable } = properties;
  if (unreadable !== undefined) return { shown, item: undefined, issues: [issueAt('', unreadable)] };
  const desired = parseDesiredRing(properties, known, rules.targets);
  if (!user.ok || !desired.ok) return { shown, item: undefined, issues: issuesOf(user, desired) };
  const { attempts = 0 } = properties;
  const item = { entry, properties, user: user.value, desired: desired.value, attempts };
  return { shown: { ...shown, user: user.value }, item, issues: [] };
}

/**
 * The sender's own content of an entry, without what a requeue adds. A property added since 0.1 must enter it **only where
 * it is present**: otherwise the digest of every stored entry changes, and the batches that 0.1 wrote are refused as
 * `batch-exists`.
 */
function contentOf({ user, ring, target, ringDelaySeconds, ref }: BulkEntry): readonly unknown[] {
  return [user, ring, target, ringDelaySeconds, ref];
}

/** Returns a digest of content: the same whichever message carries it. */
export function digestOf(content: unknown): string {
  return createHash('sha256').update(formatJson(content)).digest('base64url').slice(0, 16);
}

const cutTo = (most: number) => z.string().transform((text) => cutText(text, most));

const shownSchema = z
  .object({ user: cutTo(addressMaxLength).catch(''), ref: cutTo(refMaxLength).optional().catch(undefined) })
  .catch({ user: '', ref: undefined });

/** Reads what the ledger shows of an entry, whatever is wrong with it. */
function showEntry(raw: unknown, index: number): Omit<LedgerEntry, 'generation' | 'digest'> {
  const { user, ref } = shownSchema.parse(raw);
  return { entry: entryNumber(raw, index), user, ...(ref === undefined ? {} : { ref }) };
}

function rejected(user: string, issues: readonly ValidationIssue[], correlationId: string): Outcome {
  const [first] = issues;
  const isOneKind = issues.every(({ code }) => code === first?.code);
  return {
    ...withoutAttempt(user, correlationId),
    outcome: 'rejected',
    code: (isOneKind ? first?.code : undefined) ?? 'invalid-request',
    detail: describeIssues(issues),
  };
}

function overtaken({ user, desired }: WorkItem, correlationId: string): Outcome {
  return {
    ...withoutAttempt(user, correlationId),
    outcome: 'superseded',
    ...desired,
    code: 'superseded',
    detail: 'A later entry of this batch is for the same user; nothing was written for this one.',
  };
}
