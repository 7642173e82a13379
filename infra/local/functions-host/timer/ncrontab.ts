import { HostConfigurationError } from '../app/configuration-error.ts';

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly words?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fields = [
  { name: 'second', first: 0, last: 59 },
  { name: 'minute', first: 0, last: 59 },
  { name: 'hour', first: 0, last: 23 },
  { name: 'day', first: 1, last: 31 },
  { name: 'month', first: 1, last: 12, words: months },
  { name: 'day of the week', first: 0, last: 6, words: days },
] as const satisfies readonly Field[];

const yearsAhead = 10;
const itemPattern = /^(\*|[0-9a-z]+)(?:-([0-9a-z]+))?(?:\/(\d+))?$/;

/**
 * A schedule of six fields, or five without seconds, in UTC
 * (https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions): `*`, lists, ranges,
 * steps and names. Unlike in other crons, a day must match both its fields.
 */
export class Ncrontab {
  readonly #second: ReadonlySet<number>;
  readonly #minute: ReadonlySet<number>;
  readonly #hour: ReadonlySet<number>;
  readonly #day: ReadonlySet<number>;
  readonly #month: ReadonlySet<number>;
  readonly #weekday: ReadonlySet<number>;

  /** Throws a `HostConfigurationError` that names the invalid field. */
  constructor(expression: string) {
    const texts = expression.trim().split(/\s+/);
    if (texts.length === 5) texts.unshift('0');
    if (texts.length !== 6)
      throw new HostConfigurationError(`The schedule "${expression}" must have five or six fields.`);
    const parse = (index: 0 | 1 | 2 | 3 | 4 | 5) => parseField(texts[index] ?? '', fields[index], expression);
    this.#second = parse(0);
    this.#minute = parse(1);
    this.#hour = parse(2);
    this.#day = parse(3);
    this.#month = parse(4);
    this.#weekday = parse(5);
  }

  /** Returns the first matching time after `afterMs`; `Infinity` when none comes within ten years. */
  next(afterMs: number): number {
    const time = new Date(Math.floor(afterMs / 1000) * 1000 + 1000);
    const end = time.getUTCFullYear() + yearsAhead;
    while (time.getUTCFullYear() <= end) {
      if (!this.#month.has(time.getUTCMonth() + 1)) {
        time.setUTCMonth(time.getUTCMonth() + 1, 1);
        time.setUTCHours(0, 0, 0);
      } else if (!this.#day.has(time.getUTCDate()) || !this.#weekday.has(time.getUTCDay())) {
        time.setUTCDate(time.getUTCDate() + 1);
        time.setUTCHours(0, 0, 0);
      } else if (!this.#hour.has(time.getUTCHours())) time.setUTCHours(time.getUTCHours() + 1, 0, 0);
      else if (!this.#minute.has(time.getUTCMinutes())) time.setUTCMinutes(time.getUTCMinutes() + 1, 0);
      else if (!this.#second.has(time.getUTCSeconds())) time.setUTCSeconds(time.getUTCSeconds() + 1);
      else return time.getTime();
    }
    return Number.POSITIVE_INFINITY;
  }
}

function parseField(text: string, field: Field, expression: string): ReadonlySet<number> {
  const values = new Set<number>();
  for (const item of text.toLowerCase().split(',')) {
    const [, from, to, step] = itemPattern.exec(item) ?? [];
    const first = from === '*' ? field.first : parseValue(from, field);
    // `5/10` goes on to the end of the field; `5` alone does not.
    const defaultLast = from === '*' || step !== undefined ? field.last : first;
    const last = to === undefined ? defaultLast : parseValue(to, field);
    const isValid = first >= field.first && last <= field.last && first <= last && step !== '0';
    if (!isValid)
      throw new HostConfigurationError(
        `The schedule "${expression}" has an invalid ${field.name}: "${text}".`,
      );
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

function parseValue(text: string | undefined, { words, first }: Field): number {
  const word = words?.findIndex((name) => text?.startsWith(name)) ?? -1;
  return word >= 0 ? word + first : Number(text);
}
