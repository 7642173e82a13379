import { beforeEach, describe, expect, it } from 'vitest';
import { cancelBatch, listBatches, readBatch } from '../../../../../shared/ring/batch/status.ts';
import type { RingEvent } from '../../../../../shared/ring/ports/events.ts';
import type { PartRecord } from '../../../../../shared/ring/ports/ledger.ts';
import { MemoryLedger } from '../../../../support/ring/memory-ledger.ts';
import { invocation } from '../../../../support/ring/ring-deps.ts';

const submitted = { digest: 'd', requestedAtMs: 1, source: 'http', parts: 3, entries: 500 };
let ledger: MemoryLedger;

beforeEach(() => {
  ledger = new MemoryLedger();
});

async function keep(part: number, more: Partial<PartRecord> = {}): Promise<void> {
  const record = {
    part,
    entries: 200,
    digest: 'd',
    requestedAtMs: 1,
    enteredAtMs: 1,
    counts: { applied: 200 },
    finished: true,
    ...more,
  };
  await ledger.writePart('b', record, undefined);
}

const status = () => readBatch(ledger, 'b', { limit: 1 });

describe('the status of a batch', () => {
  it('lists every part as missing while only its row is there', async () => {
    await ledger.registerBatch('b', 1, submitted);
    expect(await status()).toEqual({
      batch: 'b',
      source: 'http',
      requestedAt: '1970-01-01T00:00:00.001Z',
      parts: 3,
      missing: [0, 1, 2],
      missingCount: 3,
      entries: 500,
      finished: false,
      counts: { pending: 500 },
      rejectedMessages: [],
      outcomes: [],
    });
    const { batches } = await listBatches(ledger, { limit: 5 });
    expect(batches).toMatchObject([{ batch: 'b', missingCount: 3 }]);
  });

  it('is there, with nothing known, where a message was registered and nothing else of it written', async () => {
    await ledger.registerBatch('b', 1);
    expect(await status()).toMatchObject({ parts: 0, missing: [], entries: 0, finished: false, counts: {} });
  });

  it('counts the entries of missing parts as pending', async () => {
    await ledger.registerBatch('b', 1, submitted);
    await keep(1);
    expect(await status()).toMatchObject({
      missing: [0, 2],
      finished: false,
      counts: { applied: 200, pending: 300 },
    });
  });

  it('lists a hundred missing parts, and counts all', async () => {
    await keep(7, { parts: 100_000 });
    const { missing = [], ...told } = (await status()) ?? {};
    expect(missing).toHaveLength(100);
    expect(missing).not.toContain(7);
    expect(told).toMatchObject({ parts: 100_000, missingCount: 99_999, finished: false });
  });

  it('is finished when the last missing part has come', async () => {
    await ledger.registerBatch('b', 1, { ...submitted, parts: 2, entries: 400 });
    await keep(0);
    expect(await status()).toMatchObject({ finished: false });
    await keep(1);
    expect(await status()).toMatchObject({ finished: true, missing: [], missingCount: 0, entries: 400 });
  });
});

describe('cancelling a batch', () => {
  it('marks one that is not finished', async () => {
    await ledger.registerBatch('b', 1);
    await keep(0, { finished: false });
    expect(await cancelBatch(ledger, invocation(), 'b')).toBe('cancelled');
    expect(await status()).toMatchObject({ cancelled: true });
  });

  it('marks one of which nothing has come', async () => {
    await ledger.registerBatch('b', 1, submitted);
    expect(await cancelBatch(ledger, invocation(), 'b')).toBe('cancelled');
  });

  it('marks nothing where all has ended', async () => {
    await ledger.registerBatch('b', 1);
    await keep(0);
    expect(await cancelBatch(ledger, invocation(), 'b')).toBe('finished');
    expect(await status()).not.toHaveProperty('cancelled');
  });

  it('tells who did, in its status and in the log, once', async () => {
    await ledger.registerBatch('b', 1);
    const told: RingEvent[] = [];
    const log = (event: RingEvent) => told.push(event);
    await cancelBatch(ledger, invocation({ by: 'first', log }), 'b');
    await cancelBatch(ledger, invocation({ by: 'second', log }), 'b');
    expect(await status()).toMatchObject({ cancelled: true, cancelledBy: 'first' });
    expect(told).toMatchObject([{ event: 'batch-cancelled', batch: 'b', by: 'first' }]);
  });

  it('leaves one that was cancelled before as it is, finished or not', async () => {
    await ledger.registerBatch('b', 1);
    await ledger.cancelBatch('b');
    expect(await cancelBatch(ledger, invocation(), 'b')).toBe('cancelled');
    await keep(0);
    expect(await cancelBatch(ledger, invocation(), 'b')).toBe('cancelled');
  });

  it('does not find one that does not exist', async () => {
    expect(await cancelBatch(ledger, invocation(), 'b')).toBe('not-found');
    expect(await ledger.readBatch('b')).toBeUndefined();
  });
});
