import { describe, expect, it } from 'vitest';
import { nestedJson } from '../../../../support/json.ts';
import { openHarness } from '../../../../support/ring/batch-harness.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';

/** Deep enough to exceed the call stack of whatever calls itself for each level. */
const deepest = 12_000;

/** An entry whose `properties` are nested, as JSON text: `JSON.stringify` could not write one. */
function deepEntry(levels: number, user = 'deep@contoso.com'): string {
  return `{"user":"${user}","ref":"E1","target":${nestedJson(levels - 1)}}`;
}

function textOf(message: object, entries: readonly string[]): string {
  const text = JSON.stringify({ ...message, entries: [] });
  return text.replace('"entries":[]', () => `"entries":[${entries.join(',')}]`);
}

describe.each([
  ['as text', (text: string): unknown => text],
  ['in base64', (text: string): unknown => Buffer.from(text).toString('base64')],
  ['parsed by the host', (text: string): unknown => JSON.parse(text)],
])('a message %s', (_form, contentOf) => {
  it('ends an entry that is nested too deep as rejected, and its neighbours as they end', async () => {
    const harness = await openHarness();
    const [a = '', b = ''] = harness.addUsers(2);
    const { entries, ...message } = teamMessage([
      [a, 7],
      [b, 8],
    ]);
    const [first = '', last = ''] = entries.map((entry) => JSON.stringify(entry));
    const content = contentOf(textOf(message, [first, deepEntry(deepest), last]));
    await harness.deliver(content);
    expect(harness.outcomes('hr')).toEqual(['applied', 'rejected', 'applied']);
    const [, rejected] = harness.ledger.peek({ batch: 'hr', part: 0 });
    expect(rejected).toMatchObject({
      user: 'deep@contoso.com',
      ref: 'E1',
      outcome: {
        code: 'invalid-request',
        detail: expect.stringContaining('The entry is nested deeper than 20 levels'),
      },
    });
    await harness.deliver(content, { dequeueCount: 2 });
    expect(harness.outcomes('hr')).toEqual(['applied', 'rejected', 'applied']);
    expect(harness.events.map(({ event }) => event)).not.toContain('batch-exists');
    expect(harness.queues.poison).toEqual([]);
  });

  it('goes to the poison queue where it is nested too deep itself', async () => {
    const harness = await openHarness();
    const text = `{"schema":"simring/bulk/1","batch":"hr","source":${nestedJson(deepest, 'object')},"entries":[1]}`;
    await harness.deliver(contentOf(text));
    const content = contentOf(text);
    expect(harness.queues.poison[0] === (typeof content === 'string' ? content : text)).toBe(true);
    expect(harness.events).toMatchObject([
      {
        event: 'message-poisoned',
        batch: 'hr',
        reasons: ['/: The message is nested deeper than 20 levels: send plain properties.'],
      },
    ]);
  });

  it('goes to the poison queue where it is a deep list', async () => {
    const harness = await openHarness();
    await harness.deliver(contentOf(nestedJson(deepest)));
    expect(harness.queues.poison).toHaveLength(1);
  });
});

describe('an entry', () => {
  it('may be nested 20 levels deep, and is then judged by what it holds', async () => {
    const harness = await openHarness();
    await harness.deliver(textOf({ schema: 'simring/bulk/1', batch: 'hr' }, [deepEntry(20), deepEntry(21)]));
    const details = harness.ledger.peek({ batch: 'hr', part: 0 }).map(({ outcome }) => outcome);
    expect(details).toMatchObject([
      { detail: expect.stringContaining('/target: ') },
      { detail: expect.stringContaining('nested deeper') },
    ]);
  });

  it('that is nested too deep is sent anew with its message where storage never answered', async () => {
    const harness = await openHarness();
    const [a = ''] = harness.addUsers(1);
    const { entries, ...message } = teamMessage([[a, 7]]);
    const text = textOf(message, [...entries.map((entry) => JSON.stringify(entry)), deepEntry(deepest)]);
    harness.failStorageCall(0, 'before');
    await harness.deliver(text, { dequeueCount: 95 });
    harness.hooks.before = undefined;
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied', 'rejected']);
  });
});
