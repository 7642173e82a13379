import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { onTestFinished } from 'vitest';

/** A certificate with its private key, both PEM text. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface CertificateOptions {
  /** By default valid from yesterday for a month. */
  readonly validFrom?: Date;
  readonly validUntil?: Date;
  /** The address that the certificate is for; 127.0.0.1 by default. */
  readonly ip?: string;
  /** By default it is issued by itself. */
  readonly issuer?: Certificate;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Makes the certificate of a server, or of an authority. */
export async function makeCertificate(options: CertificateOptions = {}): Promise<Certificate> {
  const { validFrom, validUntil, ip = '127.0.0.1', issuer } = options;
  const made = await generate(
    [{ name: 'commonName', value: issuer === undefined ? 'Authority' : 'Server' }],
    {
      keyType: 'ec',
      algorithm: 'sha256',
      notBeforeDate: validFrom ?? new Date(Date.now() - dayMs),
      notAfterDate: validUntil ?? new Date(Date.now() + 29 * dayMs),
      extensions: [
        { name: 'basicConstraints', cA: issuer === undefined, critical: true },
        { name: 'keyUsage', digitalSignature: true, keyCertSign: issuer === undefined, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip }] },
      ],
      ...(issuer === undefined ? {} : { ca: issuer }),
    },
  );
  return { key: made.private, cert: made.cert };
}

/** Starts an https server that would accept every request. It stops when the test ends. */
export async function serveTls(
  options: ServerOptions,
): Promise<{ readonly url: URL; readonly requests: string[] }> {
  const requests: string[] = [];
  const server = createServer(options, (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.end('{}');
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise<void>((closed) => void server.close(() => closed()));
  });
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`https://127.0.0.1:${port}/`), requests };
}
