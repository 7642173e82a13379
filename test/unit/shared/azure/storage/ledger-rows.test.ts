import { describe, expect, it } from 'vitest';
import {
  entryEntity,
  partEntity,
  readBatch,
  readEntry,
  readPart,
} from '../../../../../shared/azure/storage/ledger-rows.ts';
import { stateOf } from '../../../../../shared/ring/ports/ledger.ts';
import { storedRows } from '../../../../support/azure/stored-by-0-1.ts';

const read = { etag: 'e', timestamp: '2026-11-23T09:00:00Z', 'odata.metadata': 'x' };
const entryRows = storedRows.ledger.filter(({ partitionKey }) => /.\|/.test(partitionKey));
const partRows = storedRows.ledger.filter(({ rowKey }) => /^\d{6}$/.test(rowKey));
const batchRows = storedRows.ledger.filter(({ rowKey }) => rowKey === '!batch');

const entryRow = {
  ...read,
  partitionKey: 'hr|000003',
  rowKey: '000017',
  user: 'sip:alice@contoso.com',
  hop: 1,
  digest: 'abc',
  outcome: 'pending',
};
const partRow = {
  ...read,
  partitionKey: 'hr',
  rowKey: '000003',
  entries: 5,
  digest: 'abc',
  requestedAtMs: 1,
  enteredAtMs: 2,
  finished: false,
  counts: '{"applied":2,"pending":3}',
};

describe('the row of an entry', () => {
  it('that 0.1 wrote is written again as it was', () => {
    expect(entryRows.length).toBeGreaterThan(100);
    for (const row of entryRows) {
      const { part, etag: _etag, ...entry } = readEntry({ ...row, ...read });
      const [batch = ''] = row.partitionKey.split('|');
      const { code, ...entity }: Record<string, unknown> = entryEntity({ batch, part }, entry);
      expect({ ...entity, ...(code === undefined ? {} : { code }) }).toEqual(row);
    }
  });

  it('keeps the columns that only a newer version knows', () => {
    const { part, etag, ...entry } = readEntry({ ...entryRow, dueAt: '2026-12-01T00:00:00Z', undoneBy: 7 });
    expect({ part, etag }).toEqual({ part: 3, etag: 'e' });
    expect(entryEntity({ batch: 'hr', part }, entry)).toMatchObject({
      dueAt: '2026-12-01T00:00:00Z',
      undoneBy: 7,
      outcome: 'pending',
    });
  });

  it('is open if only a newer version knows its outcome', () => {
    const result = JSON.stringify({ user: 'sip:alice@contoso.com', outcome: 'dreamt', of: 'x' });
    const entry = readEntry({ ...entryRow, outcome: 'dreamt', result });
    expect(entry).not.toHaveProperty('outcome');
    expect(stateOf(entry)).toBe('pending');
  });

  it.each<[string, object]>([
    ['without a user', { user: undefined }],
    ['without a generation', { hop: undefined }],
    ['with a result that is not JSON', { result: '{' }],
    ['with a result that is not an outcome', { result: '{"outcome":"applied"}' }],
  ])('is refused %s', (_how, columns) => {
    expect(() => readEntry({ ...entryRow, ...columns })).toThrow(
      expect.objectContaining({ name: 'ZodError' }),
    );
  });
});

describe('the row of a part', () => {
  it('that 0.1 wrote is written again as it was', () => {
    expect(partRows.length).toBeGreaterThan(20);
    for (const row of partRows.filter(({ partitionKey }) => !partitionKey.includes('|'))) {
      const { etag: _etag, ...record } = readPart({ ...row, ...read });
      expect(partEntity(row.partitionKey, record)).toEqual(row);
    }
  });

  it('keeps the columns that only a newer version knows', () => {
    const { etag: _etag, ...record } = readPart({ ...partRow, by: 'app-1', undoes: 'hr-0' });
    expect(partEntity('hr', record)).toMatchObject({ by: 'app-1', undoes: 'hr-0', entries: 5 });
  });

  it('counts entries as pending if only a newer version knows their state', () => {
    const { counts } = readPart({ ...partRow, counts: '{"applied":1,"dreamt":2,"pending":2}' });
    expect(counts).toEqual({ applied: 1, pending: 4 });
  });
});

describe('the row of a batch', () => {
  it('that 0.1 wrote is read', () => {
    expect(batchRows.length).toBeGreaterThan(20);
    for (const row of batchRows) {
      const { partitionKey: batch, createdAtMs, cancelled } = row;
      expect(readBatch(batch, { ...row, ...read })).toEqual({ batch, createdAtMs, cancelled });
    }
  });
});
