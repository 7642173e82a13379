import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { IdentityEndpoint } from '../../../../../infra/local/identity/identity-endpoint.ts';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { createIdentity } from '../../../../../shared/azure/identity.ts';
import { connectStorage, type Storage } from '../../../../../shared/azure/storage/storage-clients.ts';
import { isStorageMisconfigured } from '../../../../../shared/ring/ports/storage-error.ts';
import { sip } from '../../../../support/ring/addresses.ts';
import { serve } from '../../../../support/ucwa/http-server.ts';

const noIdentity = () => Promise.reject(new Error('A connection string needs no identity.'));
const { signal } = new AbortController();

/** Returns the message of a call that must fail, which shows no key. */
async function messageOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('The call did not fail.');
  expect(error.name).toBe('StorageUnavailableError');
  expect(error.message).not.toContain('AccountKey');
  return error.message;
}

async function connectTo(connectionString: string): Promise<Storage> {
  return await connectStorage({ connectionString }, noIdentity);
}

async function startEmptyStorage(): Promise<LocalStorage> {
  const storage = new LocalStorage({ inProcess: true });
  await storage.start();
  onTestFinished(() => storage.stop());
  return storage;
}

describe('a queue or table that is missing is named, and who creates it, by', () => {
  it.each<[string, string, (storage: Storage) => Promise<unknown>]>([
    ['a read of a user', 'table simringusers', ({ users }) => users.read(sip('a@contoso.com'))],
    [
      'a write of a user',
      'table simringusers',
      ({ users }) => users.write(sip('a@contoso.com'), {}, undefined),
    ],
    ['the check of users', 'table simringusers', ({ users }) => users.probe()],
    ['the check of the ledger', 'table simringledger', ({ ledger }) => ledger.probe()],
    ['a list of batches', 'table simringledger', ({ ledger }) => ledger.listBatches({ limit: 1 })],
    ['the registration of a batch', 'table simringledger', ({ ledger }) => ledger.registerBatch('hr', 0)],
    [
      'the entries of a part',
      'table simringledger',
      ({ ledger }) => ledger.readEntries({ batch: 'hr', part: 0 }),
    ],
    ['a bulk message', 'queue simring-bulk', ({ queues }) => queues.sendBulk('x', 0)],
    ['a poisoned message', 'queue simring-bulk-poison', ({ queues }) => queues.sendPoison('x')],
    ['a summary', 'queue simring-results', ({ queues }) => queues.sendResults('x')],
    ['the check of results', 'queue simring-results', ({ queues }) => queues.probe('results', signal)],
  ])('%s', async (_what, place, call) => {
    const { connectionString } = await startEmptyStorage();
    const message = await messageOf(call(await connectTo(connectionString)));
    expect(message).toMatch(/^Storage could not .* \(404 (?:Table|Queue)NotFound\)\. /);
    expect(message).toContain(`The ${place} does not exist. The deployment creates it`);
  });
});

/** Starts storage that refuses every request with this error, as queues and as tables write it. */
async function startRefusing(status: number, code: string): Promise<Storage> {
  const refuse = (isTable: boolean) => (_request: IncomingMessage, response: ServerResponse) => {
    const type = isTable ? 'application/json' : 'application/xml';
    response.writeHead(status, { 'content-type': type, 'x-ms-error-code': code });
    response.end(
      isTable
        ? JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value: 'hunter2' } } })
        : `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>hunter2</Message></Error>`,
    );
  };
  const [queue, table] = [await serve(refuse(false)), await serve(refuse(true))];
  return await connectTo(
    `DefaultEndpointsProtocol=http;AccountName=acct;AccountKey=c2VjcmV0;QueueEndpoint=${queue.origin}/acct;TableEndpoint=${table.origin}/acct;`,
  );
}

describe('storage that refuses us says why, and what to do, for', () => {
  it.each([
    [
      'a missing role',
      403,
      'AuthorizationPermissionMismatch',
      /may not use the queue simring-bulk\. .*role Storage Queue Data Contributor/,
      /may not use the table simringusers\. .*role Storage Table Data Contributor/,
    ],
    ['a firewall', 403, 'AuthorizationFailure', /this app's network\. Allow the app's subnet/, undefined],
    [
      'keys that are off',
      403,
      'KeyBasedAuthenticationNotPermitted',
      /BulkStorage__queueServiceUri/,
      undefined,
    ],
    [
      'a wrong key',
      403,
      'AuthenticationFailed',
      /Set BulkStorage to its present connection string/,
      undefined,
    ],
    ['another tenant', 401, 'InvalidAuthenticationInfo', /the account's own Entra tenant/, undefined],
    [
      'another refusal',
      403,
      'SomethingNew',
      /network rules, and that the app's identity has the role/,
      undefined,
    ],
  ])('%s', async (_why, status, code, atQueue, atTable) => {
    const { queues, users } = await startRefusing(status, code);
    for (const [expected, call] of [
      [atQueue, queues.sendBulk('x', 0)],
      [atTable ?? atQueue, users.read(sip('a@contoso.com'))],
    ] as const) {
      const message = await messageOf(call);
      expect(message).toContain(`(${status} ${code})`);
      expect(message).toMatch(expected);
      expect(message).not.toContain('hunter2');
    }
  });
});

describe('an identity without a token', () => {
  it('is misconfigured for storage, with its status, reason and setting', async () => {
    const identity = new IdentityEndpoint();
    await identity.start();
    for (const [name, value] of Object.entries(identity.environment)) vi.stubEnv(name, value);
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await identity.stop();
    });
    identity.fail({ status: 400, message: 'Unable to load the proper Managed Identity.' });
    const uri = 'https://127.0.0.1:1/acct';
    const { queues, users } = await connectStorage(
      { queueServiceUri: uri, tableServiceUri: uri, clientId: undefined },
      async () => createIdentity(),
    );
    for (const call of [() => queues.sendBulk('x', 0), () => users.read(sip('a@contoso.com'))]) {
      const error = await call().catch((reason: unknown) => reason);
      expect(isStorageMisconfigured(error)).toBe(true);
      expect(isStorageMisconfigured(new Error('x', { cause: error }))).toBe(false);
      expect(String(error)).toMatch(
        /Storage could not .*\. This app's identity got no token: the identity endpoint returned 400 \(Unable to load the proper Managed Identity\)\. Check AZURE_CLIENT_ID/,
      );
    }
  });
});
