import { LRUCache } from 'lru-cache';
import type { Log } from '../ports/events.ts';

/** Who hears which hosts served somebody. */
export interface HostsServed {
  note(hosts: Iterable<string>, log: Log): void;
}

/** An alert looks for hosts that failed and have served nobody since: it is told again as long as they do. */
const tellEveryMs = 5 * 60_000;

const hostsAtMost = 1_000;

/** Logs each host that served somebody, once in five minutes. */
export function createHostsServed(clock: { nowMs(): number }): HostsServed {
  const toldAtMs = new LRUCache<string, number>({ max: hostsAtMost });
  return {
    note: (hosts, log) => {
      const nowMs = clock.nowMs();
      for (const host of hosts) {
        if (nowMs - (toldAtMs.get(host) ?? Number.NEGATIVE_INFINITY) < tellEveryMs) continue;
        toldAtMs.set(host, nowMs);
        log({ event: 'pool-used', level: 'info', host });
      }
    },
  };
}
