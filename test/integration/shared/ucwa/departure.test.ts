import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../infra/local/key-vault/certificate.ts';
import { systemClock } from '../../../../shared/runtime/clock.ts';
import {
  createTransport,
  type Exchange,
  type TransportOptions,
} from '../../../../shared/ucwa/transport/transport.ts';
import { neverAborted } from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { serve, serveSilently } from '../../../support/ucwa/http-server.ts';
import { simulate } from '../../../support/ucwa/simulation.ts';

/** Returns a function that sends a GET, and how often a request left. */
function watchedTransport(options: Partial<TransportOptions> = {}) {
  const send = createTransport({
    trustedHosts: ['127.0.0.1'],
    requestTimeoutMs: 10_000,
    userAgent: 'test',
    clock: systemClock,
    ...options,
  });
  let left = 0;
  const exchange: Exchange = {
    correlationId: 'a-correlation-id',
    signal: neverAborted(),
    onRequest: () => {},
    onLeave: () => {
      left += 1;
    },
    onResponse: () => {},
    onUnreached: () => {},
  };
  return {
    get: (url: string, changes: Partial<Exchange> = {}, freshConnection = false) =>
      send({ step: 'read', method: 'GET', url: new URL(url), freshConnection }, { ...exchange, ...changes }),
    left: () => left,
  };
}

describe('a request', () => {
  it('leaves once, on a new connection as on a kept one', async () => {
    const server = await serve((_request, response) => void response.end('{}'));
    const { get, left } = watchedTransport();
    await get(server.discoveryUrl);
    expect(left()).toBe(1);
    await get(server.discoveryUrl);
    expect(left()).toBe(2);
    expect(server.connections).toBe(1);
    await get(server.discoveryUrl, {}, true);
    expect(left()).toBe(3);
    expect(server.connections).toBe(2);
  });

  it('leaves over TLS too', async () => {
    const tls = await makeCertificate();
    const simulator = await simulate({ tls });
    const { get, left } = watchedTransport({ caCertificates: [tls.cert] });
    for (const requests of [1, 2]) {
      expect(await get(simulator.discoveryUrl)).toMatchObject({ status: 200 });
      expect(left()).toBe(requests);
    }
  });

  it('has left when it arrives, before any response', async () => {
    const { get, left } = watchedTransport();
    let leftOnArrival = 0;
    const server = await serve((_request, response) => {
      leftOnArrival = left();
      response.end('{}');
    });
    await get(server.discoveryUrl);
    expect(leftOnArrival).toBe(1);
  });

  it('has left where the server breaks the connection', async () => {
    const server = await serve((request) => void request.socket.destroy());
    const { get, left } = watchedTransport();
    expect(await failureOf(get(server.discoveryUrl))).toMatchObject({ name: 'ConnectionError', sent: true });
    expect(left()).toBe(1);
  });

  it('does not leave where the connection is refused', async () => {
    const { get, left } = watchedTransport();
    expect(await failureOf(get('http://127.0.0.1:1/'))).toMatchObject({
      name: 'ConnectionError',
      sent: false,
    });
    expect(left()).toBe(0);
  });

  it('does not leave where the server speaks no TLS', async () => {
    const server = await serve(() => {});
    const { get, left } = watchedTransport();
    const failure = await failureOf(get(server.discoveryUrl.replace('http:', 'https:')));
    expect(failure).toMatchObject({ name: 'TlsError', sent: false });
    expect(left()).toBe(0);
  });

  it('does not leave where the time is over before TLS is established', async () => {
    const { origin } = await serveSilently();
    const { get, left } = watchedTransport({ requestTimeoutMs: 50 });
    const failure = await failureOf(get(origin.replace('http:', 'https:')));
    expect(failure).toMatchObject({ name: 'RequestTimeoutError' });
    expect(left()).toBe(0);
  });

  it('does not leave where it is aborted before TLS is established', async () => {
    const { origin, connected } = await serveSilently();
    const { get, left } = watchedTransport();
    const controller = new AbortController();
    const failing = failureOf(get(origin.replace('http:', 'https:'), { signal: controller.signal }));
    await connected;
    controller.abort(new RangeError('The host goes down.'));
    expect(await failing).toBe(controller.signal.reason);
    expect(left()).toBe(0);
  });
});
