import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseBatchQuery } from '../../../../../shared/http/batch-query.ts';
import { parseBulkMessage } from '../../../../../shared/ring/batch/message.ts';
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
    expect(issuesShown(parsePutBody(body, undefined, targets))).toEqual([
      ['/ring', '`ring` must be one of contact, delegates, team.'],
      ['/target', '`target` must be a string.'],
      ['/ringDelaySeconds', '`ringDelaySeconds` must be at most 55.'],
      ['/dryRun', '`dryRun` must be true or false.'],
      ['/colour', 'Unknown property: leave it out.'],
    ]);
    const other = { ring: null, target: '', ringDelaySeconds: 0.5 };
    expect(issuesShown(parsePutBody(other, undefined, targets))).toEqual([
      ['/ring', '`ring` must be one of contact, delegates, team.'],
      ['/target', '`target` must not be empty.'],
      ['/ringDelaySeconds', '`ringDelaySeconds` must be a whole number.'],
    ]);
    expect(issuesShown(parsePutBody({ target: '1'.repeat(301) }, undefined, targets))).toEqual([
      ['/target', '`target` must have at most 300 characters.'],
    ]);
    expect(issuesShown(parsePutBody('team', undefined, targets))).toEqual([
      ['', 'This must be a JSON object.'],
    ]);
  });

  it('are sentences for a bulk message', () => {
    expect(issuesShown(parseBulkMessage({ requestedAt: '2026-11-23', part: -1 }))).toEqual([
      ['/schema', '`schema` is missing.'],
      ['/batch', '`batch` is missing.'],
      ['/part', '`part` must be at least 0.'],
      ['/requestedAt', '`requestedAt` must be a time with its zone, such as 2026-11-23T09:00:00Z.'],
      ['/entries', '`entries` is missing.'],
    ]);
    expect(issuesShown(parseBulkMessage('hello'))).toEqual([['', 'This must be a JSON object.']]);
    const other = { schema: 'simring/bulk/2', batch: '.', entries: {} };
    expect(issuesShown(parseBulkMessage(other))).toEqual([
      ['/schema', '`schema` must be simring/bulk/1.'],
      ['/batch', expect.stringMatching(/^The name of a batch must be 1 to 64 /)],
      ['/entries', '`entries` must be a list.'],
    ]);
  });

  it('are sentences for a query', () => {
    expect(issuesShown(parseBatchQuery('hr', { limit: 'all', outcome: 'good' }))).toEqual([
      [
        '/outcome',
        '`outcome` must be one of applied, unchanged, deferred, superseded, cancelled, rejected, failed, pending.',
      ],
      ['/limit', '`limit` must be a number.'],
    ]);
  });
});
