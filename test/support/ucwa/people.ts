import type { SimulatedUser } from '../../../infra/local/ucwa-simulator/simulator.ts';
import { parseSipUri, parseTelUri, type SipUri, type TelUri } from '../../../shared/ucwa/uri.ts';

export const alice = {
  sip: 'sip:alice@contoso.com',
  username: 'CONTOSO\\alice',
  password: 'correct horse & battery+staple',
} as const satisfies SimulatedUser;

export const bob = {
  sip: 'sip:bob@contoso.com',
  username: 'CONTOSO\\bob',
  password: 'Ünlock me = 100%',
} as const satisfies SimulatedUser;

/** A number that nobody has, in the form in which UCWA is sent it. */
export const mobile = telUri('tel:+14255550123');

/** A SIP address that is known to be one. */
export function sipUri(text: string): SipUri {
  const uri = parseSipUri(text);
  if (uri === undefined) throw new Error(`${text} is no SIP address.`);
  return uri;
}

/** A number that is known to be one. */
export function telUri(text: string): TelUri {
  const uri = parseTelUri(text);
  if (uri === undefined) throw new Error(`${text} is no number.`);
  return uri;
}
