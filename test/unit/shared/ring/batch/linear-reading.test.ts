import { describe, expect, it } from 'vitest';
import { decodeContent } from '../../../../../shared/ring/batch/message/content.ts';
import { parseQueuedMessage } from '../../../../../shared/ring/batch/message/message.ts';
import { planMessage } from '../../../../../shared/ring/batch/plan.ts';
import { growthOf, linearGrowth } from '../../../../support/growth.ts';

const rules = {
  users: { sipDomains: ['contoso.com'] },
  targets: { defaultCountry: 'US', countries: undefined, sipDomains: undefined },
} as const;

/** Reads a message as a delivery does. */
function read(content: unknown): void {
  const parsed = parseQueuedMessage(content);
  if (parsed.ok && parsed.value.schema === 'simring/bulk/1') planMessage(parsed.value, 0, rules, 'c-1');
}

function messageOf(entry: unknown, more: object = {}): string {
  return JSON.stringify({ schema: 'simring/bulk/1', batch: 'hr', ...more, entries: [entry] });
}

const unknowns = (size: number) =>
  Object.fromEntries(Array.from({ length: size / 8 }, (_, index) => [`p${index}`, 1]));

/** What expressions with several ways to match the same text would take longest for. */
const worst: readonly (readonly [string, (size: number) => string])[] = [
  ['blanks', (size) => ' '.repeat(size)],
  ['blanks with a letter at the end', (size) => `${' '.repeat(size)}!`],
  ['blanks between letters', (size) => `A${' '.repeat(size)}A!`],
  ['base64 with a wrong end', (size) => `${'A'.repeat(size)}!`],
  ['base64 with much padding', (size) => `${'A'.repeat(size)}${'='.repeat(size)}`],
  ['lines', (size) => `${'A\r\n'.repeat(size / 3)}=\r\n!`],
  ['quoted blanks', (size) => JSON.stringify(`${' '.repeat(size)}!`)],
  ['byte order marks', (size) => '\ufeff'.repeat(size)],
  ['open lists', (size) => '['.repeat(size)],
  ['nested lists', (size) => `${'['.repeat(size)}${']'.repeat(size)}`],
  ['a number', (size) => '1'.repeat(size)],
  [
    'a fraction of a second',
    (size) => messageOf({}, { requestedAt: `2026-11-23T09:00:00.${'1'.repeat(size)}` }),
  ],
  ['a batch', (size) => messageOf({}, { batch: `${'a'.repeat(size)}!` })],
  ['unknown properties', (size) => messageOf({}, unknowns(size))],
  ['unknown properties of an entry', (size) => messageOf(unknowns(size))],
  ['a long name of a property', (size) => messageOf({ ['~/'.repeat(size / 2)]: 1 })],
  ['a user', (size) => messageOf({ user: `${'a.'.repeat(size / 2)}@` })],
  ['a user of blanks', (size) => messageOf({ user: `${' '.repeat(size)}@contoso.com` })],
  ['a target of digits', (size) => messageOf({ user: 'a@contoso.com', target: '1'.repeat(size) })],
  ['a target of semicolons', (size) => messageOf({ user: 'a@contoso.com', target: `${';'.repeat(size)}\n` })],
];

describe('reading a message', () => {
  it.each(worst)('takes time in proportion to the length of %s', (_what, inputOf) => {
    expect(growthOf(read, inputOf, 16_000)).toBeLessThan(linearGrowth);
  });

  it('tells the position of an error behind 65,000 blanks', () => {
    expect(decodeContent(`${' '.repeat(65_000)}!`)).toMatchObject({
      error: expect.stringContaining('(line 1, column 65001: a value was expected)'),
    });
  });
});
