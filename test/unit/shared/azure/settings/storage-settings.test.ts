import { describe, expect, it } from 'vitest';
import {
  connectionString,
  problemsOf,
  requiredSettings,
  settingsOf,
  wrongNames,
} from '../../../../support/azure/settings.ts';

describe('storage', () => {
  const uris = {
    BulkStorage: '',
    BulkStorage__queueServiceUri: 'https://acct.queue.core.windows.net',
    BulkStorage__tableServiceUri: 'https://acct.table.core.windows.net/',
  };

  it.each([
    connectionString,
    'UseDevelopmentStorage=true',
    'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;QueueEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:2/a;',
    'QueueEndpoint=https://a.queue.core.windows.net/;TableEndpoint=https://a.table.core.windows.net/;SharedAccessSignature=sv=2022-11-02&sig=abc%3D',
  ])('is reached with the connection string %s', (text) => {
    expect(settingsOf({ BulkStorage: text }).storage).toEqual({ connectionString: text });
  });

  it.each([
    'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net',
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;QueueEndpoint=http://a.queue.core.windows.net/;TableEndpoint=https://a.table.core.windows.net/',
    'QueueEndpoint=https://a.queue.core.windows.net/;TableEndpoint=http://10.0.0.4/a;SharedAccessSignature=sv=2022-11-02&sig=abc%3D',
    'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://storage.example',
    'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net;BlobEndpoint=https://a.blob.core.windows.net/',
    'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net;TableEndpoint=https://a.table.core.windows.net/',
    'DefaultEndpointsProtocol=HTTP ;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net',
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;QueueEndpoint= http://a.queue.example/;TableEndpoint=https://a.table.core.windows.net/',
  ])('is not reached over http except on loopback: %s', (text) => {
    const [problem, ...others] = problemsOf({ ...requiredSettings, BulkStorage: text });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ setting: 'BulkStorage', detail: expect.stringContaining('https://') });
  });

  it.each([
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net;tableendpoint=https://a.example/',
    'DefaultEndpointsProtocol=https;accountname=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net',
    'usedevelopmentstorage=true',
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net;UseDevelopmentStorage=true',
    'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://127.0.0.1;DevelopmentStorageProxyUri=http://a.example',
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey= ;EndpointSuffix=core.windows.net',
  ])(
    'is not reached with a connection string that the two clients read differently, or not at all: %s',
    (text) => {
      expect(problemsOf({ ...requiredSettings, BulkStorage: text })).toEqual([
        { setting: 'BulkStorage', detail: 'must be a connection string of a storage account.' },
      ]);
    },
  );

  it('is checked by the first of two fields with one name, as the clients read it', () => {
    const twice = `TableEndpoint=http://a.example/;${connectionString};TableEndpoint=https://a.example/`;
    expect(wrongNames({ BulkStorage: twice })).toEqual(['BulkStorage']);
  });

  it('is reached as an identity with both addresses', () => {
    const storage = {
      queueServiceUri: 'https://acct.queue.core.windows.net/',
      tableServiceUri: 'https://acct.table.core.windows.net/',
      clientId: undefined,
    };
    expect(settingsOf(uris).storage).toEqual(storage);
    expect(settingsOf({ ...uris, AZURE_CLIENT_ID: 'a' }).storage).toEqual({ ...storage, clientId: 'a' });
    const both = { ...uris, AZURE_CLIENT_ID: 'a', BulkStorage__clientId: 'b' };
    expect(settingsOf(both).storage).toEqual({ ...storage, clientId: 'b' });
  });

  it('is reached with the connection string if both are given', () => {
    expect(settingsOf({ ...uris, BulkStorage: connectionString }).storage).toEqual({ connectionString });
  });

  it('needs both addresses, with https except on loopback', () => {
    const { BulkStorage__tableServiceUri: _table, ...queueOnly } = uris;
    expect(wrongNames(queueOnly)).toEqual(['BulkStorage__tableServiceUri']);
    const plain = { ...uris, BulkStorage__queueServiceUri: 'http://acct.queue.core.windows.net' };
    expect(wrongNames(plain)).toEqual(['BulkStorage__queueServiceUri']);
    const local = { ...uris, BulkStorage__queueServiceUri: 'http://127.0.0.1:10001/devstoreaccount1' };
    expect(wrongNames(local)).toEqual([]);
  });

  it('does not reveal the key of a connection string that is wrong', () => {
    const problems = problemsOf({ ...requiredSettings, BulkStorage: 'AccountKey=hunter2;Account=x' });
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});
