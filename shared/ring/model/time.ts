import * as z from 'zod';
import { formatTime } from '../../runtime/format-time.ts';
import { failed, type Result, success } from '../../runtime/result.ts';

const example = 'such as 2026-11-23T09:00:00Z';

/** Why a text is not a time that we take. Each completes a sentence that begins with the name of its property. */
const faults = {
  form: `is not a time of ISO 8601 (year-month-day, the time of day, its zone): write it as in 2026-11-23T09:00:00Z`,
  type: `must be a text with a time and its zone, ${example}`,
  range: 'is before the year 0 or after the year 9999 in UTC: check the year and the offset',
  date: `is a date alone: add the time of day and its zone, ${example}`,
  number: `is a number: write a time with its zone, ${example}`,
  zone: 'has no zone: add Z or an offset, such as 2026-11-23T09:00:00+01:00',
  zoneName: 'names its zone in brackets: leave the name out, the offset tells all',
  offset: 'has an offset that does not exist: its hours go to 23, its minutes to 59',
  day: 'is on a day that does not exist: check the month and the day',
  midnight: 'ends a day with 24:00: write 00:00 of the next day',
  leapSecond: 'is a leap second: write second 59, or the next minute',
  clock: 'has a time of day that does not exist: hours go to 23, minutes and seconds to 59',
} as const;

const date = '(?<year>\\d{4})-(?<month>\\d\\d)-(?<day>\\d\\d)';
const clock = '(?<hour>\\d\\d):(?<minute>\\d\\d)(?::(?<second>\\d\\d)(?:[.,](?<fraction>\\d+))?)?';
const zone = '(?: ?(?:[Zz]|(?<sign>[+-])(?<zoneHours>\\d\\d)(?::?(?<zoneMinutes>\\d\\d))?))';

const dateForm = new RegExp(`^${date}$`);
const localForm = new RegExp(`^${date}[Tt ]${clock}$`);
const timeForm = new RegExp(`^${date}[Tt ]${clock}${zone}$`);

/** Requeued messages carry a time in UTC: there it must have a year of four digits, or it could not be read again. */
const earliestMs = Date.parse('0000-01-01T00:00:00Z');
const latestMs = Date.parse('9999-12-31T23:59:59.999Z');

const minuteMs = 60_000;

/**
 * Reads a time of ISO 8601 with its zone, in milliseconds since 1970: seconds may be absent, the offset `+01`, `+0100` or
 * `+01:00`, a blank may stand for `T`, a comma for the decimal point. An error completes a sentence about the property.
 */
export function parseTime(value: unknown): Result<number, string> {
  if (typeof value === 'number') return failed(faults.number);
  if (typeof value !== 'string') return failed(faults.type);
  const text = value.trim();
  const groups = timeForm.exec(text)?.groups;
  if (groups === undefined) return failed(describeOther(text));
  const { year, month, day, hour = '', minute = '', second = '00', fraction = '' } = groups;
  if (hour === '24') return failed(faults.midnight);
  if (second === '60') return failed(faults.leapSecond);
  if (hour > '23' || minute > '59' || second > '59') return failed(faults.clock);
  const { sign, zoneHours = '00', zoneMinutes = '00' } = groups;
  if (zoneHours > '23' || zoneMinutes > '59') return failed(faults.offset);
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const localMs = Date.parse(written);
  // A day that its month does not have is the first of the next month, or not a number.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString() !== written) return failed(faults.day);
  const offsetMs = (Number(zoneHours) * 60 + Number(zoneMinutes)) * minuteMs;
  const ms = sign === '-' ? localMs + offsetMs : localMs - offsetMs;
  return ms >= earliestMs && ms <= latestMs ? success(ms) : failed(faults.range);
}

function describeOther(text: string): string {
  if (/^[+-]?\d+(?:[.,]\d+)?$/.test(text) || text.startsWith('/Date(')) return faults.number;
  if (dateForm.test(text)) return faults.date;
  if (localForm.test(text)) return faults.zone;
  return /^\d{4}-.*\]$/s.test(text) ? faults.zoneName : faults.form;
}

/** How a time must be written, for JSON Schema: what has this form on a day that exists is taken. */
const timeSchemaForm = {
  type: 'string',
  format: 'date-time',
  pattern:
    '^[1-8][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$',
} as const;

/** Returns the schema of a time; what it reads is the same time in UTC. `name` is that of the property. */
export function timeSchema(name: string) {
  const schema = z.unknown().transform((value, context) => {
    const time = parseTime(value);
    if (time.ok) return formatTime(time.value);
    context.addIssue({ code: 'custom', message: `\`${name}\` ${time.error}.` });
    return z.NEVER;
  });
  return schema.meta(timeSchemaForm);
}
