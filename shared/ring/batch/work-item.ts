import type { SipUri } from '../../ucwa/uri.ts';
import type { DesiredRing, Schedule } from '../model/desired-ring.ts';
import { effectiveAtMs, orderOf, type RequestIdentity, type RequestOrder } from '../model/request-order.ts';
import type { BulkEntry } from './message/entry.ts';
import type { UndoEntry } from './message/undo-message.ts';

interface Item {
  readonly entry: number;
  readonly user: SipUri;
  readonly attempts: number;
}

/** An entry that sets a ring. */
export interface ChangeItem extends Item {
  readonly kind: 'change';
  /** As sent; a requeued message carries it on. */
  readonly properties: BulkEntry;
  readonly desired: DesiredRing;
  readonly schedule: Schedule;
}

/** An entry that ends the setting of another one. */
export interface UndoItem extends Item {
  readonly kind: 'undo';
  readonly properties: UndoEntry;
  readonly undoes: RequestOrder;
}

/** An entry that can be worked on. */
export type WorkItem = ChangeItem | UndoItem;

/** The part that an item belongs to, and when that was requested. */
type PartOfItem = Omit<RequestIdentity, 'entry'> & { readonly requestedAtMs: number };

/** Returns the order of the request that an item stands for. */
export function orderOfItem(item: WorkItem, { batch, part, requestedAtMs }: PartOfItem): RequestOrder {
  const from = item.kind === 'change' ? item.schedule.from : undefined;
  return orderOf({ batch, part, entry: item.entry }, requestedAtMs, from);
}

/** Returns when an item is due: at the time of its message, or at its own `from`. */
export function dueAtMsOf(item: WorkItem, requestedAtMs: number): number {
  return effectiveAtMs(requestedAtMs, item.kind === 'change' ? item.schedule.from : undefined);
}

/** Returns what the outcome of an item shows of its request. An undo shows what it put back, once that is known. */
export function requestShown(item: WorkItem): Partial<DesiredRing> & Schedule {
  return item.kind === 'change' ? { ...item.desired, ...item.schedule } : {};
}

/** True for an item that sets a ring. */
export function isChange(item: WorkItem): item is ChangeItem {
  return item.kind === 'change';
}
