import { beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, makeCertificate } from '../../../../infra/local/key-vault/certificate.ts';
import { ConnectionError } from '../../../../shared/ucwa/errors.ts';
import { openClient, openSession, proven, setRing } from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { mobile } from '../../../support/ucwa/people.ts';
import { simulate } from '../../../support/ucwa/simulation.ts';

describe("servers with a certificate of the organisation's own", () => {
  let tls: Certificate;
  beforeAll(async () => {
    tls = await makeCertificate();
  });

  it('are spoken to over https where its CA is given', async () => {
    const simulator = await simulate({ tls });
    const client = openClient(simulator, { caCertificates: [tls.cert] });
    expect(await setRing(openSession(client), mobile)).toEqual(proven);
    expect(simulator.discoveryUrl).toMatch(/^https:/);
  });

  it('are spoken to on new connections too', async () => {
    const simulator = await simulate({ tls });
    const session = openSession(openClient(simulator, { caCertificates: [tls.cert] }));
    session.dropConnection();
    expect(await setRing(session, mobile)).toEqual(proven);
  });

  it('are refused without its CA, and see no request', async () => {
    const simulator = await simulate({ tls });
    const failure = await failureOf(openSession(openClient(simulator)).readSettings());
    expect(failure).toBeInstanceOf(ConnectionError);
    expect(failure).toMatchObject({ step: 'discovery', sent: false });
    expect(simulator.requests).toEqual([]);
  });

  it('are refused with the CA of another organisation', async () => {
    const simulator = await simulate({ tls });
    const { cert } = await makeCertificate();
    const client = openClient(simulator, { caCertificates: [cert] });
    const failure = await failureOf(openSession(client).readSettings());
    expect(failure).toMatchObject({ name: 'ConnectionError', sent: false });
    expect(simulator.requests).toEqual([]);
  });
});
