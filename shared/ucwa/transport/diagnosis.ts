import type { Headers } from 'node-fetch';
import { diagnosisHeaders } from '../vocabulary.ts';

/** Headers that help Microsoft's support find a request. That a token is invalid is all in them that decides anything. */
export type Diagnosis = Readonly<Record<string, string>>;

const textLimit = 200;

/** Six digits or more, with what is written between the digits of a phone number. */
const phoneNumber = /\+?\d(?:[\s()./-]{0,3}\d){5,}/g;

/** A host or an id. Anything else might be what we sent, given back. */
const word = /^[A-Za-z0-9_.-]{1,100}$/;

/** How `x-ms-diagnostics` begins where there is no valid token: a 403 may have no other sign of it. */
const invalidToken = '28020';

/** Reads the headers kept for diagnosis; of the server's free text nothing that could be a phone number. */
export function diagnosisOf(headers: Headers): Diagnosis {
  const text = headers.get(diagnosisHeaders.text);
  const words = diagnosisHeaders.words.flatMap((name) => {
    const value = headers.get(name);
    return value !== null && word.test(value) ? [[name, value] as const] : [];
  });
  return {
    ...(text === null ? {} : { [diagnosisHeaders.text]: withoutNumbers(text).slice(0, textLimit) }),
    ...Object.fromEntries(words),
  };
}

/** Whether the server says that the token is invalid. */
export function saysInvalidToken(diagnosis: Diagnosis): boolean {
  return diagnosis[diagnosisHeaders.text]?.startsWith(invalidToken) === true;
}

function withoutNumbers(text: string): string {
  return text.replaceAll(phoneNumber, '[number]');
}
