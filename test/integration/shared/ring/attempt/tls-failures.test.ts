import type { ServerOptions } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { changeOnce, outcomeOf } from '../../../../support/ring/one-change.ts';
import { neverAborted, openClient } from '../../../../support/ucwa/client.ts';
import { failureOf } from '../../../../support/ucwa/error-text.ts';
import { serve } from '../../../../support/ucwa/http-server.ts';
import { challenge, links, startScriptedPool } from '../../../../support/ucwa/scripted-pool.ts';
import { makeCertificate, serveTls } from '../../../../support/ucwa/tls-server.ts';

const dayMs = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * dayMs);

/** What a server presents, and which authorities the client trusts in addition to the machine's. */
interface Presented {
  readonly server: ServerOptions;
  readonly trusted?: readonly string[];
}

interface Case {
  readonly name: string;
  readonly present: () => Promise<Presented>;
  readonly says: string;
  readonly reason: string;
  readonly remedy: string;
}

const ownCertificate = async (options?: Parameters<typeof makeCertificate>[0]): Promise<Presented> => {
  const server = await makeCertificate(options);
  return { server, trusted: [server.cert] };
};

async function issued({ withRoot }: { readonly withRoot: boolean }): Promise<Presented> {
  const issuer = await makeCertificate();
  const { key, cert } = await makeCertificate({ issuer });
  return { server: { key, cert: withRoot ? `${cert}\n${issuer.cert}` : cert } };
}

async function onlyTls11(): Promise<Presented> {
  const certificate = await makeCertificate();
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  return { server: { ...certificate, ...old }, trusted: [certificate.cert] };
}

const issuer = 'was issued by an authority that is not trusted';
const caSetting = 'UCWA_CA_CERTIFICATES';
const period = 'is expired or not valid yet';

// biome-ignore format: a table reads by its rows
const cases: readonly Case[] = [
  { name: 'a certificate issued by itself',                present: async () => ({ server: await makeCertificate() }),             says: issuer, reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',        remedy: caSetting },
  { name: 'a chain up to an own authority',                present: () => issued({ withRoot: true }),                              says: issuer, reason: 'SELF_SIGNED_CERT_IN_CHAIN',          remedy: caSetting },
  { name: 'a certificate without that of its authority',   present: () => issued({ withRoot: false }),                             says: issuer, reason: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',    remedy: caSetting },
  { name: 'an expired certificate',                        present: () => ownCertificate({ validFrom: inDays(-9), validUntil: inDays(-1) }), says: period, reason: 'CERT_HAS_EXPIRED',         remedy: 'Renew the certificate' },
  { name: 'a certificate that is not valid yet',           present: () => ownCertificate({ validFrom: inDays(1), validUntil: inDays(9) }),   says: period, reason: 'CERT_NOT_YET_VALID',       remedy: 'Renew the certificate' },
  { name: 'a certificate for another name',                present: () => ownCertificate({ ip: '127.0.0.9' }),                     says: 'was issued for other names', reason: 'ERR_TLS_CERT_ALTNAME_INVALID', remedy: 'contains this name' },
  { name: 'TLS 1.1 at most',                               present: onlyTls11,                                                     says: 'offers no version or cipher of TLS', reason: '', remedy: 'TLS 1.2' },
];

describe('a change at a host with', () => {
  it.each(cases)('$name is misconfigured; nothing is sent', async ({ present, says, reason, remedy }) => {
    const { server, trusted = [] } = await present();
    const { url, requests } = await serveTls(server);
    const client = openClient({ discoveryUrl: url.href }, { caCertificates: trusted });

    const { tried, events } = await changeOnce(client);

    expect(tried).toMatchObject({ requiresOperator: true, countsAsAttempt: false });
    const outcome = outcomeOf({ tried });
    expect(outcome).toMatchObject({ outcome: 'deferred', code: 'misconfigured', recovery: [] });
    for (const part of [url.host, says, reason, remedy, 'discovery step']) {
      expect(outcome).toHaveProperty('detail', expect.stringContaining(part));
    }
    expect(events).toMatchObject([{ failure: 'tls-failed', host: url.host }]);
    expect(requests).toEqual([]);
  });

  it('no TLS on this port is misconfigured', async () => {
    const plain = await serve((_request, response) => void response.end('{}'));
    const url = plain.discoveryUrl.replace('http:', 'https:');
    expect(outcomeOf(await changeOnce(openClient({ discoveryUrl: url })))).toMatchObject({
      code: 'misconfigured',
      detail: expect.stringContaining('does not use TLS on this port'),
    });
    expect(plain.requests).toEqual([]);
  });
});

describe('a bad certificate', () => {
  it('is named with its host and step wherever the way to the pool meets it', async () => {
    const { url } = await serveTls(await makeCertificate());
    const away = (path: string) => new URL(path, url).href;
    const pools = {
      challenge: await startScriptedPool({ 'GET /': { json: links({ user: away('/user') }) } }),
      token: await startScriptedPool({ 'GET /user without a token': challenge(away('/token')) }),
    };
    for (const [step, pool] of Object.entries(pools)) {
      const changed = await changeOnce(openClient(pool));
      expect(outcomeOf(changed)).toMatchObject({
        outcome: 'deferred',
        code: 'misconfigured',
        detail: expect.stringContaining(`The certificate of ${url.host}`),
      });
      expect(outcomeOf(changed)).toHaveProperty('detail', expect.stringContaining(`${step} step`));
    }
  });

  it('fails a probe of the host that discovery leads to', async () => {
    const { url } = await serveTls(await makeCertificate());
    const pool = await startScriptedPool({ 'GET /': { json: links({ user: new URL('/user', url).href }) } });
    const failure = await failureOf(openClient(pool).probeDiscovery('contoso.com', neverAborted()));
    expect(failure).toMatchObject({ name: 'TlsError', step: 'challenge', host: url.host, sent: false });
  });

  it('never pauses the host, which would hide the cause', async () => {
    const { url } = await serveTls(await makeCertificate());
    const changes: string[] = [];
    const onPoolChange = (host: string, state: string) => void changes.push(`${host} ${state}`);
    const client = openClient({ discoveryUrl: url.href }, { onPoolChange });
    for (let time = 0; time < 12; time++) {
      expect(outcomeOf(await changeOnce(client))).toMatchObject({ code: 'misconfigured' });
    }
    expect(changes).toEqual([]);
  });
});

describe('a connection that breaks before TLS is established', () => {
  it('may pass by itself, so it is not an error of TLS', async () => {
    const server = createServer((socket) => void socket.destroy());
    await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const outcome = outcomeOf(await changeOnce(openClient({ discoveryUrl: `https://127.0.0.1:${port}/` })));
    expect(outcome).toMatchObject({ code: 'ucwa-unavailable', recovery: ['retry', 'rediscover'] });
    expect(outcome).toHaveProperty('detail', expect.stringContaining('the network lets this app reach it'));
  });
});
