import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../../shared/ring/ports/ledger.ts';
import { outcomeOf } from '../ring/outcomes.ts';
import { applied, entriesOf, firstSeen, withoutEtags, writeAll } from './ledger-entries.ts';

/** Tests how every ledger inserts and reads entries. */
export function describeEntries(open: () => Ledger): void {
  describe('the entries of a part', () => {
    it('are inserted once and read in order, more than fit into a transaction', async () => {
      const key = { batch: 'many', part: 0 };
      const entries = entriesOf(250);
      expect(await open().insertEntries(key, entries)).toHaveLength(250);
      expect(await withoutEtags(open(), key)).toEqual(entries);
    });

    it('stay as they are when they are inserted again', async () => {
      const key = { batch: 'again', part: 0 };
      const entries = entriesOf(120);
      await open().insertEntries(key, entries);
      await writeAll(open(), key, entries.slice(0, 10).map(applied));
      const before = await open().readEntries(key);
      const inserted = await open().insertEntries(key, entries.map(applied));
      expect(inserted).toEqual(before);
      expect(await open().readEntries(key)).toEqual(before);
    });

    it('are completed where a crash left only some of them', async () => {
      const key = { batch: 'torn', part: 0 };
      const entries = entriesOf(250);
      await open().insertEntries(key, entries.slice(0, 100));
      await writeAll(open(), key, entries.slice(0, 5).map(applied));
      const stored = await open().insertEntries(key, entries);
      expect(stored).toHaveLength(250);
      expect(stored.filter(({ outcome }) => outcome !== undefined)).toHaveLength(5);
      const completed = [...entries.slice(0, 5).map(applied), ...entries.slice(5)];
      expect(await withoutEtags(open(), key)).toEqual(completed);
    });

    it('are inserted once by two workers at the same time', async () => {
      const key = { batch: 'meeting', part: 0 };
      const entries = entriesOf(250);
      const both = await Promise.all([
        open().insertEntries(key, entries),
        open().insertEntries(key, entries),
      ]);
      for (const stored of both)
        expect(stored.map(({ entry }) => entry)).toEqual(entries.map(({ entry }) => entry));
      expect(await withoutEtags(open(), key)).toEqual(entries);
    });

    it('are empty for a part that does not exist, and never those of another part or batch', async () => {
      await open().insertEntries({ batch: 'hr', part: 1 }, entriesOf(1));
      await open().insertEntries({ batch: 'hr-1', part: 0 }, entriesOf(2));
      expect(await open().readEntries({ batch: 'hr', part: 0 })).toEqual([]);
      expect(await open().readEntries({ batch: 'hr', part: 1 })).toHaveLength(1);
      expect(await open().readEntries({ batch: 'HR', part: 1 })).toEqual([]);
    });

    it('hold users and refs of any characters', async () => {
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
      const entries = texts.map((text, entry) => ({ entry, user: text, ref: text, ...firstSeen }));
      const failed = entries.map((entry) => ({
        ...entry,
        outcome: outcomeOf('failed', {
          user: entry.user,
          detail: `Of ${entry.ref}.`,
          code: 'ucwa-rejected',
        }),
      }));
      await open().insertEntries(key, entries);
      expect(await withoutEtags(open(), key)).toEqual(entries);
      await writeAll(open(), key, failed);
      expect(await withoutEtags(open(), key)).toEqual(failed);
      expect((await open().readPage('letters', { limit: 100 })).outcomes).toEqual(
        failed.map((entry) => ({ ...entry, part: 0 })),
      );
    });
  });
}

/** Tests how every ledger writes entries over stored ones. */
export function describeRewrittenEntries(open: () => Ledger): void {
  async function inserted(batch: string, count: number) {
    const key = { batch, part: 0 };
    return { key, stored: await open().insertEntries(key, entriesOf(count)) };
  }

  describe('entries that are written again', () => {
    it('have the etags that their insertion and each write returned', async () => {
      const { key, stored } = await inserted('told', 3);
      expect(await open().readEntries(key)).toEqual(stored);
      const etags = await open().writeEntries(
        key,
        stored.map((entry) => ({ ...entry, generation: 1 })),
      );
      if (etags === 'conflict') throw new Error('The first write has no rival.');
      const next = stored.map((entry) => ({ ...entry, generation: 1, etag: etags.get(entry.entry) ?? '' }));
      expect(await open().readEntries(key)).toEqual(next);
      expect(
        await open().writeEntries(
          key,
          next.map(applied).map((entry, index) => ({ ...entry, etag: next[index]?.etag ?? '' })),
        ),
      ).not.toBe('conflict');
    });

    it('are written all or none if one of them has changed', async () => {
      const { key, stored } = await inserted('all-or-none', 100);
      const [one] = stored.slice(50);
      if (one === undefined) throw new Error('A hundred entries were inserted.');
      await open().writeEntries(key, [{ ...one, generation: 5 }]);
      const before = await open().readEntries(key);
      expect(
        await open().writeEntries(
          key,
          stored.map((entry) => ({ ...entry, generation: 1 })),
        ),
      ).toBe('conflict');
      expect(await open().readEntries(key)).toEqual(before);
    });

    it('conflict if they were purged meanwhile', async () => {
      const gone = entriesOf(1).map((entry) => ({
        ...entry,
        etag: 'W/"datetime\'2026-11-23T09%3A00%3A00.0000000Z\'"',
      }));
      expect(await open().writeEntries({ batch: 'purged', part: 0 }, gone)).toBe('conflict');
    });

    it('keep the columns that only a newer version knows', async () => {
      const { key, stored } = await inserted('newer-columns', 1);
      const otherColumns = { dueAt: '2026-12-01T00:00:00Z' };
      await open().writeEntries(
        key,
        stored.map((entry) => ({ ...entry, otherColumns })),
      );
      await writeAll(open(), key, (await open().readEntries(key)).map(applied));
      expect(await open().readEntries(key)).toMatchObject([
        { outcome: { outcome: 'applied' }, otherColumns },
      ]);
    });
  });
}
