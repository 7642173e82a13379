import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeContent } from '../../../../../shared/ring/batch/message/content.ts';
import { batchNameSchema } from '../../../../../shared/ring/batch/message/envelope.ts';
import { parseQueuedMessage } from '../../../../../shared/ring/batch/message/message.ts';
import { isFinal } from '../../../../../shared/ring/model/outcome.ts';
import { formatJson, isDeeperThan } from '../../../../../shared/runtime/nested-json.ts';
import { anyQueueText } from '../../../../support/ring/any-message.ts';
import { BatchHarness } from '../../../../support/ring/batch-harness.ts';
import { simulate } from '../../../../support/ucwa/simulation.ts';

/** What the library of Azure Functions hands on of the text of a message. */
function asHandedOn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Texts that XML takes come to the poison queue unchanged; others can only come from a value that the library parsed. */
function asPoisoned(content: unknown): string {
  const isText = typeof content === 'string' && content.isWellFormed();
  const isXml = isText && /^[\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]*$/u.test(content);
  return isXml ? content : formatJson(content);
}

/** The name of the batch that an object has, in any case; undefined where it is not valid, or all is nested too deep. */
function validBatchOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const named = Object.entries(value).filter(([name]) => !name.startsWith('$'));
  const find = (wanted: string) => named.find(([name]) => name.toLowerCase() === wanted);
  const batch = batchNameSchema.safeParse(find('batch')?.[1]);
  const entries = find('entries');
  const hasEntries = typeof entries?.[1] === 'object' && entries[1] !== null;
  const rest = Object.fromEntries(named.filter((property) => !hasEntries || property !== entries));
  return batch.success && !isDeeperThan(rest, 20) ? batch.data : undefined;
}

/** Encoding, position or property. */
const exactReason = /base64|UTF-16|a JSON string|is empty|line \d+, column \d+|^\//;

/** Where a message ended. */
async function endOf(harness: BatchHarness, batch: string | undefined) {
  const rejected = batch === undefined ? [] : await harness.ledger.readRejectedMessages(batch, 10);
  const parts = batch === undefined ? [] : await harness.ledger.readParts(batch);
  return { poisoned: harness.queues.poison, rejected, parts: parts.map(({ part }) => part) };
}

describe('a queue message', () => {
  it('ends as outcomes, as a rejected message or in the poison queue: in one of them, with a reason', async () => {
    const simulator = await simulate({ users: [] });
    const seen = { taken: 0, rejected: 0, poisoned: 0 };
    await fc.assert(
      fc.asyncProperty(anyQueueText, async (text) => {
        const harness = new BatchHarness(simulator);
        const content = asHandedOn(text);
        const parsed = parseQueuedMessage(content);
        await harness.deliver(content);
        await harness.drain();
        const reasons = harness.events.flatMap((event) =>
          event.event === 'message-poisoned' || event.event === 'message-rejected' ? event.reasons : [],
        );
        for (const reason of reasons) expect(reason).toMatch(exactReason);
        const batch = parsed.ok ? parsed.value.batch : parsed.error.named?.batch;
        const { batches } = await harness.ledger.listBatches({ limit: 10 });
        const { poisoned, rejected, parts } = await endOf(harness, batch);
        if (batch === undefined) {
          seen.poisoned += 1;
          expect({ poisoned, batches }).toEqual({ poisoned: [asPoisoned(content)], batches: [] });
          expect(reasons).not.toEqual([]);
          return;
        }
        expect({ poisoned, batches }).toEqual({ poisoned: [], batches: [batch] });
        if (!parsed.ok || rejected.length > 0) {
          seen.rejected += 1;
          expect({ rejected: rejected.length, parts }).toEqual({ rejected: 1, parts: [] });
          expect(rejected[0]?.reason).not.toBe('');
          expect(reasons).not.toEqual([]);
          expect(harness.queues.results).toHaveLength(1);
          return;
        }
        seen.taken += 1;
        const { part, entries } = parsed.value;
        expect({ parts, reasons }).toEqual({ parts: [part], reasons: [] });
        const ended = harness.ledger.peek({ batch, part }).map(({ outcome }) => outcome?.outcome);
        expect(ended).toHaveLength(entries.length);
        for (const outcome of ended) expect(outcome !== undefined && isFinal(outcome)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
    for (const [end, count] of Object.entries(seen)) expect(count, end).toBeGreaterThan(50);
  }, 120_000);

  it('names its batch exactly where it is a JSON object with a valid one', () => {
    fc.assert(
      fc.property(anyQueueText, (text) => {
        const content = asHandedOn(text);
        const parsed = parseQueuedMessage(content);
        if (parsed.ok) return;
        const value = decodeContent(content);
        expect(parsed.error.named?.batch).toBe(value.ok ? validBatchOf(value.value) : undefined);
        expect(parsed.error.detail).not.toBe('');
        expect(parsed.error.reasons).not.toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
