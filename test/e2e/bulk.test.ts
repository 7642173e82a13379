import { TableClient } from '@azure/data-tables';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Batch, type BatchOutcome, batchSchema } from '../../infra/local/demo/batch.ts';
import { readLocalUsers } from '../../infra/local/local-users.ts';
import { sampleEntries } from '../../infra/local/sample/users.ts';
import { eventually, System } from '../support/e2e/system.ts';

const users = readLocalUsers(undefined);
const summarySchema = z.object({
  schema: z.literal('simring/results/1'),
  id: z.string(),
  batch: z.string(),
  part: z.number(),
  counts: z.record(z.string(), z.number()),
  failed: z.array(z.object({ entry: z.number(), ref: z.string(), code: z.string() })),
});

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

let system: System;

beforeAll(async () => {
  system = await System.start(users);
});

afterEach(() => system.expectAgreement());
afterAll(() => system?.stop());

describe('the sample file sent as a queue message', () => {
  let outcomes: readonly BatchOutcome[];
  let batch: Batch;

  beforeAll(async () => {
    await send({ schema: 'simring/bulk/1', batch: 'sample', parts: 1, source: 'hr', entries: sampleEntries });
    batch = await finishedBatch('sample');
    outcomes = await readOutcomes('/api/bulk/sample?limit=100');
  });

  it('ends with 250 outcomes, one for each entry', () => {
    expect(outcomes.map(({ entry }) => entry)).toEqual(sampleEntries.map((_, index) => index));
    expect(sum(batch.counts)).toBe(250);
    expect(batch.counts['pending']).toBeUndefined();
  });

  it('has counts that match its outcomes', () => {
    const counted: Record<string, number> = {};
    for (const { outcome = '' } of outcomes) counted[outcome] = (counted[outcome] ?? 0) + 1;
    expect(counted).toEqual(batch.counts);
  });

  it('has outcomes that agree with the server for each user', async () => {
    await system.expectAgreement();
  });

  it('can be filtered by outcome', async () => {
    const failed = await readOutcomes('/api/bulk/sample?outcome=failed&limit=2');
    expect(failed).toHaveLength(batch.counts['failed'] ?? -1);
    expect(new Set(failed.map(({ outcome }) => outcome))).toEqual(new Set(['failed']));
  });

  it('leads to one summary with the same counts', async () => {
    const { receivedMessageItems } = await system
      .queue('simring-results')
      .receiveMessages({ numberOfMessages: 32 });
    const summaries = receivedMessageItems
      .map(({ messageText }) =>
        summarySchema.parse(JSON.parse(Buffer.from(messageText, 'base64').toString('utf8'))),
      )
      .filter((summary) => summary.batch === 'sample');
    expect(summaries).toHaveLength(1);
    expect(summaries[0]?.counts).toEqual(batch.counts);
    expect(summaries[0]?.failed).toHaveLength(
      (batch.counts['failed'] ?? 0) + (batch.counts['rejected'] ?? 0),
    );
  });

  it('leaves no secret in output, responses or tables, and no phone number in the output', async () => {
    const texts = {
      printed: system.functions.output,
      responses: system.responses,
      stored: await readTables(),
    };
    const secrets = [...users.map(({ password }) => password), 'cwt=', 'eyJhbGci', 'Bearer '];
    for (const [name, text] of Object.entries(texts)) {
      const leaked = secrets.filter((secret) => text.includes(secret));
      expect(leaked, name).toEqual([]);
    }
    const digitsPrinted = texts.printed.replace(/[-\s().]/g, '');
    const numbers = sampleEntries.flatMap(({ target = '' }) =>
      target.includes('@') ? [] : [target.replace(/\D/g, '')],
    );
    expect(numbers.filter((digits) => digits.length >= 7 && digitsPrinted.includes(digits))).toEqual([]);
  });
});

describe('a queue message', () => {
  it('may be plain JSON instead of base64', async () => {
    const entries = [{ user: 'alice.bauer@contoso.com', target: '+1 425 555 0100', ref: 'E1' }];
    await system
      .queue('simring-bulk')
      .sendMessage(JSON.stringify({ schema: 'simring/bulk/1', batch: 'plain', entries }));
    await finishedBatch('plain');
    const [outcome] = await readOutcomes('/api/bulk/plain');
    expect(outcome).toMatchObject({ ref: 'E1', user: 'sip:alice.bauer@contoso.com', verified: true });
  });

  it('may have CR LF between its properties, and names as another language writes them', async () => {
    const entries = { User: 'alice.bauer@contoso.com', Ring: 'Off', Ref: 1042, Target: null };
    const message = {
      Schema: 'simring/bulk/1',
      Batch: 'lines',
      $AzureWebJobsParentId: '1',
      Entries: entries,
    };
    const text = JSON.stringify(message, undefined, 2).replaceAll('\n', '\r\n');
    await system.queue('simring-bulk').sendMessage(text);
    await finishedBatch('lines');
    expect(await readOutcomes('/api/bulk/lines')).toMatchObject([{ ref: '1042', ring: 'off' }]);
  });

  it.each([
    ['that is not JSON', 'hello'],
    ['that is a number', '123'],
    ['that is null', 'null'],
    ['that names no batch', '{"schema":"simring/bulk/1","entries":[{"user":"a@contoso.com"}]}'],
    ['with properties that hide trigger metadata', '{"dequeueCount":"many","insertionTime":"soon"}'],
  ])('%s goes unchanged to the poison queue', async (_name, text) => {
    await system.queue('simring-bulk').sendMessage(text);
    const poison = system.queue('simring-bulk-poison');
    const seen = await eventually(
      async () =>
        (await poison.peekMessages({ numberOfMessages: 32 })).peekedMessageItems.map(
          ({ messageText }) => messageText,
        ),
      (texts) => texts.includes(text),
    );
    expect(seen).toContain(text);
    expect(system.functions.output).toContain('message-poisoned');
  });

  it.each([
    ['of an unknown schema', '{"schema":"simring/bulk/2","batch":"x","entries":[]}', 'schema'],
    [
      'with an unknown property',
      '{"schema":"simring/bulk/1","batch":"x","colour":1,"entries":[{"user":"a@contoso.com"}]}',
      'colour',
    ],
  ])('%s ends in the batch that it names, and its sender hears', async (_name, text, named) => {
    const { messageId } = await system.queue('simring-bulk').sendMessage(text);
    const rejected = { messageId, reason: expect.stringContaining(named), at: expect.any(String) };
    const { body } = await eventually(
      () => system.call('GET', '/api/bulk/x'),
      ({ text: shown }) => shown.includes(messageId),
    );
    expect(body).toMatchObject({ finished: false, entries: 0 });
    expect(body).toHaveProperty('rejectedMessages', expect.arrayContaining([rejected]));
    const summaries = await eventually(
      async () =>
        (await system.queue('simring-results').peekMessages({ numberOfMessages: 32 })).peekedMessageItems,
      (items) => items.some(({ messageText }) => decoded(messageText).includes(messageId)),
    );
    expect(summaries.map(({ messageText }) => decoded(messageText)).join()).toContain(
      `x/rejected/${messageId}`,
    );
  });

  it('ends its invalid entries as rejected with all reasons, and processes the others', async () => {
    const entries = [
      { user: 'nobody', target: '+44 12', shoe: 43, ref: 'wrong' },
      'not an entry',
      { user: 'ben.carter@contoso.com', ring: 'off', ref: 'right' },
    ];
    await send({ schema: 'simring/bulk/1', batch: 'mixed', entries });
    await finishedBatch('mixed');
    const outcomes = await readOutcomes('/api/bulk/mixed');
    expect(outcomes.map(({ outcome }) => outcome).slice(0, 2)).toEqual(['rejected', 'rejected']);
    expect(outcomes[0]?.detail).toMatch(/\/shoe.*\/target|\/target.*\/shoe/);
    expect(outcomes[2]?.outcome).not.toBe('rejected');
  });
});

async function send(message: unknown): Promise<void> {
  await system.queue('simring-bulk').sendMessage(Buffer.from(JSON.stringify(message)).toString('base64'));
}

async function finishedBatch(name: string): Promise<Batch> {
  const response = await eventually(
    () => system.call('GET', `/api/bulk/${name}`),
    ({ status, body }) => status === 200 && batchSchema.parse(body).finished,
  );
  return batchSchema.parse(response.body);
}

async function readOutcomes(path: string): Promise<readonly BatchOutcome[]> {
  const outcomes: BatchOutcome[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const page: Batch = batchSchema.parse((await system.call('GET', next)).body);
    outcomes.push(...page.outcomes);
    next = page.next;
  }
  return outcomes;
}

async function readTables(): Promise<string> {
  const stored: string[] = [];
  for (const table of ['simringledger', 'simringusers']) {
    const connection = system.services.environment['BulkStorage'] ?? '';
    const client = TableClient.fromConnectionString(connection, table, { allowInsecureConnection: true });
    for await (const entity of client.listEntities()) stored.push(JSON.stringify(entity));
  }
  return stored.join('\n');
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
