import { beforeEach, describe, expect, it } from 'vitest';
import { parseBulkMessage } from '../../../../../../shared/ring/batch/message.ts';
import { finishPart } from '../../../../../../shared/ring/batch/part/finish.ts';
import { MemoryLedger } from '../../../../../support/ring/memory-ledger.ts';
import { MemoryQueues } from '../../../../../support/ring/memory-queues.ts';
import { outcomeOf } from '../../../../../support/ring/outcomes.ts';

let ledger: MemoryLedger;
let queues: MemoryQueues;

/** Returns a requeued message with one of the entries. */
function messageWith(entry: number) {
  const entries = [{ user: 'alice@contoso.com', ring: 'off', entry }];
  const parsed = parseBulkMessage({ schema: 'simring/bulk/1', batch: 'hr', hop: 1, entries });
  if (!parsed.ok) throw new Error('The message is not valid.');
  return parsed.value;
}

beforeEach(async () => {
  ledger = new MemoryLedger();
  queues = new MemoryQueues();
  const counts = { pending: 2 };
  const part = {
    part: 0,
    entries: 2,
    digest: 'd',
    requestedAtMs: 0,
    enteredAtMs: 0,
    counts,
    finished: false,
  };
  await ledger.writePart('hr', part, undefined);
  const ended = { generation: 1, digest: 'd', outcome: outcomeOf('applied') };
  await ledger.insertEntries(
    { batch: 'hr', part: 0 },
    [0, 1].map((entry) => ({ entry, user: 'sip:alice@contoso.com', ...ended })),
  );
});

describe('the summary of a part', () => {
  it('is sent once when two messages of the part end at the same time', async () => {
    await Promise.all([0, 1].map((entry) => finishPart({ ledger, queues }, messageWith(entry))));
    expect(queues.results.map((text) => JSON.parse(text).counts)).toEqual([{ applied: 2 }]);
    expect(await ledger.readPart({ batch: 'hr', part: 0 })).toMatchObject({
      finished: true,
      counts: { applied: 2 },
    });
  });

  it('is sent by the message that crashed before sending it, when that one is delivered again', async () => {
    const broken = new MemoryQueues({
      before: async () => {
        throw new Error('killed');
      },
    });
    await expect(finishPart({ ledger, queues: broken }, messageWith(0))).rejects.toThrow('killed');
    await finishPart({ ledger, queues }, messageWith(1));
    expect(queues.results).toEqual([]);
    await finishPart({ ledger, queues }, messageWith(0));
    await finishPart({ ledger, queues }, messageWith(0));
    expect(queues.results).toHaveLength(1);
  });
});
