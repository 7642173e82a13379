import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../../../infra/local/storage/queues-and-tables.ts';
import { TableLedger } from '../../../../../shared/azure/storage/table-ledger.ts';
import type { EntryState } from '../../../../../shared/ring/model/outcome.ts';
import type {
  LedgerEntry,
  OutcomePage,
  PartKey,
  PartRecord,
} from '../../../../../shared/ring/ports/ledger.ts';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const storage = new LocalStorage();
let ledger: TableLedger;

function tableOf(connectionString: string, table = 'simringledger', maxRetries = 3): TableClient {
  const options = { allowInsecureConnection: true, retryOptions: { maxRetries } };
  return TableClient.fromConnectionString(connectionString, table, options);
}

function ledgerOf(...at: Parameters<typeof tableOf>): TableLedger {
  return new TableLedger(tableOf(...at));
}

beforeAll(async () => {
  await storage.start();
  await createQueuesAndTables(storage.connectionString, { queues: [], tables: ['simringledger'] });
  ledger = ledgerOf(storage.connectionString);
});
afterAll(() => storage.stop());

const first = { generation: 0, digest: 'abc' };

/** Writes over what is there, whatever it is. */
async function writeAll(key: PartKey, entries: readonly LedgerEntry[]): Promise<void> {
  const etags = new Map((await ledger.readEntries(key)).map(({ entry, etag }) => [entry, etag]));
  for (let start = 0; start < entries.length; start += 100) {
    const chunk = entries
      .slice(start, start + 100)
      .map((entry) => ({ ...entry, etag: etags.get(entry.entry) ?? '' }));
    expect(await ledger.writeEntries(key, chunk)).not.toBe('conflict');
  }
}

function entriesOf(count: number): readonly LedgerEntry[] {
  return Array.from({ length: count }, (_, entry) => ({
    entry,
    user: `sip:user-${entry}@contoso.com`,
    ref: `E${entry}`,
    ...first,
  }));
}

function applied(entry: LedgerEntry): LedgerEntry {
  return { ...entry, outcome: outcomeOf('applied', { user: entry.user, verified: true }) };
}

async function withoutEtags(key: { batch: string; part: number }): Promise<readonly LedgerEntry[]> {
  return (await ledger.readEntries(key)).map(({ etag: _etag, ...entry }) => entry);
}

async function pagesOf(
  batch: string,
  options: { outcome?: EntryState; limit: number },
): Promise<readonly OutcomePage['outcomes'][]> {
  const pages: OutcomePage['outcomes'][] = [];
  let continuation: string | undefined;
  do {
    const page = await ledger.readPage(batch, {
      ...options,
      ...(continuation === undefined ? {} : { continuation }),
    });
    pages.push(page.outcomes);
    continuation = page.continuation;
  } while (continuation !== undefined);
  return pages;
}

describe('the entries of a part', () => {
  it('are inserted once, more than a transaction holds, and read in order', async () => {
    const key = { batch: 'many', part: 0 };
    const entries = entriesOf(250);
    expect(await ledger.insertEntries(key, entries)).toHaveLength(250);
    expect(await withoutEtags(key)).toEqual(entries);
  });

  it('stay as they are where they are inserted again', async () => {
    const key = { batch: 'again', part: 0 };
    const entries = entriesOf(120);
    await ledger.insertEntries(key, entries);
    await writeAll(key, entries.slice(0, 10).map(applied));
    const before = await ledger.readEntries(key);
    const answered = await ledger.insertEntries(key, entries.map(applied));
    expect(answered).toEqual(before);
    expect(await ledger.readEntries(key)).toEqual(before);
  });

  it('are made whole where a crash left only some', async () => {
    const key = { batch: 'torn', part: 0 };
    const entries = entriesOf(250);
    await ledger.insertEntries(key, entries.slice(0, 100));
    await writeAll(key, entries.slice(0, 5).map(applied));
    const stored = await ledger.insertEntries(key, entries);
    expect(stored).toHaveLength(250);
    expect(stored.filter(({ outcome }) => outcome !== undefined)).toHaveLength(5);
    expect(await withoutEtags(key)).toEqual([...entries.slice(0, 5).map(applied), ...entries.slice(5)]);
  });

  it('are inserted once by two who meet', async () => {
    const key = { batch: 'meeting', part: 0 };
    const entries = entriesOf(250);
    const both = await Promise.all([ledger.insertEntries(key, entries), ledger.insertEntries(key, entries)]);
    for (const stored of both)
      expect(stored.map(({ entry }) => entry)).toEqual(entries.map(({ entry }) => entry));
    expect(await withoutEtags(key)).toEqual(entries);
  });

  it('are none where there is no part, and none of another', async () => {
    await ledger.insertEntries({ batch: 'hr', part: 1 }, entriesOf(1));
    await ledger.insertEntries({ batch: 'hr-1', part: 0 }, entriesOf(2));
    expect(await ledger.readEntries({ batch: 'hr', part: 0 })).toEqual([]);
    expect(await ledger.readEntries({ batch: 'hr', part: 1 })).toHaveLength(1);
    expect(await ledger.readEntries({ batch: 'HR', part: 1 })).toEqual([]);
  });

  it('hold users and keys of any letters', async () => {
    const key = { batch: 'letters', part: 0 };
    const texts = [
      "o'brien@contoso.com",
      "''; --",
      '漢字',
      '😀👩‍👩‍👧',
      'é\u0301',
      '"\\{}',
      '<&>',
      '%00',
      'a\tb\nc',
      ' x ',
      '',
    ];
    const entries = texts.map((text, entry) => ({ entry, user: text, ref: text, ...first }));
    const done = entries.map((entry) => ({
      ...entry,
      outcome: outcomeOf('failed', { user: entry.user, detail: `Of ${entry.ref}.`, code: 'ucwa-rejected' }),
    }));
    await ledger.insertEntries(key, entries);
    expect(await withoutEtags(key)).toEqual(entries);
    await writeAll(key, done);
    expect(await withoutEtags(key)).toEqual(done);
    expect((await ledger.readPage('letters', { limit: 100 })).outcomes).toEqual(
      done.map((entry) => ({ ...entry, part: 0 })),
    );
  });
});

describe('entries that are written again', () => {
  async function inserted(batch: string, count: number) {
    const key = { batch, part: 0 };
    return { key, stored: await ledger.insertEntries(key, entriesOf(count)) };
  }

  it('have the etag that their insertion and each write told', async () => {
    const { key, stored } = await inserted('told', 3);
    expect(await ledger.readEntries(key)).toEqual(stored);
    const etags = await ledger.writeEntries(
      key,
      stored.map((entry) => ({ ...entry, generation: 1 })),
    );
    if (etags === 'conflict') throw new Error('The first write is alone.');
    const next = stored.map((entry) => ({ ...entry, generation: 1, etag: etags.get(entry.entry) ?? '' }));
    expect(await ledger.readEntries(key)).toEqual(next);
    expect(
      await ledger.writeEntries(
        key,
        next.map(applied).map((entry, index) => ({ ...entry, etag: next[index]?.etag ?? '' })),
      ),
    ).not.toBe('conflict');
  });

  it('are written all or none, where one of them changed', async () => {
    const { key, stored } = await inserted('all-or-none', 100);
    const [one] = stored.slice(50);
    if (one === undefined) throw new Error('There are a hundred.');
    await ledger.writeEntries(key, [{ ...one, generation: 5 }]);
    const before = await ledger.readEntries(key);
    expect(
      await ledger.writeEntries(
        key,
        stored.map((entry) => ({ ...entry, generation: 1 })),
      ),
    ).toBe('conflict');
    expect(await ledger.readEntries(key)).toEqual(before);
  });

  it('conflict where they were purged meanwhile', async () => {
    const gone = entriesOf(1).map((entry) => ({
      ...entry,
      etag: 'W/"datetime\'2026-11-23T09%3A00%3A00.0000000Z\'"',
    }));
    expect(await ledger.writeEntries({ batch: 'purged', part: 0 }, gone)).toBe('conflict');
  });
});

describe('batches', () => {
  it('are entered once, and stay as they were first', async () => {
    const first = { batch: 'entered', createdAtMs: 5_000, cancelled: false };
    expect(await ledger.registerBatch('entered', 5_000)).toEqual(first);
    expect(await ledger.registerBatch('entered', 9_000)).toEqual(first);
    expect(await ledger.readBatch('entered')).toEqual(first);
    expect(await ledger.readBatch('nothing')).toBeUndefined();
  });

  it('are cancelled where they are there, and stay so', async () => {
    await ledger.registerBatch('cancelled', 5_000);
    expect(await ledger.cancelBatch('cancelled')).toBe(true);
    expect(await ledger.cancelBatch('cancelled')).toBe(true);
    expect(await ledger.registerBatch('cancelled', 6_000)).toMatchObject({ cancelled: true });
    expect(await ledger.cancelBatch('nothing')).toBe(false);
    expect(await ledger.readBatch('nothing')).toBeUndefined();
  });

  it('are listed newest first, a page at a time, and are no parts', async () => {
    const newest = Date.parse('2030-01-01T00:00:00Z');
    for (const [index, batch] of ['b', 'c', 'a', 'd'].entries())
      await ledger.registerBatch(batch, newest + index);
    const first = await ledger.listBatches({ limit: 3 });
    expect(first.batches).toEqual(['d', 'a', 'c']);
    const { continuation } = first;
    if (continuation === undefined) throw new Error('There are more.');
    expect((await ledger.listBatches({ limit: 1, continuation })).batches).toEqual(['b']);
    expect(await ledger.readParts('a')).toEqual([]);
  });
});

describe('outcomes', () => {
  it('are written over what was there, more than a transaction holds', async () => {
    const key = { batch: 'outcomes', part: 7 };
    const entries = entriesOf(230);
    await ledger.insertEntries(key, entries);
    await writeAll(
      key,
      entries.map((entry) => ({ ...entry, outcome: outcomeOf('deferred') })),
    );
    await writeAll(key, entries.map(applied));
    expect(await withoutEtags(key)).toEqual(entries.map(applied));
    await writeAll(key, []);
  });

  it('are paged through in order, over parts, each once', async () => {
    const parts = [0, 1, 2];
    for (const part of parts) {
      const key = { batch: 'paged', part };
      await ledger.insertEntries(key, entriesOf(70));
      await writeAll(
        key,
        entriesOf(70)
          .filter(({ entry }) => entry % 7 === part)
          .map(applied),
      );
    }
    await ledger.insertEntries({ batch: 'paged-2', part: 0 }, entriesOf(3));
    const places = (pages: readonly OutcomePage['outcomes'][]) =>
      pages.flat().map(({ part, entry }) => `${part}/${entry}`);
    const all = parts.flatMap((part) => entriesOf(70).map(({ entry }) => `${part}/${entry}`));
    for (const limit of [1000, 210, 100, 33]) {
      const pages = await pagesOf('paged', { limit });
      expect(places(pages)).toEqual(all);
      for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
    }
    const done = await pagesOf('paged', { limit: 8, outcome: 'applied' });
    expect(places(done)).toEqual(all.filter((place) => Number(place[0]) === Number(place.split('/')[1]) % 7));
    const open = await pagesOf('paged', { limit: 50, outcome: 'pending' });
    expect(open.flat()).toHaveLength(180);
    expect(await pagesOf('paged', { limit: 10, outcome: 'failed' })).toEqual([[]]);
  });

  it('are paged through beyond what storage answers at once', async () => {
    const key = { batch: 'long', part: 0 };
    await ledger.insertEntries(key, entriesOf(1_050));
    const pages = await pagesOf('long', { limit: 600 });
    expect(pages.map((page) => page.length)).toEqual([600, 450]);
    expect(await ledger.readEntries(key)).toHaveLength(1_050);
  });

  it('of no batch are none', async () => {
    expect(await ledger.readPage('nothing', { limit: 10 })).toEqual({ outcomes: [] });
  });
});

describe('a part as a whole', () => {
  const record: PartRecord = {
    part: 0,
    parts: 3,
    entries: 400,
    digest: 'd',
    requestedAtMs: Date.parse('2026-11-23T09:00:00Z'),
    enteredAtMs: Date.parse('2026-11-23T09:00:01Z'),
    counts: { applied: 10, pending: 390 },
    finished: false,
    source: 'workday 😀',
  };

  it('is written and read, with or without what its sender told', async () => {
    const bare = {
      part: 5,
      entries: 1,
      digest: 'd',
      requestedAtMs: 0,
      enteredAtMs: 0,
      counts: {},
      finished: true,
    };
    for (const written of [record, bare]) {
      await ledger.writePart('whole', written, undefined);
      const key = { batch: 'whole', part: written.part };
      expect(await ledger.readPart(key)).toEqual({ ...written, etag: expect.any(String) });
    }
    expect(await ledger.readPart({ batch: 'whole', part: 1 })).toBeUndefined();
  });

  it('is written on the condition that nothing changed', async () => {
    const first = await ledger.writePart('conditional', record, undefined);
    if (first === 'conflict') throw new Error('The first write is alone.');
    expect(await ledger.writePart('conditional', record, undefined)).toBe('conflict');
    const second = await ledger.writePart('conditional', { ...record, finished: true }, first.etag);
    expect(second).toEqual({ etag: expect.any(String) });
    expect(await ledger.writePart('conditional', record, first.etag)).toBe('conflict');
    const stored = await ledger.readPart({ batch: 'conditional', part: 0 });
    expect(stored).toEqual({ ...record, finished: true, ...(second === 'conflict' ? {} : second) });
  });

  it('is listed with the others of its batch, by number', async () => {
    for (const part of [10, 2, 0]) await ledger.writePart('listed', { ...record, part }, undefined);
    await ledger.insertEntries({ batch: 'listed', part: 0 }, entriesOf(2));
    expect((await ledger.readParts('listed')).map(({ part }) => part)).toEqual([0, 2, 10]);
    expect(await ledger.readParts('liste')).toEqual([]);
  });
});

describe('what storage holds and nobody can read', () => {
  const odd: readonly [
    string,
    { partitionKey: string; rowKey: string },
    (of: TableLedger) => Promise<unknown>,
  ][] = [
    [
      'an entry',
      { partitionKey: 'odd|000000', rowKey: '000000' },
      (of) => of.readEntries({ batch: 'odd', part: 0 }),
    ],
    ['a part', { partitionKey: 'odd', rowKey: '000001' }, (of) => of.readParts('odd')],
    ['a page', { partitionKey: 'odd|000002', rowKey: '000000' }, (of) => of.readPage('odd', { limit: 10 })],
  ];

  it.each(odd)('is no failure of storage: %s', async (_what, keys, read) => {
    await tableOf(storage.connectionString).createEntity(keys);
    await expect(read(ledger)).rejects.toMatchObject({ name: 'ZodError' });
  });
});

describe('storage that fails', () => {
  const key = { batch: 'x', part: 0 };
  const record = {
    part: 0,
    entries: 1,
    digest: 'd',
    requestedAtMs: 0,
    enteredAtMs: 0,
    counts: {},
    finished: false,
  };
  const calls: readonly [string, (of: TableLedger) => Promise<unknown>][] = [
    ['reads of entries', (of) => of.readEntries(key)],
    ['inserts', (of) => of.insertEntries(key, entriesOf(1))],
    [
      'outcomes',
      (of) =>
        of.writeEntries(key, [
          { ...applied(entriesOf(1)[0] ?? { entry: 0, user: '', ...first }), etag: '*' },
        ]),
    ],
    ['batches', (of) => of.registerBatch('x', 1)],
    ['cancelling', (of) => of.cancelBatch('x')],
    ['the list of batches', (of) => of.listBatches({ limit: 10 })],
    ['reads of a part', (of) => of.readPart(key)],
    ['writes of a part', (of) => of.writePart('x', record, undefined)],
    ['changes of a part', (of) => of.writePart('x', record, '*')],
    ['reads of parts', (of) => of.readParts('x')],
    ['pages', (of) => of.readPage('x', { limit: 10 })],
  ];

  it.each(calls)('is told for %s where the table is not there', async (_what, call) => {
    await expect(call(ledgerOf(storage.connectionString, 'nosuchtable'))).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      message: expect.stringContaining('404 TableNotFound'),
    });
  });

  it.each(calls)('is told for %s where it was stopped', async (_what, call) => {
    await storage.stop();
    const unreachable = ledgerOf(storage.connectionString, 'simringledger', 0);
    await expect(call(unreachable)).rejects.toThrow(StorageUnavailableError);
    await expect(call(unreachable)).rejects.toThrow('no response ECONNREFUSED');
  });
});
