/** What orders requests for one person: when it was asked for and, where that is equal or in one batch, its place. */
export interface RequestOrder {
  readonly requestedAtMs: number;
  readonly batch: string;
  readonly part: number;
  readonly entry: number;
}

/**
 * Negative where `a` is older than `b`, zero where they are the same request.
 * Within a batch the place decides, whatever the times; elsewhere the time does, then batch, part and entry.
 */
export function compareOrder(a: RequestOrder, b: RequestOrder): number {
  if (a.batch !== b.batch) {
    return a.requestedAtMs - b.requestedAtMs || (a.batch < b.batch ? -1 : 1);
  }
  return a.part - b.part || a.entry - b.entry;
}
