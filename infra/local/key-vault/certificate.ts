import { generate } from 'selfsigned';

/** A server certificate with its private key, both PEM text. */
export type Certificate = { readonly key: string; readonly cert: string };

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Creates a self-signed certificate for `https://127.0.0.1` and `https://localhost`. Clients trust it through
 * `NODE_EXTRA_CA_CERTS` or `tls.setDefaultCACertificates`. It is valid for thirty days from a day before `now`.
 */
export async function makeCertificate(now: () => number = Date.now): Promise<Certificate> {
  const generated = await generate([{ name: 'commonName', value: 'Simultaneous Ring local system' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now() - dayMs),
    notAfterDate: new Date(now() + 29 * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { key: generated.private, cert: generated.cert };
}
