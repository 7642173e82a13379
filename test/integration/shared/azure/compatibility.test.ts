import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredEntry } from '../../../../shared/ring/ports/ledger.ts';
import { storedRows, usersOnServer } from '../../../support/azure/stored-by-0-1.ts';
import { Successor } from '../../../support/azure/successor.ts';
import { sip } from '../../../support/ring/addresses.ts';

const http = 'http-00000000-0000-4000-8000';

/** How each entry ends, by part: as 0.1 recorded it, or by the work of this version. */
const ends: readonly (readonly [part: string, ends: readonly string[]])[] = [
  ['untouched/0', ['applied']],
  ['pending/0', ['applied', 'applied', 'unchanged', 'applied']],
  ['half-written/0', [...Array(99).fill('rejected invalid-request'), 'applied', 'applied']],
  ['batch-only/0', ['applied']],
  ['part-only/0', ['applied']],
  ['recorded/0', ['applied', 'unchanged', 'failed user-not-enabled']],
  ['claimed/0', ['applied', 'applied']],
  ['deferred/0', ['applied', 'applied']],
  ['deferred-twice/0', ['applied']],
  ['stale/0', ['applied']],
  ['sent-untold/0', ['applied']],
  ['sliced/0', ['applied', 'applied']],
  ['busy-holder/0', ['superseded superseded']],
  ['busy-waiting/0', ['applied']],
  [
    'finished/0',
    [
      'applied',
      'applied',
      'superseded superseded',
      'applied',
      'applied',
      'applied',
      'unchanged',
      'rejected invalid-request',
      'rejected invalid-request',
      'rejected invalid-request',
      'failed not-effective',
      'applied',
      'failed ucwa-rejected',
      'failed user-not-enabled',
      'applied',
      'failed credential-rejected',
    ],
  ],
  ['marked/0', ['applied']],
  ['summary-sent/0', ['applied']],
  ['given-up/0', ['failed ucwa-unavailable']],
  ['too-often/0', ['failed ucwa-unavailable']],
  ['overtaking/0', ['applied']],
  ['overtaken/0', ['superseded superseded']],
  ['cancelled/0', ['applied', 'applied', 'cancelled']],
  ['cancelled-whole/0', ['cancelled', 'cancelled']],
  ['unproved/0', ['applied']],
  ['taking/0', ['applied']],
  ['taken-deferred/0', ['applied']],
  ['refused/0', ['failed credential-rejected']],
  ['refused-again/0', ['failed credential-rejected']],
  ['purged/0', ['applied', 'applied', 'failed credential-rejected']],
  ['purged-older/0', ['superseded superseded']],
  ['purged-newer/0', ['applied', 'failed credential-rejected']],
  [`${http}-000000000073/0`, ['applied']],
  [`${http}-000000000079/0`, ['applied']],
  ['rehearsed/0', ['unchanged', 'unchanged', 'unchanged']],
  ['two-parts/0', ['applied']],
  ['two-parts/1', ['applied']],
  ['after-read/0', ['applied']],
  ['begun-anew/0', ['applied']],
];

/** Parts whose summary 0.1 sent, and which it knew to be finished. */
const finishedBefore = [
  'cancelled-whole/0',
  'finished/0',
  'given-up/0',
  'overtaking/0',
  'purged/0',
  'refused/0',
  'too-often/0',
  'two-parts/0',
];

let successor: Successor;
beforeAll(async () => {
  successor = await Successor.start();
  await successor.workOff();
});
afterAll(() => successor.stop());

function keyOf(part: string): { batch: string; part: number } {
  const [batch = '', number] = part.split('/');
  return { batch, part: Number(number) };
}

async function entryOf(part: string, entry = 0): Promise<StoredEntry> {
  const entries = await successor.storage.ledger.readEntries(keyOf(part));
  const found = entries.find((one) => one.entry === entry);
  if (found === undefined) throw new Error(`The part ${part} has no entry ${entry}.`);
  return found;
}

function shownEnd({ outcome }: StoredEntry): string {
  if (outcome === undefined) return 'pending';
  return 'code' in outcome ? `${outcome.outcome} ${outcome.code}` : outcome.outcome;
}

describe('what 0.1 left in storage', () => {
  it.each(ends)('ends: %s', async (part, expected) => {
    const { ledger } = successor.storage;
    expect((await ledger.readEntries(keyOf(part))).map(shownEnd)).toEqual(expected);
    expect(await ledger.readPart(keyOf(part))).toMatchObject({ finished: true, entries: expected.length });
  });

  it('is all named here', async () => {
    const rows = await successor.rowsOf('ledger');
    const partitions = rows.map(({ partitionKey }) => String(partitionKey)).filter((key) => /.\|/.test(key));
    const parts = [...new Set(partitions)].map((key) => key.replace(/\|0*(?=\d)/, '/'));
    expect(parts.toSorted()).toEqual(ends.map(([part]) => part).toSorted());
  });

  it('is not taken for other content of the same batch, and no message of it for one of somebody else', async () => {
    expect(successor.events.map(({ event }) => event)).not.toContain('batch-exists');
    expect(await successor.takeTexts('poison')).toEqual([]);
  });

  it('has one summary for each part that was not finished, except the deferred changes of callers', async () => {
    const summaries = await successor.takeTexts('results');
    const ids = summaries.map((text) => JSON.parse(Buffer.from(text, 'base64').toString('utf8')).id);
    const parts = ends
      .map(([part]) => part)
      .filter((part) => !finishedBefore.includes(part) && !part.startsWith(http));
    expect(ids.toSorted()).toEqual(parts.toSorted());
  });

  it('keeps every final outcome as 0.1 wrote it', async () => {
    const rows = await successor.rowsOf('ledger');
    const resultOf = ({ partitionKey, rowKey }: (typeof rows)[number]) =>
      rows.find((row) => row['partitionKey'] === partitionKey && row['rowKey'] === rowKey)?.['result'];
    const ended = storedRows.ledger.filter(
      ({ result, outcome }) => result !== undefined && outcome !== 'deferred',
    );
    expect(ended).not.toEqual([]);
    for (const row of ended) expect(resultOf(row)).toBe(row['result']);
  });

  it('ends as the row of the user tells, where only the ledger did not know', async () => {
    for (const entry of [0, 1, 2]) {
      const { user, outcome } = await entryOf('recorded/0', entry);
      const { record } = await successor.storage.users.read(sip(user));
      expect(record.last?.outcome).not.toHaveProperty('endedAt');
      const endedAt = new Date(record.last?.atMs ?? Number.NaN).toISOString();
      expect(outcome).toEqual({ ...record.last?.outcome, endedAt });
      expect(successor.simulator.requests.filter((request) => request.user === user)).toEqual([]);
    }
  });

  it.each([
    ['claimed/0', 0],
    ['cancelled/0', 1],
    ['taking/0', 0],
  ])('does not pretend to know what was set before a write of 0.1: %s, entry %i', async (part, entry) => {
    expect((await entryOf(part, entry)).outcome).not.toHaveProperty('previous');
  });

  it.each(['unproved/0', 'taken-deferred/0'])(
    'tells what 0.1 recorded before its write, where the write was its own: %s, entry 0',
    async (part) => {
      const { user, outcome } = await entryOf(part, 0);
      const records = storedRows.users.map(
        ({ record }) => JSON.parse(String(record)) as { newest?: { user: string }; before?: unknown },
      );
      const recorded = records.find(({ newest }) => newest?.user === user)?.before;
      expect(recorded).toBeDefined();
      expect(outcome).toHaveProperty('previous', recorded);
    },
  );

  it.each(['refused-1', 'purged-3'])('never sends a refused password again: %s', async (name) => {
    const user = sip(`${name}@contoso.com`);
    expect(successor.simulator.requests.filter((request) => request.user === user)).toEqual([]);
    expect(successor.simulator.count('token', { user })).toBe(0);
    expect((await successor.storage.users.read(user)).record.refusedVersion).toBe('v1');
  });

  it.each(['taking-1', 'taken-1'])('gets its own target for unanswered calls back: %s', async (name) => {
    const user = sip(`${name}@contoso.com`);
    expect(successor.simulator.state(user)).toMatchObject({
      activeSetting: 'None',
      unanswered: { target: 'Contact', ringDelay: 25, contact: 'tel:+14255550177' },
    });
    expect((await successor.storage.users.read(user)).record).not.toHaveProperty('unansweredToRestore');
  });

  it.each([
    ['busy-1', 'tel:+14255550199'],
    ['overtaken-1', 'tel:+14255550123'],
    ['purged-1', 'tel:+14255550123'],
    ['finished-3', 'tel:+442079460018'],
  ])('leaves the newest setting: %s', (name, contact) => {
    const { activeSetting, simultaneousRing } = successor.simulator.state(`sip:${name}@contoso.com`);
    expect({ activeSetting, contact: simultaneousRing.contact }).toEqual({
      activeSetting: 'SimultaneousRing',
      contact,
    });
  });

  it('has no claim on any user', async () => {
    for (const { user } of usersOnServer) {
      const { record } = await successor.storage.users.read(sip(user));
      expect(record, user).not.toHaveProperty('claim');
    }
  });
});
