import { expect, test } from 'vitest';
import { parseHostJson } from '../../../../infra/local/functions-host/app/host-json.ts';

test('has the defaults of the real host', () => {
  expect(parseHostJson('{"version":"2.0"}')).toEqual({
    routePrefix: 'api',
    functionTimeoutMs: 1_800_000,
    queues: {
      batchSize: 16,
      newBatchThreshold: 8,
      maxDequeueCount: 5,
      visibilityTimeoutMs: 0,
      maxPollingIntervalMs: 60_000,
      messageEncoding: 'base64',
    },
  });
});

test('takes the values of host.json, and ignores settings that this host does not use', () => {
  const settings = parseHostJson(
    JSON.stringify({
      version: '2.0',
      functionTimeout: '-1',
      logging: { logLevel: { default: 'Information' } },
      extensions: {
        http: { routePrefix: '' },
        queues: { visibilityTimeout: '1.02:03:04.5', messageEncoding: 'None', newBatchThreshold: 0 },
      },
    }),
  );
  expect(settings).toMatchObject({
    routePrefix: '',
    functionTimeoutMs: Number.POSITIVE_INFINITY,
    queues: { visibilityTimeoutMs: 93_784_500, messageEncoding: 'none', newBatchThreshold: 0 },
  });
});

test.each([
  ['no JSON', 'not json', /host\.json is not valid JSON/],
  ['no version', '{}', /version: /],
  ['a batch over 32', queues({ batchSize: 33 }), /extensions\.queues\.batchSize: /],
  ['a dequeue count of 0', queues({ maxDequeueCount: 0 }), /extensions\.queues\.maxDequeueCount: /],
  [
    'a time span that is a number',
    queues({ visibilityTimeout: 60 }),
    /extensions\.queues\.visibilityTimeout: /,
  ],
  ['an impossible time span', queues({ visibilityTimeout: '00:61:00' }), /a time span such as 00:01:00/],
  ['polling too often', queues({ maxPollingInterval: '00:00:00.05' }), /at least 00:00:00\.100/],
  ['an unknown encoding', queues({ messageEncoding: 'utf8' }), /extensions\.queues\.messageEncoding: /],
  ['a timeout of 0', '{"version":"2.0","functionTimeout":"00:00:00"}', /functionTimeout: must be at least/],
])('names the property that is invalid: %s', (_, text, message) => {
  expect(() => parseHostJson(text)).toThrow(message);
});

function queues(settings: object): string {
  return JSON.stringify({ version: '2.0', extensions: { queues: settings } });
}
