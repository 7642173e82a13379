import { parseSipUri, parseTelUri, type SipUri, type TelUri } from '../../../shared/ucwa/uri.ts';

/** An address that a test writes down; throws where it is none. */
export function sip(text: string): SipUri {
  const user = parseSipUri(text);
  if (user === undefined) throw new Error(`${text} is no SIP address.`);
  return user;
}

/** A number that a test writes down, as it is sent; throws where it is none. */
export function tel(text: string): TelUri {
  const number = parseTelUri(text);
  if (number === undefined) throw new Error(`${text} is no number.`);
  return number;
}
