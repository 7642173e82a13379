import { expect, it } from 'vitest';
import { tellPoolsUsed } from '../../../../shared/ring/pools-used.ts';
import { FakeClock } from '../../../support/ring/fake-clock.ts';

it('tells of each host that served somebody at once, and again after five minutes', () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const pools = tellPoolsUsed(clock, (host) => void told.push(host));
  pools.note(['a', 'b']);
  clock.passTo(clock.nowMs() + 299_999);
  pools.note(['a', 'c']);
  expect(told.splice(0)).toEqual(['a', 'b', 'c']);
  clock.passTo(clock.nowMs() + 1);
  pools.note(['a', 'c']);
  expect(told).toEqual(['a']);
});
