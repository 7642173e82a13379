import { describe, expect, it } from 'vitest';
import type { Log } from '../../../../../shared/ring/ports/events.ts';
import { createHostsServed } from '../../../../../shared/ring/user/hosts-served.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

describe('the hosts that served a user', () => {
  it('are each logged at once, and again after five minutes', () => {
    const clock = new FakeClock();
    const logged: string[] = [];
    const log: Log = (event) => {
      if (event.event === 'pool-used') logged.push(`${event.event} ${event.host}`);
    };
    const hostsServed = createHostsServed(clock);
    hostsServed.note(['a', 'b'], log);
    clock.passTo(clock.nowMs() + 299_999);
    hostsServed.note(['a', 'c'], log);
    expect(logged.splice(0)).toEqual(['pool-used a', 'pool-used b', 'pool-used c']);
    clock.passTo(clock.nowMs() + 1);
    hostsServed.note(['a', 'c'], log);
    expect(logged).toEqual(['pool-used a']);
  });
});
