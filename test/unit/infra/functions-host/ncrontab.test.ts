import { expect, test } from 'vitest';
import { Ncrontab } from '../../../../infra/local/functions-host/timer/ncrontab.ts';

// 2026-11-23 is a Monday.
test.each([
  ['0 0 3 * * *', '2026-11-23T09:30:00.000Z', '2026-11-24T03:00:00.000Z'],
  ['0 3 * * *', '2026-11-23T09:30:00.000Z', '2026-11-24T03:00:00.000Z'],
  ['*/15 * * * * *', '2026-11-23T09:30:00.000Z', '2026-11-23T09:30:15.000Z'],
  ['0 */5 * * * *', '2026-11-23T09:34:59.999Z', '2026-11-23T09:35:00.000Z'],
  ['0 20/20 * * * *', '2026-11-23T09:50:00.000Z', '2026-11-23T10:20:00.000Z'],
  ['0 0 8-17 * * 1-5', '2026-11-27T17:00:00.000Z', '2026-11-30T08:00:00.000Z'],
  ['0 30 9 * Jan,MAR sunday', '2026-11-23T00:00:00.000Z', '2027-01-03T09:30:00.000Z'],
  ['0 0 0 31 * *', '2026-11-23T00:00:00.000Z', '2026-12-31T00:00:00.000Z'],
  ['0 0 0 29 2 *', '2026-11-23T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
  ['0 0 0 13 * fri', '2026-11-23T00:00:00.000Z', '2027-08-13T00:00:00.000Z'],
  ['59 59 23 31 12 *', '2026-12-31T23:59:59.000Z', '2027-12-31T23:59:59.000Z'],
])('"%s" matches after %s at %s', (expression, after, next) => {
  expect(new Date(new Ncrontab(expression).next(Date.parse(after))).toISOString()).toBe(next);
});

test('returns Infinity for a day that never comes', () => {
  expect(new Ncrontab('0 0 0 30 2 *').next(Date.parse('2026-11-23'))).toBe(Number.POSITIVE_INFINITY);
});

test.each([
  ['* * * *', /must have five or six fields/],
  ['60 * * * * *', /invalid second: "60"/],
  ['0 0 24 * * *', /invalid hour/],
  ['0 0 0 0 * *', /invalid day/],
  ['0 5-1 * * * *', /invalid minute/],
  ['0 */0 * * * *', /invalid minute/],
  ['0 1, * * * *', /invalid minute/],
  ['0 0 0 * * 7', /invalid day of the week/],
  ['0 0 0 * Foo *', /invalid month/],
])('refuses "%s" and names the invalid field', (expression, message) => {
  expect(() => new Ncrontab(expression)).toThrow(message);
});
