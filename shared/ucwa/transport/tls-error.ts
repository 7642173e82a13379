import { ConnectionError } from '../errors.ts';
import type { Step } from '../steps.ts';

/** Why there is no TLS connection to a server that can be reached. None of these passes by itself. */
export type TlsProblem = 'issuer' | 'period' | 'name' | 'certificate' | 'version' | 'plain';

/** The TLS connection to a server failed on its certificate or on the protocol. The request was not sent. */
export class TlsError extends ConnectionError {
  readonly problem: TlsProblem;

  constructor(step: Step, host: string, problem: TlsProblem, reason: string) {
    super(step, host, false, reason, (shown) => `${sentences[problem](shown)} (${reason}, ${step} step).`);
    this.problem = problem;
  }
}

const sentences: Readonly<Record<TlsProblem, (host: string) => string>> = {
  issuer: (host) => `The certificate of ${host} was issued by an authority that is not trusted`,
  period: (host) => `The certificate of ${host} is expired or not valid yet`,
  name: (host) => `The certificate of ${host} was issued for other names`,
  certificate: (host) => `The certificate of ${host} is not valid`,
  version: (host) => `${host} offers no version or cipher of TLS that can be used`,
  plain: (host) => `${host} does not use TLS on this port`,
};

/** Codes of Node and OpenSSL, by problem; the first that matches decides. */
const codes: readonly (readonly [TlsProblem, RegExp])[] = [
  [
    'issuer',
    /^(?:UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(?:_LOCALLY)?)|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_UNTRUSTED)$/,
  ],
  ['period', /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/],
  ['name', /^(?:ERR_TLS_CERT_ALTNAME_(?:INVALID|FORMAT)|HOSTNAME_MISMATCH)$/],
  [
    'certificate',
    /^(?:CERT_\w+|INVALID_(?:CA|PURPOSE|NON_CA|EXTENSION)|PATH_LENGTH_EXCEEDED|UNABLE_TO_\w+|ERROR_IN_CERT_\w+|ERR_SSL_(?:CA|EE)_(?:KEY_TOO_SMALL|MD_TOO_WEAK))$/,
  ],
  [
    'version',
    /^ERR_SSL_(?:UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|VERSION_TOO_LOW|NO_SHARED_CIPHER|NO_CIPHERS_AVAILABLE|DH_KEY_TOO_SMALL|UNSAFE_LEGACY_RENEGOTIATION_DISABLED|(?:TLSV1_ALERT|SSL\/TLS_ALERT|SSLV3_ALERT)_(?:PROTOCOL_VERSION|HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY))$/,
  ],
  ['plain', /^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL)$/],
];

/** What OpenSSL says where Node gives only EPROTO. */
const words: readonly (readonly [TlsProblem, RegExp])[] = [
  [
    'version',
    /unsupported protocol|alert (?:protocol version|handshake failure|insufficient security)|no shared cipher|dh key too small|legacy/i,
  ],
  ['plain', /wrong version number|packet length too long|http request|unknown protocol/i],
];

/** Returns the problem that a failure to connect is due to; undefined if it may pass by itself. */
export function tlsProblemOf(code: string, message: string): TlsProblem | undefined {
  const [table, text] = code === 'EPROTO' ? [words, message] : [codes, code];
  return table.find(([, pattern]) => pattern.test(text))?.[0];
}
