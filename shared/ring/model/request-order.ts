/** The place of a request among all requests for one user. */
export interface RequestOrder {
  readonly requestedAtMs: number;
  readonly batch: string;
  readonly part: number;
  readonly entry: number;
}

/**
 * Compares two requests: negative where `a` is older than `b`, zero where they are the same request.
 * Within one batch the part and entry decide, whatever the times. Otherwise the time decides, then the batch's name.
 */
export function compareOrder(a: RequestOrder, b: RequestOrder): number {
  if (a.batch !== b.batch) {
    return a.requestedAtMs - b.requestedAtMs || (a.batch < b.batch ? -1 : 1);
  }
  return a.part - b.part || a.entry - b.entry;
}
