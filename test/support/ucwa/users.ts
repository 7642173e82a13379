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

/** A fictional number, in the form that UCWA accepts. */
export const mobile = telUri('tel:+14255550123');

/** Parses a SIP address that the test knows to be valid. */
export function sipUri(text: string): SipUri {
  const uri = parseSipUri(text);
  if (uri === undefined) throw new Error(`${text} is not a valid SIP address.`);
  return uri;
}

/** Parses a number that the test knows to be valid. */
export function telUri(text: string): TelUri {
  const uri = parseTelUri(text);
  if (uri === undefined) throw new Error(`${text} is not a valid number.`);
  return uri;
}
