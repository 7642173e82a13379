import { beforeEach, describe, expect, it } from 'vitest';
import { parseQueuedMessage } from '../../../../../../shared/ring/batch/message/message.ts';
import { finishPart } from '../../../../../../shared/ring/batch/part/finish.ts';
import { FakeClock } from '../../../../../support/fake-clock.ts';
import { MemoryLedger } from '../../../../../support/ring/memory-ledger.ts';
import { MemoryQueues } from '../../../../../support/ring/memory-queues.ts';
import { outcomeOf } from '../../../../../support/ring/outcomes.ts';

let ledger: MemoryLedger;
let queues: MemoryQueues;
const clock = new FakeClock();
const options = { hasSummary: true };

/** Returns a requeued message with one of the entries. */
function messageWith(entry: number) {
  const entries = [{ user: 'alice@contoso.com', ring: 'off', entry }];
  const parsed = parseQueuedMessage({ schema: 'simring/bulk/1', batch: 'hr', hop: 1, entries });
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
    await Promise.all(
      [0, 1].map((entry) => finishPart({ ledger, queues, clock }, messageWith(entry), options)),
    );
    expect(queues.results.map((text) => JSON.parse(text).counts)).toEqual([{ applied: 2 }]);
    expect(await ledger.readPart({ batch: 'hr', part: 0 })).toMatchObject({
      finished: true,
      finishedAtMs: clock.nowMs(),
      counts: { applied: 2 },
    });
  });

  it('is sent by the message that crashed before sending it, when that one is delivered again', async () => {
    const broken = new MemoryQueues({
      before: async () => {
        throw new Error('killed');
      },
    });
    await expect(finishPart({ ledger, queues: broken, clock }, messageWith(0), options)).rejects.toThrow(
      'killed',
    );
    await finishPart({ ledger, queues, clock }, messageWith(1), options);
    expect(queues.results).toEqual([]);
    await finishPart({ ledger, queues, clock }, messageWith(0), options);
    await finishPart({ ledger, queues, clock }, messageWith(0), options);
    expect(queues.results).toHaveLength(1);
  });
});
