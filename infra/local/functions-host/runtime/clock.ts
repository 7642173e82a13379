import { setTimeout as delay } from 'node:timers/promises';

/** The clock of the host. `sleep` rejects when its signal aborts first. */
export interface HostClock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
}

// The longest delay of a Node timer, over 24 days. Callers who sleep longer must compare the clock and sleep again.
const longestMs = 2 ** 31 - 1;

/** The system clock. */
export const systemClock: HostClock = {
  nowMs: Date.now,
  sleep: (delayMs, signal) => delay(Math.min(delayMs, longestMs), undefined, { signal }),
};

/** Resolves with true when `work` settles within `limitMs` and before `hurry` aborts, with false otherwise. `Infinity` is no limit. */
export async function settlesWithin(
  work: Promise<unknown>,
  limitMs: number,
  clock: HostClock,
  hurry?: AbortSignal,
): Promise<boolean> {
  const settled = new AbortController();
  const done = work.then(
    () => true,
    () => true,
  );
  const limit = new Promise<false>((resolve) => {
    const giveUp = () => resolve(false);
    if (hurry?.aborted) giveUp();
    hurry?.addEventListener('abort', giveUp, { once: true, signal: settled.signal });
    if (Number.isFinite(limitMs)) clock.sleep(limitMs, settled.signal).then(giveUp, giveUp);
  });
  const inTime = await Promise.race([done, limit]);
  settled.abort();
  return inTime;
}
