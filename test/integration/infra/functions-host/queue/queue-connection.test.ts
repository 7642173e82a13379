import { expect, test } from 'vitest';
import { connectQueueService } from '../../../../../infra/local/functions-host/queue/queue-connection.ts';

const connectionString =
  'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=aw==;QueueEndpoint=http://127.0.0.1:1/a;';

test.each<[string, NodeJS.ProcessEnv, string]>([
  ['a connection string', { BulkStorage: connectionString }, 'http://127.0.0.1:1/a'],
  ['the prefix of older apps', { AzureWebJobsBulkStorage: connectionString }, 'http://127.0.0.1:1/a'],
  ['a URL and an identity', { BulkStorage__queueServiceUri: 'https://q.example/' }, 'https://q.example/'],
  [
    'a URL and a user-assigned identity, in other case',
    { BULKSTORAGE__QUEUESERVICEURI: 'https://q.example/', BulkStorage__clientId: 'c1' },
    'https://q.example/',
  ],
  ['an account name', { BulkStorage__accountName: 'acc' }, 'https://acc.queue.core.windows.net'],
])('connects by %s', async (_, environment, url) => {
  const service = await connectQueueService('BulkStorage', environment);
  expect(service.url).toBe(url);
});

test('names the missing settings', async () => {
  await expect(connectQueueService('BulkStorage', {})).rejects.toThrow(
    /set "BulkStorage" .* or "BulkStorage__queueServiceUri"/,
  );
});
