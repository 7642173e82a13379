import type { Headers } from 'node-fetch';
import { diagnosisHeaders } from '../vocabulary.ts';

/** Headers that help Microsoft's support find a request. They decide nothing except whether a token is invalid. */
export type Diagnosis = Readonly<Record<string, string>>;

const textLimit = 200;

/** Six or more digits, with the separators that people write in phone numbers. */
const phoneNumber = /\+?\d(?:[\s()./-]{0,3}\d){5,}/g;

/** A host name or an id. Anything else may be an echo of what we sent. */
const word = /^[A-Za-z0-9_.-]{1,100}$/;

/** The start of `x-ms-diagnostics` if the token is invalid, which may be the only sign of it in a 403. */
const invalidToken = '28020';

/** Returns the headers kept for diagnosis. Digits that may be a phone number are removed from the free text. */
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

/** Tells whether the server reports an invalid token. */
export function saysInvalidToken(diagnosis: Diagnosis): boolean {
  return diagnosis[diagnosisHeaders.text]?.startsWith(invalidToken) === true;
}

function withoutNumbers(text: string): string {
  return text.replaceAll(phoneNumber, '[number]');
}
