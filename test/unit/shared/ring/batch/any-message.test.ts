import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeContent } from '../../../../../shared/ring/batch/content.ts';
import { batchNameSchema, parseBulkMessage } from '../../../../../shared/ring/batch/message.ts';
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

describe('a queue message', () => {
  it('ends as outcomes, or in the poison queue as it came with a reason: never both, never neither', async () => {
    const simulator = await simulate({ users: [] });
    let [read, poisoned] = [0, 0];
    await fc.assert(
      fc.asyncProperty(anyQueueText, async (text) => {
        const harness = new BatchHarness(simulator);
        const content = asHandedOn(text);
        const parsed = parseBulkMessage(content);
        await harness.deliver(content);
        await harness.drain();
        const reasons = harness.events.flatMap((event) =>
          event.event === 'message-poisoned' ? event.reasons : [],
        );
        const batches = (await harness.ledger.listBatches({ limit: 10 })).batches;
        if (harness.queues.poison.length > 0) {
          poisoned += 1;
          expect(harness.queues.poison).toEqual([asPoisoned(content)]);
          expect(batches).toEqual([]);
          expect(reasons).not.toEqual([]);
          for (const reason of reasons) expect(reason).toMatch(exactReason);
          return;
        }
        read += 1;
        if (!parsed.ok) throw new Error(`The message ended nowhere: ${parsed.error.detail}`);
        const { batch, part, entries } = parsed.value;
        expect(batches).toEqual([batch]);
        expect(reasons).toEqual([]);
        const ended = harness.ledger.peek({ batch, part }).map(({ outcome }) => outcome?.outcome);
        expect(ended).toHaveLength(entries.length);
        for (const outcome of ended) expect(outcome !== undefined && isFinal(outcome)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
    expect({ read: read > 50, poisoned: poisoned > 50 }).toEqual({ read: true, poisoned: true });
  }, 60_000);

  it('names its batch exactly where it is a JSON object with a valid one', () => {
    fc.assert(
      fc.property(anyQueueText, (text) => {
        const content = asHandedOn(text);
        const parsed = parseBulkMessage(content);
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
