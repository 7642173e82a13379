import { describe, expect, it } from 'vitest';
import { parseQueuedMessage } from '../../../../../shared/ring/batch/message/message.ts';
import type { UnreadableMessage } from '../../../../../shared/ring/batch/message/unreadable-message.ts';

const valid = { schema: 'simring/bulk/1', batch: 'hr', part: 3, source: 'workday', entries: [{}] };

function unreadable(content: unknown): Partial<UnreadableMessage> {
  const parsed = parseQueuedMessage(content);
  return parsed.ok ? {} : parsed.error;
}

describe('a message that is not a bulk message', () => {
  it.each<[string, object, UnreadableMessage['named']]>([
    ['its place', { priority: 1 }, { batch: 'hr', part: 3, source: 'workday' }],
    ['no part where that is not valid', { part: 'x' }, { batch: 'hr', source: 'workday' }],
    ['no source where that is not valid', { source: 7 }, { batch: 'hr', part: 3 }],
    ['its batch alone', { part: undefined, source: undefined, entries: [] }, { batch: 'hr' }],
    ['nothing where the batch is not valid', { batch: 'a b' }, undefined],
  ])('names %s', (_what, change, named) => {
    const read = unreadable({ ...valid, ...change });
    expect(read.reasons).not.toHaveLength(0);
    expect(read.named).toEqual(named);
  });

  it('tells its sender of an unknown property by name, and the log only that there is one', () => {
    const { reasons, detail } = unreadable({ ...valid, '+14255550123': 1, entrys: [] });
    expect(detail).toContain('/+14255550123: Unknown property');
    expect(detail).toContain('/entrys: Unknown property: did you mean `entries`?');
    expect(reasons).toEqual([expect.stringMatching(/^\/: 2 properties are unknown: /)]);
  });
});
