import type { Headers } from 'node-fetch';
import { diagnosisHeaders, tokenErrorDescription } from '../vocabulary.ts';
import { holdsSecret, mask } from './mask.ts';
import type { SentSecrets } from './secrets.ts';

/** Headers that help Microsoft's support find a request. They decide nothing except whether a token is invalid. */
export type Diagnosis = Readonly<Record<string, string>>;

const textLimit = 200;

/** A host name or an id. Anything else may be an echo of what we sent. */
const word = /^[A-Za-z0-9_.-]{1,100}$/;

/** The number of an error at the beginning of `x-ms-diagnostics`. */
const errorNumber = /^\d{1,5}(?=;|$)/;

/** The numbers of errors that mean an invalid token, which may be the only sign of it in a 403. */
const invalidToken = /^(?:28020|28055)(?!\d)/;

/**
 * Returns the headers kept for diagnosis. What the session sent, and digits that may be a phone number, are removed from
 * the free text.
 */
export function diagnosisOf(headers: Headers, secrets?: SentSecrets): Diagnosis {
  const text = headers.get(diagnosisHeaders.text);
  const words = diagnosisHeaders.words.flatMap((name) => {
    const value = headers.get(name);
    return value !== null && word.test(value) && !holdsSecret(value, secrets) ? [[name, value] as const] : [];
  });
  return {
    ...(text === null ? {} : { [diagnosisHeaders.text]: shownText(text, secrets) }),
    ...Object.fromEntries(words),
  };
}

/** Tells whether the server reports an invalid token. */
export function saysInvalidToken(diagnosis: Diagnosis): boolean {
  return invalidToken.test(diagnosis[diagnosisHeaders.text] ?? '');
}

/** Returns why a server refused, in its own words; undefined where it gives no reason. */
export function reasonOf(diagnosis: Diagnosis): string | undefined {
  const text = diagnosis[diagnosisHeaders.text];
  const reason = /reason="([^"]+)/.exec(text ?? '')?.[1] ?? text;
  const sentences = [reason, diagnosis[tokenErrorDescription]].flatMap((words) => {
    const sentence = words?.replace(/[\s.]+$/, '') ?? '';
    return sentence === '' ? [] : [sentence];
  });
  return sentences.length === 0 ? undefined : [...new Set(sentences)].join('; ');
}

/** Returns the reason in the body of the token service, where it gives one; masked like the header. */
export function describedBy(description: string | undefined, secrets?: SentSecrets): Diagnosis {
  const text = description?.replaceAll(/\s+/g, ' ').trim() ?? '';
  return text === '' ? {} : { [tokenErrorDescription]: mask(text, secrets).slice(0, textLimit) };
}

function shownText(text: string, secrets: SentSecrets | undefined): string {
  const number = errorNumber.exec(text)?.[0] ?? '';
  return (number + mask(text.slice(number.length), secrets)).slice(0, textLimit);
}
