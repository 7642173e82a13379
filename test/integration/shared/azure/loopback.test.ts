import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KeyVaultCredentials } from '../../../../shared/azure/key-vault.ts';
import { connectStorage } from '../../../../shared/azure/storage/storage-clients.ts';
import { VaultRefusedError } from '../../../../shared/ring/ports/credential-store.ts';
import { StorageUnavailableError } from '../../../../shared/ring/ports/storage-error.ts';
import { systemClock } from '../../../../shared/runtime/clock.ts';
import { sip } from '../../../support/ring/addresses.ts';

/** Leads to this machine (on Windows, nowhere), but is not a loopback address to the code. */
const elsewhere = '0.0.0.0';
const leadsHere = process.platform !== 'win32';

const identity = async () => ({
  getToken: async () => ({ token: 'token-of-the-app', expiresOnTimestamp: Date.now() + 3_600_000 }),
});

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Starts a server that responds to all requests alike, and records them. */
async function listen(
  create: (listener: RequestListener) => Server,
  respond: RequestListener,
): Promise<{ port: number; requests: readonly IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = create((request, response) => {
    requests.push(request);
    respond(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, requests };
}

describe.runIf(leadsHere)('tables over http', () => {
  const sendNothing: RequestListener = (_request, response) => response.writeHead(404).end();

  it.each([
    ['127.0.0.1', true],
    [elsewhere, false],
  ])('are asked at %s: %s', async (host, isAsked) => {
    const { port, requests } = await listen(createServer, sendNothing);
    const uri = `http://${host}:${port}/account`;
    const account = `AccountName=account;AccountKey=c2VjcmV0;QueueEndpoint=${uri};TableEndpoint=${uri}`;
    const connectionString = `DefaultEndpointsProtocol=http;${account}`;
    const { ledger } = await connectStorage({ connectionString }, identity);
    if (isAsked) await ledger.readBatch('hr');
    else await expect(ledger.readBatch('hr')).rejects.toThrow(StorageUnavailableError);
    expect(requests.length > 0).toBe(isAsked);
  });
});

describe.runIf(leadsHere)('a vault that asks for a token of another resource', () => {
  let certificate: Awaited<ReturnType<typeof certificateFor>>;
  beforeAll(async () => {
    certificate = await certificateFor(['127.0.0.1', elsewhere]);
  });

  const challenge: RequestListener = (_request, response) => {
    const bearer =
      'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"';
    response.writeHead(401, { 'www-authenticate': bearer }).end('{"error":{"code":"Unauthorized"}}');
  };

  it.each([
    ['127.0.0.1', true],
    [elsewhere, false],
  ])('gets it at %s: %s', async (host, isGiven) => {
    const create = (listener: RequestListener) => createTlsServer(certificate, listener);
    const { port, requests } = await listen(create, challenge);
    const vault = new KeyVaultCredentials(new URL(`https://${host}:${port}`), identity, systemClock);
    const read = vault.read(sip('alice@contoso.com'), { fresh: true, signal: new AbortController().signal });
    await expect(read).rejects.toThrow(isGiven ? /401/ : VaultRefusedError);
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.some(({ headers }) => headers.authorization !== undefined)).toBe(isGiven);
  });
});

/** Makes a certificate for addresses, and lets this process trust it from now on. */
async function certificateFor(addresses: readonly string[]): Promise<{ key: string; cert: string }> {
  const generated = await generate([{ name: 'commonName', value: 'A vault' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: addresses.map((ip) => ({ type: 7 as const, ip })) },
    ],
  });
  setDefaultCACertificates([...getCACertificates('default'), generated.cert]);
  return { key: generated.private, cert: generated.cert };
}
