import { describe, expect, it } from 'vitest';
import { type Outcome, withoutAttempt } from '../../../shared/ring/model/outcome.ts';
import {
  ContinuationUnknownError,
  type EntryFilter,
  type Ledger,
  type LedgerEntry,
  type OutcomePage,
  type PartRecord,
  type RejectedMessage,
} from '../../../shared/ring/ports/ledger.ts';
import { outcomeOf } from '../ring/outcomes.ts';
import { applied, entriesOf, withoutEtags, writeAll } from './ledger-entries.ts';
import { describeEntries, describeRewrittenEntries } from './ledger-entries-contract.ts';

/** Tests what every ledger does. `open` returns the one under test: it may hold other batches than those named here. */
export function describeLedger(open: () => Ledger): void {
  describeEntries(open);
  describeRewrittenEntries(open);
  describeBatches(open);
  describeOutcomes(open);
  describeFilters(open);
  describeParts(open);
  describeRejectedMessages(open);
}

function describeRejectedMessages(open: () => Ledger): void {
  describe('rejected messages', () => {
    const first: RejectedMessage = {
      messageId: 'b-1',
      part: 2,
      reason: '`schema` is missing. 😀',
      atMs: 5_000,
    };
    const second: RejectedMessage = { messageId: 'a_2', reason: 'Too deep.', atMs: 6_000 };

    it('are added once each, and stay as they were first', async () => {
      await open().addRejectedMessage('refused', first);
      await open().addRejectedMessage('refused', second);
      await open().addRejectedMessage('refused', { ...first, reason: 'Another.', atMs: 9_000 });
      expect(await open().readRejectedMessages('refused', 100)).toEqual([second, first]);
      expect(await open().readRejectedMessages('refused', 1)).toEqual([second]);
      expect(await open().readRejectedMessages('refuse', 100)).toEqual([]);
    });

    it('are neither the batch nor parts nor entries of it', async () => {
      await open().addRejectedMessage('not-parts', first);
      expect(await open().readBatch('not-parts')).toBeUndefined();
      expect(await open().readParts('not-parts')).toEqual([]);
      expect(await open().readEntries({ batch: 'not-parts', part: 2 })).toEqual([]);
      expect(await open().readPage('not-parts', { limit: 10 })).toEqual({ outcomes: [] });
    });
  });
}

function describeBatches(open: () => Ledger): void {
  describe('batches', () => {
    it('are registered once, and stay as they were first', async () => {
      const first = { batch: 'entered', createdAtMs: 5_000, cancelled: false };
      expect(await open().registerBatch('entered', 5_000)).toEqual({ ...first, existed: false });
      expect(await open().registerBatch('entered', 9_000)).toEqual({ ...first, existed: true });
      expect(await open().readBatch('entered')).toEqual(first);
      expect(await open().readBatch('nothing')).toBeUndefined();
    });

    it('keep what was announced when they were submitted, cancelled or not', async () => {
      const submitted = {
        digest: 'd',
        requestedAtMs: 1_795_424_400_000,
        source: 'http',
        parts: 2,
        entries: 500,
      };
      const first = { batch: 'submitted', createdAtMs: 5_000, cancelled: false, submitted };
      expect(await open().registerBatch('submitted', 5_000, submitted)).toEqual({ ...first, existed: false });
      const other = { ...submitted, digest: 'other' };
      expect(await open().registerBatch('submitted', 9_000, other)).toEqual({ ...first, existed: true });
      expect(await open().registerBatch('submitted', 9_000)).toEqual({ ...first, existed: true });
      await open().cancelBatch('submitted');
      expect(await open().readBatch('submitted')).toEqual({ ...first, cancelled: true });
    });

    it('have nothing announced later that was not announced first', async () => {
      await open().registerBatch('queued', 5_000);
      const submitted = { digest: 'd', requestedAtMs: 1, source: 'http', parts: 2, entries: 500 };
      const known = await open().registerBatch('queued', 6_000, submitted);
      expect(known).toEqual({ batch: 'queued', createdAtMs: 5_000, cancelled: false, existed: true });
    });

    it('are announced once where nothing was announced, by one of those that do it at once', async () => {
      await open().registerBatch('announced', 5_000);
      const all = Array.from({ length: 4 }, (_, nth) => ({
        digest: `d-${nth}`,
        requestedAtMs: 1_795_424_400_000,
        parts: 2,
        entries: 3,
        sizes: [2, 1],
      }));
      const told = await Promise.all(all.map((one) => open().announceBatch('announced', 9_000, one)));
      const first = told.filter(({ existed }) => !existed);
      expect(first).toHaveLength(1);
      const { existed: _existed, ...record } = first[0] ?? { existed: true };
      expect(record).toMatchObject({ batch: 'announced', createdAtMs: 5_000, cancelled: false });
      for (const { existed: _any, ...other } of told) expect(other).toEqual(record);
      expect(await open().readBatch('announced')).toEqual(record);
    });

    it('are registered where one that is not there is announced', async () => {
      const submitted = { digest: 'd', requestedAtMs: 1, parts: 1, entries: 1 };
      const first = { batch: 'announced-new', createdAtMs: 5_000, cancelled: false, submitted };
      expect(await open().announceBatch('announced-new', 5_000, submitted)).toEqual({
        ...first,
        existed: false,
      });
      expect((await open().listBatches({ limit: 1_000 })).batches).toContain('announced-new');
    });

    it('are cancelled if they exist, and stay cancelled', async () => {
      await open().registerBatch('cancelled', 5_000);
      expect(await open().cancelBatch('cancelled')).toBe(true);
      expect(await open().cancelBatch('cancelled')).toBe(true);
      expect(await open().registerBatch('cancelled', 6_000)).toMatchObject({ cancelled: true });
      expect(await open().cancelBatch('nothing')).toBe(false);
      expect(await open().readBatch('nothing')).toBeUndefined();
    });

    it('are listed newest first, a page at a time, and do not count as parts', async () => {
      const newest = Date.parse('2030-01-01T00:00:00Z');
      for (const [index, batch] of ['b', 'c', 'a', 'd'].entries())
        await open().registerBatch(batch, newest + index);
      const first = await open().listBatches({ limit: 3 });
      expect(first.batches).toEqual(['d', 'a', 'c']);
      const { continuation } = first;
      if (continuation === undefined) throw new Error('A fourth batch was registered.');
      expect((await open().listBatches({ limit: 1, continuation })).batches).toEqual(['b']);
      expect(await open().readParts('a')).toEqual([]);
    });

    it.each(['x', '', 'bm9uZQ==', 'e30='])(
      'are not listed from a continuation of others: %j',
      async (text) => {
        const page = { limit: 1, continuation: text };
        await expect(open().listBatches(page)).rejects.toThrow(ContinuationUnknownError);
        await expect(open().readPage('a', page)).rejects.toThrow(ContinuationUnknownError);
      },
    );
  });
}

async function pagesOf(
  ledger: Ledger,
  batch: string,
  options: EntryFilter & { limit: number },
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

function describeOutcomes(open: () => Ledger): void {
  describe('outcomes', () => {
    it('are written over earlier ones, more than fit into a transaction', async () => {
      const key = { batch: 'outcomes', part: 7 };
      const entries = entriesOf(230);
      await open().insertEntries(key, entries);
      await writeAll(
        open(),
        key,
        entries.map((entry) => ({ ...entry, outcome: outcomeOf('deferred') })),
      );
      await writeAll(open(), key, entries.map(applied));
      expect(await withoutEtags(open(), key)).toEqual(entries.map(applied));
      await writeAll(open(), key, []);
    });

    it('are paged through in order, over parts, each once', async () => {
      const parts = [0, 1, 2];
      for (const part of parts) {
        const key = { batch: 'paged', part };
        await open().insertEntries(key, entriesOf(70));
        const some = entriesOf(70).filter(({ entry }) => entry % 7 === part);
        await writeAll(open(), key, some.map(applied));
      }
      await open().insertEntries({ batch: 'paged-2', part: 0 }, entriesOf(3));
      const places = (pages: readonly OutcomePage['outcomes'][]) =>
        pages.flat().map(({ part, entry }) => `${part}/${entry}`);
      const all = parts.flatMap((part) => entriesOf(70).map(({ entry }) => `${part}/${entry}`));
      for (const limit of [1000, 210, 100, 33]) {
        const pages = await pagesOf(open(), 'paged', { limit });
        expect(places(pages)).toEqual(all);
        for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
      }
      const done = await pagesOf(open(), 'paged', { limit: 8, outcomes: ['applied'] });
      expect(places(done)).toEqual(
        all.filter((place) => Number(place[0]) === Number(place.split('/')[1]) % 7),
      );
      const pending = await pagesOf(open(), 'paged', { limit: 50, outcomes: ['pending'] });
      expect(pending.flat()).toHaveLength(180);
      expect(await pagesOf(open(), 'paged', { limit: 10, outcomes: ['failed'] })).toEqual([[]]);
    });

    it('are paged through beyond what storage returns at once', async () => {
      const key = { batch: 'long', part: 0 };
      await open().insertEntries(key, entriesOf(1_050));
      const pages = await pagesOf(open(), 'long', { limit: 600 });
      expect(pages.map((page) => page.length)).toEqual([600, 450]);
      expect(await open().readEntries(key)).toHaveLength(1_050);
    });

    it('are empty for a batch that does not exist', async () => {
      expect(await open().readPage('nothing', { limit: 10 })).toEqual({ outcomes: [] });
    });
  });
}

function describeFilters(open: () => Ledger): void {
  describe('the entries that are wanted', () => {
    const dryRun = (would: 'apply' | 'nothing'): Outcome => ({
      ...withoutAttempt('sip:alice@contoso.com', 'c-1'),
      outcome: 'unchanged',
      dryRun: true,
      would,
      previous: { ring: 'off' },
    });
    const kinds: readonly Pick<LedgerEntry, 'user' | 'outcome'>[] = [
      { user: 'sip:alice@contoso.com', outcome: dryRun('apply') },
      { user: 'sip:alan@contoso.com', outcome: dryRun('nothing') },
      { user: 'sip:bob@contoso.com', outcome: outcomeOf('unchanged') },
      { user: 'sip:carol@contoso.com' },
      { user: "al'ice", outcome: outcomeOf('rejected') },
      { user: 'zoë😀', outcome: outcomeOf('rejected') },
    ];

    it.each<[wanted: EntryFilter, entries: readonly number[]]>([
      [{}, [0, 1, 2, 3, 4, 5]],
      [{ outcomes: ['unchanged'] }, [0, 1, 2]],
      [{ outcomes: ['pending'] }, [3]],
      [{ would: 'apply' }, [0]],
      [{ would: 'nothing' }, [1]],
      [{ would: 'apply', outcomes: ['rejected'] }, []],
      [{ user: 'al' }, [0, 1, 4]],
      [{ user: 'al', would: 'nothing' }, [1]],
      [{ user: "al'" }, [4]],
      [{ user: 'bob@contoso.com' }, [2]],
      [{ user: 'zoë😀' }, [5]],
      [{ user: '\u{10ffff}' }, []],
      [{ user: '' }, [0, 1, 2, 3, 4, 5]],
    ])('are found by %j', async (wanted, entries) => {
      const batch = 'filtered';
      const all = kinds.map((one, entry) => ({ entry, generation: 0, digest: `d-${entry}`, ...one }));
      await open().insertEntries({ batch, part: 0 }, all);
      const pages = await pagesOf(open(), batch, { ...wanted, limit: 2 });
      expect(pages.flat().map(({ entry }) => entry)).toEqual(entries);
    });
  });
}

function describeParts(open: () => Ledger): void {
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

  describe('a part as a whole', () => {
    it('is written and read, with or without what its sender may leave out', async () => {
      const bare = {
        part: 5,
        entries: 1,
        digest: 'd',
        requestedAtMs: 0,
        enteredAtMs: 0,
        counts: {},
        finished: true,
      };
      const deferred = { ...record, part: 6, nextTryAtMs: Date.parse('2026-11-23T09:10:00Z') };
      const ended = { ...record, part: 7, finished: true, finishedAtMs: Date.parse('2026-11-23T09:20:00Z') };
      for (const written of [record, bare, deferred, ended]) {
        await open().writePart('whole', written, undefined);
        const key = { batch: 'whole', part: written.part };
        expect(await open().readPart(key)).toEqual({ ...written, etag: expect.any(String) });
      }
      expect(await open().readPart({ batch: 'whole', part: 1 })).toBeUndefined();
    });

    it('is written only if nothing has changed', async () => {
      const first = await open().writePart('conditional', record, undefined);
      if (first === 'conflict') throw new Error('The first write has no rival.');
      expect(await open().writePart('conditional', record, undefined)).toBe('conflict');
      const second = await open().writePart('conditional', { ...record, finished: true }, first.etag);
      expect(second).toEqual({ etag: expect.any(String) });
      expect(await open().writePart('conditional', record, first.etag)).toBe('conflict');
      const stored = await open().readPart({ batch: 'conditional', part: 0 });
      expect(stored).toEqual({ ...record, finished: true, ...(second === 'conflict' ? {} : second) });
    });

    it('loses what is written without', async () => {
      const due = { ...record, nextTryAtMs: 1 };
      const first = await open().writePart('no-longer-due', due, undefined);
      if (first === 'conflict') throw new Error('The first write has no rival.');
      await open().writePart('no-longer-due', record, first.etag);
      expect(await open().readPart({ batch: 'no-longer-due', part: 0 })).not.toHaveProperty('nextTryAtMs');
    });

    it('keeps the columns that only a newer version knows', async () => {
      const otherColumns = { by: 'app-1' };
      await open().writePart('newer-part', { ...record, otherColumns }, undefined);
      const stored = await open().readPart({ batch: 'newer-part', part: 0 });
      if (stored === undefined) throw new Error('The part was written.');
      const { etag, ...newer } = stored;
      await open().writePart('newer-part', { ...newer, finished: true }, etag);
      const again = await open().readPart({ batch: 'newer-part', part: 0 });
      expect(again).toMatchObject({ finished: true, otherColumns });
    });

    it('is listed with the other parts of its batch, by number', async () => {
      for (const part of [10, 2, 0]) await open().writePart('listed', { ...record, part }, undefined);
      await open().insertEntries({ batch: 'listed', part: 0 }, entriesOf(2));
      expect((await open().readParts('listed')).map(({ part }) => part)).toEqual([0, 2, 10]);
      expect(await open().readParts('liste')).toEqual([]);
    });
  });
}
