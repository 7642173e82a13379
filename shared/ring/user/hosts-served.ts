import { LRUCache } from 'lru-cache';
import type { HostsServed } from '../ports/deps.ts';

/** An alert looks for hosts that failed and have served nobody since, so the event is repeated while a host serves. */
const logEveryMs = 5 * 60_000;

const maxHosts = 1_000;

/** Logs each host that served a user, at most once in five minutes. */
export function createHostsServed(clock: { nowMs(): number }): HostsServed {
  const loggedAtMs = new LRUCache<string, number>({ max: maxHosts });
  return {
    note: (hosts, log) => {
      const nowMs = clock.nowMs();
      for (const host of hosts) {
        if (nowMs - (loggedAtMs.get(host) ?? Number.NEGATIVE_INFINITY) < logEveryMs) continue;
        loggedAtMs.set(host, nowMs);
        log({ event: 'pool-used', level: 'info', host });
      }
    },
  };
}
