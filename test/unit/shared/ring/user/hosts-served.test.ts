import { expect, it } from 'vitest';
import type { Log } from '../../../../../shared/ring/ports/events.ts';
import { createHostsServed } from '../../../../../shared/ring/user/hosts-served.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

it('tells of each host that served somebody at once, and again after five minutes', () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const log: Log = (event) => {
    if (event.event === 'pool-used') told.push(`${event.event} ${event.host}`);
  };
  const pools = createHostsServed(clock);
  pools.note(['a', 'b'], log);
  clock.pass(299_999);
  pools.note(['a', 'c'], log);
  expect(told.splice(0)).toEqual(['pool-used a', 'pool-used b', 'pool-used c']);
  clock.pass(1);
  pools.note(['a', 'c'], log);
  expect(told).toEqual(['pool-used a']);
});
