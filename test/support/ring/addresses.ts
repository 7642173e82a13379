import { parseSipUri, parseTelUri, type SipUri, type TelUri } from '../../../shared/ucwa/uri.ts';

/** Returns a user's address that a test writes down. Throws where it is not a valid SIP address. */
export function sip(text: string): SipUri {
  const user = parseSipUri(text);
  if (user === undefined) throw new Error(`${text} is not a valid SIP address.`);
  return user;
}

/** Returns a phone number that a test writes down. Throws where it is not a valid tel: URI. */
export function tel(text: string): TelUri {
  const number = parseTelUri(text);
  if (number === undefined) throw new Error(`${text} is not a valid tel: URI.`);
  return number;
}
