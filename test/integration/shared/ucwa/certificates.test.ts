import { beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, makeCertificate } from '../../../../infra/local/key-vault/certificate.ts';
import { ConnectionError } from '../../../../shared/ucwa/errors.ts';
import { openClient, openSession, proven, setRing } from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { simulate } from '../../../support/ucwa/simulation.ts';
import { mobile } from '../../../support/ucwa/users.ts';

describe('a server with a certificate of a private CA', () => {
  let tls: Certificate;
  beforeAll(async () => {
    tls = await makeCertificate();
  });

  it('is trusted if the client is given that CA', async () => {
    const simulator = await simulate({ tls });
    const client = openClient(simulator, { caCertificates: [tls.cert] });
    expect(await setRing(openSession(client), mobile)).toEqual(proven);
    expect(simulator.discoveryUrl).toMatch(/^https:/);
  });

  it('is trusted on new connections too', async () => {
    const simulator = await simulate({ tls });
    const session = openSession(openClient(simulator, { caCertificates: [tls.cert] }));
    session.dropConnection();
    expect(await setRing(session, mobile)).toEqual(proven);
  });

  it('is refused without that CA and sees no request', async () => {
    const simulator = await simulate({ tls });
    const failure = await failureOf(openSession(openClient(simulator)).callForwarding.readSettings());
    expect(failure).toBeInstanceOf(ConnectionError);
    expect(failure).toMatchObject({ step: 'discovery', sent: false });
    expect(simulator.requests).toEqual([]);
  });

  it('is refused if the client is given another CA', async () => {
    const simulator = await simulate({ tls });
    const { cert } = await makeCertificate();
    const client = openClient(simulator, { caCertificates: [cert] });
    const failure = await failureOf(openSession(client).callForwarding.readSettings());
    expect(failure).toMatchObject({ name: 'TlsError', sent: false });
    expect(simulator.requests).toEqual([]);
  });
});
