/** The place of a request among all requests for one user. */
export interface RequestOrder {
  /** When the request takes effect: the later of its own time and its `from`. For an undo, when that is due. */
  readonly effectiveAtMs: number;
  /** When it was requested; absent where it took effect at once. */
  readonly requestedAtMs?: number;
  readonly batch: string;
  readonly part: number;
  readonly entry: number;
}

/** Which request it is, whatever its times. */
export type RequestIdentity = Pick<RequestOrder, 'batch' | 'part' | 'entry'>;

/** Returns when a request takes effect: at once, or at its `from` if that is later. */
export function effectiveAtMs(requestedAtMs: number, from: string | undefined): number {
  return from === undefined ? requestedAtMs : Math.max(requestedAtMs, Date.parse(from));
}

/** Returns the order of a request from its own time and its `from`. */
export function orderOf(
  { batch, part, entry }: RequestIdentity,
  requestedAtMs: number,
  from?: string,
): RequestOrder {
  const startsAtMs = effectiveAtMs(requestedAtMs, from);
  const isAtOnce = startsAtMs === requestedAtMs;
  return { effectiveAtMs: startsAtMs, ...(isAtOnce ? {} : { requestedAtMs }), batch, part, entry };
}

/**
 * Compares two requests: negative where `a` is older than `b`, zero where they are the same request. The time at which each
 * takes effect decides, then the time at which it was requested, then batch, part and entry.
 */
export function compareOrder(a: RequestOrder, b: RequestOrder): number {
  if (isSameRequest(a, b)) return 0;
  return (
    a.effectiveAtMs - b.effectiveAtMs ||
    requestedAtMsOf(a) - requestedAtMsOf(b) ||
    compareNames(a.batch, b.batch) ||
    a.part - b.part ||
    a.entry - b.entry
  );
}

/** True where both name the same request. */
export function isSameRequest(a: RequestIdentity, b: RequestIdentity): boolean {
  return a.batch === b.batch && a.part === b.part && a.entry === b.entry;
}

function requestedAtMsOf({ effectiveAtMs: startsAtMs, requestedAtMs = startsAtMs }: RequestOrder): number {
  return requestedAtMs;
}

function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
