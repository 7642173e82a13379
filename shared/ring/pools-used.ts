import { LRUCache } from 'lru-cache';

/** Who hears which hosts served somebody. */
export interface PoolsUsed {
  note(hosts: Iterable<string>): void;
}

/** An alert looks for hosts that failed and have served nobody since: it is told again as long as they do. */
const tellEveryMs = 5 * 60_000;

const hostsAtMost = 1_000;

/** Tells of each host that served somebody, once in five minutes. */
export function tellPoolsUsed(clock: { nowMs(): number }, tell: (host: string) => void): PoolsUsed {
  const toldAtMs = new LRUCache<string, number>({ max: hostsAtMost });
  return {
    note: (hosts) => {
      const nowMs = clock.nowMs();
      for (const host of hosts) {
        if (nowMs - (toldAtMs.get(host) ?? Number.NEGATIVE_INFINITY) < tellEveryMs) continue;
        toldAtMs.set(host, nowMs);
        tell(host);
      }
    },
  };
}
