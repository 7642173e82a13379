import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseBatchQuery } from '../../../../../shared/http/batch-query.ts';
import { parseBulkEntry } from '../../../../../shared/ring/batch/message/entry.ts';
import { parseQueuedMessage, validateBulkMessage } from '../../../../../shared/ring/batch/message/message.ts';
import { parsePutBody } from '../../../../../shared/ring/model/parse-request.ts';
import { issuesOf, parseSchema, type Validated } from '../../../../../shared/ring/model/validation.ts';

const targets = { defaultCountry: undefined, countries: undefined, sipDomains: undefined };

function issuesShown(parsed: Validated<unknown>): readonly (readonly [string, string])[] {
  return issuesOf(parsed).map(({ pointer, detail }) => [pointer, detail]);
}

describe('the issues that a schema finds', () => {
  it('point into lists and nested objects, and name each unknown property', () => {
    const schema = z.strictObject({ list: z.array(z.strictObject({ 'a~/b': z.string() })) });
    const read = parseSchema(schema, { list: [{ 'a~/b': 'x' }, { 'a~/b': 1, c: 1, d: 1 }], e: 1 });
    const pointers = issuesOf(read).map(({ pointer }) => pointer);
    expect(pointers.toSorted()).toEqual(['/e', '/list/1/a~0~1b', '/list/1/c', '/list/1/d']);
  });

  it('are sentences for the body of a PUT', () => {
    const body = { ring: 'everyone', target: 4255550123, ringDelaySeconds: 56, dryRun: 'yes', colour: 'red' };
    expect(issuesShown(parsePutBody(body, undefined, targets, 0))).toEqual([
      ['/ring', '`ring` must be one of contact, delegates, team.'],
      ['/target', '`target` must be a string.'],
      ['/ringDelaySeconds', '`ringDelaySeconds` must be a whole number from 0 to 55.'],
      ['/dryRun', '`dryRun` must be true or false.'],
      [
        '/colour',
        'Unknown property: check its spelling. Allowed: ring, target, ringDelaySeconds, activePeriod, from, until, dryRun.',
      ],
    ]);
    const quoted = { ring: 'team', ringDelaySeconds: '5', dryRun: 'true' };
    expect(issuesShown(parsePutBody(quoted, undefined, targets, 0))).toEqual([
      ['/ringDelaySeconds', '`ringDelaySeconds` must be a whole number from 0 to 55, without quotes.'],
      ['/dryRun', '`dryRun` must be true or false, without quotes.'],
    ]);
    const other = { ring: 7, target: '', ringDelaySeconds: 0.5 };
    expect(issuesShown(parsePutBody(other, undefined, targets, 0))).toEqual([
      ['/ring', '`ring` must be one of contact, delegates, team.'],
      ['/target', '`target` must not be empty.'],
      ['/ringDelaySeconds', '`ringDelaySeconds` must be a whole number from 0 to 55.'],
    ]);
    expect(issuesShown(parsePutBody({ target: '1'.repeat(301) }, undefined, targets, 0))).toEqual([
      ['/target', '`target` must have at most 300 characters.'],
    ]);
    expect(issuesShown(parsePutBody('team', undefined, targets, 0))).toEqual([
      ['', 'The body must be a JSON object such as {"target": "+1 (425) 555-0123"}.'],
    ]);
  });

  it('are sentences for a bulk message', () => {
    expect(issuesShown(validateBulkMessage({ requestedAt: '2026-11-23', part: -1 }))).toEqual([
      ['/schema', '`schema` is missing.'],
      ['/batch', '`batch` is missing.'],
      ['/part', '`part` must be at least 0.'],
      [
        '/requestedAt',
        '`requestedAt` is a date alone: add the time of day and its zone, such as 2026-11-23T09:00:00Z.',
      ],
      ['/entries', '`entries` is missing.'],
    ]);
    expect(issuesShown(validateBulkMessage([]))).toEqual([
      ['', 'The message must be a JSON object with schema, batch and entries.'],
    ]);
    for (const text of ['hello', '"hello"', '{"schema":', Buffer.from('{').toString('base64')]) {
      expect(parseQueuedMessage(text)).toMatchObject({
        error: { detail: expect.stringMatching(/ is not JSON \(line 1, column .* Send a JSON object/) },
      });
    }
    const other = { schema: 'simring/bulk/2', batch: '.', entries: 'none' };
    expect(issuesShown(validateBulkMessage(other))).toEqual([
      ['/schema', '`schema` must be simring/bulk/1.'],
      ['/batch', expect.stringMatching(/^The name of a batch must be 1 to 64 /)],
      ['/entries', '`entries` must be a list.'],
    ]);
  });

  it('are sentences for a query', () => {
    expect(issuesShown(parseBatchQuery({ limit: 'all', outcome: 'good', Outcome: 'x' }))).toEqual([
      [
        '/outcome',
        '`outcome` must be one of applied, unchanged, deferred, scheduled, superseded, cancelled, rejected, failed, pending.',
      ],
      ['/limit', '`limit` must be a number.'],
      [
        '/Outcome',
        'Unknown query parameter: did you mean `outcome`? Allowed: outcome, would, user, limit, continuation.',
      ],
    ]);
  });

  it('point from turning off in a PUT to DELETE', () => {
    expect(issuesShown(parsePutBody({ ring: 'off' }, undefined, targets, 0))).toEqual([
      ['/ring', expect.stringMatching(/ send a DELETE /)],
    ]);
  });
});

describe('an unknown property', () => {
  const known = 'Allowed: ring, target, ringDelaySeconds, activePeriod, from, until, dryRun.';

  it.each([
    ['dryrunn', 'dryRun'],
    ['DRY_RUN', 'dryRun'],
    ['drRun', 'dryRun'],
    ['taget', 'target'],
    ['targets', 'target'],
    ['rign', 'ring'],
    ['ringDelaySecond', 'ringDelaySeconds'],
  ])('of PUT is told the nearest known name: %s', (name, nearest) => {
    expect(
      issuesShown(parsePutBody({ target: '+14255550123', [name]: true }, undefined, targets, 0)),
    ).toEqual([[`/${name}`, `Unknown property: did you mean \`${nearest}\`? ${known}`]]);
  });

  it.each(['delay', 'x', 'r', '__proto__', 'ringDelaySeconds'.repeat(1_000)])(
    'that resembles none is cut and gets the known names alone: %s',
    (name) => {
      const body = JSON.parse(`{"target":"+14255550123","${name}":1}`);
      expect(issuesShown(parsePutBody(body, undefined, targets, 0))).toEqual([
        [`/${name.slice(0, 64)}`, `Unknown property: check its spelling. ${known}`],
      ]);
    },
  );

  it('is told the list once, whatever the number of unknown ones', () => {
    const [first, second] = issuesShown(parsePutBody({ a: 1, b: 2, ring: 'team' }, undefined, targets, 0));
    expect(first?.[1]).toContain(known);
    expect(second?.[1]).toBe('Unknown property: check its spelling.');
  });

  it('of a message or an entry is told none of the names that only we set', () => {
    const told = [
      ...issuesShown(validateBulkMessage({ schema: 'simring/bulk/1', batch: 'hr', entries: [{}], hopp: 1 })),
      ...issuesShown(parseBulkEntry({ user: 'alice@contoso.com', entri: 1 })),
    ];
    expect(told).toEqual([
      [
        '/hopp',
        'Unknown property: check its spelling. Allowed: schema, batch, part, parts, source, requestedAt, dryRun, entries.',
      ],
      [
        '/entri',
        'Unknown property: check its spelling. Allowed: user, ring, target, ringDelaySeconds, activePeriod, from, until, ref.',
      ],
    ]);
  });
});
