import { setTimeout as delay } from 'node:timers/promises';

/** The time that the host goes by. `sleep` rejects when its signal aborts before the time is over. */
export interface HostClock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
}

// What a timer of Node's holds, over 24 days. Who sleeps longer looks at the clock again.
const longestMs = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: HostClock = {
  now: Date.now,
  sleep: (delayMs, signal) => delay(Math.min(delayMs, longestMs), undefined, { signal }),
};

/** True when `work` settled before `limitMs` were over and before `hurry` aborted; `Infinity` waits without limit. */
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
