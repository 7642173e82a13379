/** A word of a `WWW-Authenticate` header, in lower case: the name of a scheme, or of a parameter with its value. */
export interface ChallengeWord {
  readonly name: string;
  /** Undefined for a scheme. */
  readonly value: string | undefined;
}

/**
 * Yields the schemes and parameters of a header in their order. Whatever is neither is skipped, such as the base64 text of
 * Negotiate. Looks at each character of the header a bounded number of times. RFC 9110, 11.6.1.
 */
export function* challengeWords(header: string): Generator<ChallengeWord> {
  let at = 0;
  while (at < header.length) {
    if (header[at] === '"') {
      at = endOfQuoted(header, at);
    } else if (isSeparator(header[at])) {
      at += 1;
    } else {
      const end = skipWhile(header, at, isWordCharacter);
      const name = header.slice(at, end).toLowerCase();
      const equals = skipWhile(header, end, isBlank);
      if (end > at && header[equals] === '=') {
        const from = skipWhile(header, equals + 1, isBlank);
        at = header[from] === '"' ? endOfQuoted(header, from) : skipWhile(header, from, isBareCharacter);
        if (isName(name)) yield { name, value: unquoted(header.slice(from, at)) };
      } else {
        at = skipWhile(header, end, isBareCharacter);
        if (at === end && isName(name)) yield { name, value: undefined };
      }
    }
  }
}

/** Returns the index behind a quoted text. A text without its second quote reaches to the end of the header. */
function endOfQuoted(header: string, from: number): number {
  const quote = header.indexOf('"', from + 1);
  return quote < 0 ? header.length : quote + 1;
}

/** Returns a value without its quotes. One that lacks the second quote was cut off, so it is empty. */
function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  return value.length > 1 && value.endsWith('"') ? value.slice(1, -1) : '';
}

function skipWhile(text: string, from: number, holds: (character: string | undefined) => boolean): number {
  let at = from;
  while (at < text.length && holds(text[at])) at += 1;
  return at;
}

const isName = (word: string): boolean => /^[a-z]/.test(word);
const isBlank = (character = ''): boolean => /^\s$/.test(character);
const isSeparator = (character = ''): boolean => character === ',' || isBlank(character);
const isWordCharacter = (character = ''): boolean => /^[\w-]$/.test(character);
const isBareCharacter = (character = ''): boolean => character !== '"' && !isSeparator(character);
