import type { SipUri } from '../ucwa/uri.ts';
import { type BulkEntry, type BulkMessage, bulkEntry } from './bulk-message.ts';
import type { LedgerEntry } from './ledger.ts';
import { compareOrder, type Order } from './order.ts';
import type { Outcome } from './outcome.ts';
import {
  addMistakes,
  parseUser,
  parseWish,
  type RequestMistake,
  schemaMistakes,
  type UserRules,
  usableWords,
} from './request.ts';
import type { TargetRules } from './target-rules.ts';
import type { Wish } from './wish.ts';

/** An entry that can be worked on. */
export interface WorkItem {
  readonly entry: number;
  readonly words: BulkEntry;
  readonly user: SipUri;
  readonly wish: Wish;
  readonly order: Order;
  readonly attempts: number;
}

/** What a message asks for, entry by entry: work, or an outcome that is certain before any. */
export interface BulkWork {
  readonly entries: readonly LedgerEntry[];
  readonly items: readonly WorkItem[];
}

export interface BulkRules {
  readonly users: UserRules;
  readonly targets: TargetRules;
}

/**
 * Reads a message's entries. Of two for one user the later one is worked on and the earlier is `superseded`; one that
 * is wrong is `rejected` and stands in nobody's way.
 */
export function planBulk(
  message: BulkMessage,
  requestedAtMs: number,
  rules: BulkRules,
  correlationId: string,
): BulkWork {
  const read = message.entries.map((raw, index) => readEntry(raw, index, message, requestedAtMs, rules));
  const last = new Map<SipUri, WorkItem>();
  for (const { item } of read) {
    const rival = item === undefined ? undefined : last.get(item.user);
    if (item !== undefined && (rival === undefined || compareOrder(item.order, rival.order) > 0))
      last.set(item.user, item);
  }
  return {
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
  readonly mistakes: readonly RequestMistake[];
}

function readEntry(
  raw: unknown,
  index: number,
  { batch, part }: BulkMessage,
  requestedAtMs: number,
  rules: BulkRules,
): ReadEntry {
  const parsed = bulkEntry.safeParse(raw);
  if (!parsed.success) {
    const wish = parseWish(usableWords(raw), undefined, rules.targets);
    const mistakes = addMistakes(schemaMistakes(parsed.error), wish);
    return { shown: { entry: index, user: shownUser(raw) }, item: undefined, mistakes };
  }
  const words = parsed.data;
  const entry = words.entry ?? index;
  const shown: LedgerEntry = {
    entry,
    user: words.user,
    ...(words.ref === undefined ? {} : { ref: words.ref }),
  };
  const user = parseUser(words.user, rules.users);
  const wish = parseWish(words, 'value' in user ? user.value : undefined, rules.targets);
  if ('mistakes' in user || 'mistakes' in wish) {
    const mistakes = [user, wish].flatMap((result) => ('mistakes' in result ? result.mistakes : []));
    return { shown, item: undefined, mistakes };
  }
  const order = { requestedAtMs, batch, part, entry };
  const item = { entry, words, user: user.value, wish: wish.value, order, attempts: words.attempts ?? 0 };
  return { shown: { ...shown, user: user.value }, item, mistakes: [] };
}

function shownUser(raw: unknown): string {
  const user = typeof raw === 'object' && raw !== null && 'user' in raw ? raw.user : undefined;
  return typeof user === 'string' ? user.slice(0, 300) : '';
}

function rejected(user: string, mistakes: readonly RequestMistake[], correlationId: string): Outcome {
  const [first] = mistakes;
  const detail = mistakes.map((mistake) =>
    mistake.pointer === '' ? mistake.detail : `${mistake.pointer}: ${mistake.detail}`,
  );
  const code = mistakes.every((mistake) => mistake.code === first?.code) ? first?.code : undefined;
  return {
    ...ending(user, correlationId),
    outcome: 'rejected',
    code: code ?? 'invalid-request',
    detail: detail.join(' '),
  };
}

function overtaken({ user, wish }: WorkItem, correlationId: string): Outcome {
  const detail = 'A later entry of this batch is for the same user; nothing was written for this one.';
  return { ...ending(user, correlationId), outcome: 'superseded', ...wish, code: 'superseded', detail };
}

function ending(user: string, correlationId: string) {
  return { user, attempts: 0, recovery: [], requests: 0, correlationId } as const;
}
