import { describe, expect, it } from 'vitest';
import { TlsError, type TlsProblem, tlsProblemOf } from '../../../../../shared/ucwa/transport/tls-error.ts';

describe('a failure to connect', () => {
  // biome-ignore format: a table reads by its rows
  it.each<[string, TlsProblem | undefined]>([
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE',              'issuer'],
    ['UNABLE_TO_GET_ISSUER_CERT',                    'issuer'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY',            'issuer'],
    ['SELF_SIGNED_CERT_IN_CHAIN',                    'issuer'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT',                  'issuer'],
    ['CERT_UNTRUSTED',                               'issuer'],
    ['CERT_HAS_EXPIRED',                             'period'],
    ['CERT_NOT_YET_VALID',                           'period'],
    ['ERR_TLS_CERT_ALTNAME_INVALID',                 'name'],
    ['HOSTNAME_MISMATCH',                            'name'],
    ['CERT_REVOKED',                                 'certificate'],
    ['CERT_SIGNATURE_FAILURE',                       'certificate'],
    ['INVALID_PURPOSE',                              'certificate'],
    ['ERR_SSL_EE_KEY_TOO_SMALL',                     'certificate'],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL',                 'version'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',         'version'],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',      'version'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',        'version'],
    ['ERR_SSL_DH_KEY_TOO_SMALL',                     'version'],
    ['ERR_SSL_WRONG_VERSION_NUMBER',                 'plain'],
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',           undefined],
    ['ECONNREFUSED',                                 undefined],
    ['ECONNRESET',                                   undefined],
    ['ENOTFOUND',                                    undefined],
    ['ETIMEDOUT',                                    undefined],
  ])('with %s is a problem of TLS: %s', (code, problem) => {
    expect(tlsProblemOf(code, '')).toBe(problem);
  });

  it.each<[string, TlsProblem | undefined]>([
    ['write EPROTO 00:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version', 'version'],
    ['write EPROTO 00:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure', 'version'],
    ['write EPROTO 00:error:0A000102:SSL routines::unsupported protocol', 'version'],
    ['write EPROTO 00:error:0A00010B:SSL routines:ssl3_get_record:wrong version number', 'plain'],
    ['write EPROTO 00:error:0A000438:SSL routines:ssl3_read_bytes:tlsv1 alert internal error', undefined],
    ['write EPROTO', undefined],
  ])('with EPROTO is judged by its words: %s', (message, problem) => {
    expect(tlsProblemOf('EPROTO', message)).toBe(problem);
  });

  it('names the host, the cause, the code and the step', () => {
    const error = new TlsError('challenge', 'pool.contoso.com', 'issuer', 'SELF_SIGNED_CERT_IN_CHAIN');
    expect(error).toMatchObject({ sent: false, host: 'pool.contoso.com', step: 'challenge' });
    expect(error.message).toBe(
      'The certificate of pool.contoso.com was issued by an authority that is not trusted (SELF_SIGNED_CERT_IN_CHAIN, challenge step).',
    );
  });
});
