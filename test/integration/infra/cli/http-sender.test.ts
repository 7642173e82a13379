import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpSender } from '../../../../infra/cli/send/http-sender.ts';
import { RefusedError, UnreachableError } from '../../../../infra/cli/send/sender.ts';

const file = {
  content: new TextEncoder().encode('user,target\n'),
  isJson: false,
  batch: undefined,
  dryRun: false,
  strict: false,
};

/** Starts a server that answers every request in one way, and returns what sends to it. */
async function senderTo(answer: RequestListener): Promise<HttpSender> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const signal = new AbortController().signal;
  return new HttpSender({
    url: new URL(`http://127.0.0.1:${port}/`),
    headers: { 'x-functions-key': 'k' },
    fetch,
    signal,
  });
}

describe('functions that do not answer as they should', () => {
  it.each([
    ['a sign-in page', 200, '<html>', 'check --url'],
    ['an address rule', 403, '', 'does not let this machine through'],
    ['another server', 404, 'nothing here', 'check --url'],
    ['a wrong key', 401, '', 'SIMRING_KEY'],
  ])('are told apart: %s', async (_what, status, body, words) => {
    const sender = await senderTo((_request, response) => response.writeHead(status).end(body));
    const sent = sender.send(file);
    await expect(sent).rejects.toBeInstanceOf(RefusedError);
    await expect(sent).rejects.toThrow(words);
  });

  it('ask for a token where they know callers by that', async () => {
    const sender = await senderTo((_request, response) =>
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end(),
    );
    await expect(sender.send(file)).rejects.toThrow(/SIMRING_TOKEN.*az account get-access-token/);
  });

  it('may be reached later, if the connection breaks in the middle of a response', async () => {
    const sender = await senderTo((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"entries":');
      setImmediate(() => response.destroy());
    });
    await expect(sender.progress('b')).rejects.toBeInstanceOf(UnreachableError);
    await expect(sender.report('b')).rejects.toBeInstanceOf(UnreachableError);
  });

  it('do not have the batch yet only where they say so', async () => {
    const absent = await senderTo((_request, response) =>
      response.writeHead(404).end('{"code":"batch-not-found"}'),
    );
    expect(await absent.progress('b')).toBeUndefined();
    const other = await senderTo((_request, response) => response.writeHead(404).end('nothing here'));
    await expect(other.progress('b')).rejects.toBeInstanceOf(RefusedError);
  });

  it('return a report byte for byte', async () => {
    const sender = await senderTo((_request, response) => response.end('\ufeffuser\r\n'));
    expect(Buffer.from(await sender.report('b')).toString('hex')).toMatch(/^efbbbf/);
  });
});
