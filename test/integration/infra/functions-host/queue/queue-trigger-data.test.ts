import { expect, test } from 'vitest';
import { prepareQueue } from '../../../../support/infra/functions-host/queue-harness.ts';

test.each<[string, unknown]>([
  ['{"a":[1]}', { a: [1] }],
  ['[1,2]', [1, 2]],
  ['123', 123],
  ['null', null],
  ['"quoted"', 'quoted'],
  ['plain <text> & more', 'plain <text> & more'],
  ['eyJhIjoxfQ==', 'eyJhIjoxfQ=='],
  ['  {"a": "ü"}\n', { a: 'ü' }],
  ['{"a":\r\n1}\r\n', { a: 1 }],
  ['two\r\nlines', 'two\r\nlines'],
  ['a reference as text: &#xD; &#13; &lt; &amp;amp;', 'a reference as text: &#xD; &#13; &lt; &amp;amp;'],
])('passes the message %s as the library parses it', async (text, input) => {
  const { queue, calls, startHost } = prepareQueue();
  await queue.create();
  await startHost();
  await queue.sendMessage(text);
  const call = await calls.take('take');
  expect(call.input).toEqual(input);
  call.succeed();
});

test('decodes base64 when host.json asks for it, and poisons other messages without a call', async () => {
  const { queue, calls, textOfPoisoned, startHost } = prepareQueue();
  await queue.create();
  await startHost({ messageEncoding: 'base64' });
  await queue.sendMessage(Buffer.from('{"a":"ü"}').toString('base64'));
  const call = await calls.take('take');
  expect(call.input).toEqual({ a: 'ü' });
  call.succeed();
  await queue.sendMessage('{"a":1}');
  expect(await textOfPoisoned()).toBe('{"a":1}');
  expect(calls.waiting).toBe(0);
});

test('passes the metadata of the real host, overridden by top-level properties of the message', async () => {
  const { queue, calls, startHost } = prepareQueue();
  await queue.create();
  await startHost();
  const text = JSON.stringify({
    batch: 'b1',
    Part: 3,
    dryRun: true,
    nothing: null,
    entries: [1],
    more: { Deep: 1 },
    requestedAt: '2026-11-23T09:00:00Z',
    DEQUEUECOUNT: 7,
  });
  const { messageId } = await queue.sendMessage(text, { messageTimeToLive: -1 });
  const { metadata, succeed } = await calls.take('take');
  expect(metadata).toMatchObject({
    id: messageId,
    popReceipt: expect.any(String),
    queueTrigger: expect.objectContaining({ batch: 'b1', entries: [1] }),
    dequeueCount: 7,
    insertionTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/),
    nextVisibleTime: expect.stringMatching(/\+00:00$/),
    expirationTime: expect.stringMatching(/\+00:00$/),
    batch: 'b1',
    part: 3,
    dryRun: 'True',
    more: { deep: 1 },
    requestedAt: '11/23/2026 09:00:00',
  });
  expect(Object.keys(metadata)).not.toContain('entries');
  expect(Object.keys(metadata)).not.toContain('nothing');
  succeed();
});
