import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTime } from '../../../../../shared/ring/model/time.ts';
import { growthOf, linearGrowth } from '../../../../support/growth.ts';

function read(value: unknown): string {
  const time = parseTime(value);
  return time.ok ? new Date(time.value).toISOString() : time.error;
}

describe('a time', () => {
  it.each([
    ['2026-11-23T09:00:00Z', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T09:00Z', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T09:00:00z', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23t09:00:00Z', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23 09:00:00Z', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23 09:00:00+00', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23 09:00:00.5 +01:00', '2026-11-23T08:00:00.500Z'],
    [' 2026-11-23T09:00:00Z\r\n', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T09:00:00.1Z', '2026-11-23T09:00:00.100Z'],
    ['2026-11-23T09:00:00.123Z', '2026-11-23T09:00:00.123Z'],
    ['2026-11-23T09:00:00,123Z', '2026-11-23T09:00:00.123Z'],
    ['2026-11-23T09:00:00.1239999Z', '2026-11-23T09:00:00.123Z'],
    ['2026-11-23T09:00:00.0000000+00:00', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T10:00:00+01:00', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T10:00:00+0100', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T10:00:00+01', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T10:00+01', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T14:30:00+05:30', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T02:00:00-07:00', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T09:00:00-00:00', '2026-11-23T09:00:00.000Z'],
    ['2026-11-24T00:30:00+14:00', '2026-11-23T10:30:00.000Z'],
    ['2024-02-29T09:00:00Z', '2024-02-29T09:00:00.000Z'],
    ['0001-01-01T00:00:00+00:00', '0001-01-01T00:00:00.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['0000-01-01T01:00:00+01:00', '0000-01-01T00:00:00.000Z'],
  ])('is read: %s', (text, time) => {
    expect(read(text)).toBe(time);
  });

  it.each<[unknown, string]>([
    ['2026-11-23T09:00:00', 'has no zone'],
    ['2026-11-23 09:00', 'has no zone'],
    ['2026-11-23T09:00:00.123', 'has no zone'],
    ['2026-11-23', 'is a date alone'],
    [1_795_424_400, 'is a number'],
    [1_795_424_400_000, 'is a number'],
    [0, 'is a number'],
    ['1795424400', 'is a number'],
    ['-1', 'is a number'],
    ['1795424400.5', 'is a number'],
    ['46349.375', 'is a number'],
    ['20261123', 'is a number'],
    ['/Date(1795424400000)/', 'is a number'],
    ['2026-02-30T09:00:00Z', 'is on a day that does not exist'],
    ['2026-02-29T09:00:00Z', 'is on a day that does not exist'],
    ['2026-11-31T09:00:00Z', 'is on a day that does not exist'],
    ['2026-13-01T09:00:00Z', 'is on a day that does not exist'],
    ['2026-00-10T09:00:00Z', 'is on a day that does not exist'],
    ['2026-11-00T09:00:00Z', 'is on a day that does not exist'],
    ['2026-11-23T24:00:00Z', 'ends a day with 24:00'],
    ['2026-11-23T25:00:00Z', 'has a time of day that does not exist'],
    ['2026-11-23T09:60:00Z', 'has a time of day that does not exist'],
    ['2026-11-23T09:00:61Z', 'has a time of day that does not exist'],
    ['2016-12-31T23:59:60Z', 'is a leap second'],
    ['2026-11-23T09:00:00+24:00', 'has an offset that does not exist'],
    ['2026-11-23T09:00:00+01:60', 'has an offset that does not exist'],
    ['2026-11-23T09:00:00+01:00[Europe/Berlin]', 'names its zone in brackets'],
    ['2026-11-23T09:00:00 CET', 'is not a time of ISO 8601'],
    ['2026-11-23T09:00:00+1', 'is not a time of ISO 8601'],
    ['23.11.2026 09:00', 'is not a time of ISO 8601'],
    ['11/23/2026 09:00:00', 'is not a time of ISO 8601'],
    ['Mon, 23 Nov 2026 09:00:00 GMT', 'is not a time of ISO 8601'],
    ['+002026-11-23T09:00:00Z', 'is not a time of ISO 8601'],
    ['0000-01-01T00:00:00+00:01', 'is before the year 0 or after the year 9999'],
    ['9999-12-31T23:59:59-00:01', 'is before the year 0 or after the year 9999'],
    ['２０２６-11-23T09:00:00Z', 'is not a time of ISO 8601'],
    ['soon', 'is not a time of ISO 8601'],
    ['', 'is not a time of ISO 8601'],
    [true, 'must be a text with a time and its zone'],
    [{}, 'must be a text with a time and its zone'],
    [undefined, 'must be a text with a time and its zone'],
  ])('is refused for its own reason: %j', (value, reason) => {
    expect(read(value)).toMatch(new RegExp(`^${reason}`));
  });

  it('is read from whatever `toISOString` writes', () => {
    const date = fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31T23:59:59.999Z') });
    fc.assert(
      fc.property(
        date.filter((one) => !Number.isNaN(one.getTime())),
        (one) => {
          expect(parseTime(one.toISOString())).toEqual({ ok: true, value: one.getTime() });
        },
      ),
    );
  });

  it.each<[string, (size: number) => string]>([
    ['a fraction', (size) => `2026-11-23T09:00:00.${'1'.repeat(size)}`],
    ['a bracket', (size) => `2026-${'['.repeat(size)}`],
    ['digits', (size) => `${'1'.repeat(size)}!`],
    ['blanks', (size) => `2026-11-23${' '.repeat(size)}09:00:00Z`],
  ])('takes time in proportion to the length of %s', (_what, textOf) => {
    expect(growthOf(parseTime, textOf, 50_000)).toBeLessThan(linearGrowth);
  });
});
