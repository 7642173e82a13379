/** Where a text stops being JSON, and what JSON needs there. */
export interface JsonError {
  /** In UTF-16 units from the start of the text; its length where the text ends too early. */
  readonly offset: number;
  /** Reads after "where" and before "was expected". It repeats nothing of the text. */
  readonly expected: string;
}

/** The offset behind a token, or why the text has none there. */
export type TokenEnd = number | JsonError;

const literals = ['true', 'false', 'null'];

/** Scans a string, a number or a literal that begins at `start`. */
export function scanScalar(text: string, start: number): TokenEnd {
  const first = text.charAt(start);
  if (first === '"') return scanString(text, start);
  if (first === '-' || isDigit(first)) return scanNumber(text, start);
  const literal = literals.find((one) => first !== '' && one.startsWith(first));
  return literal === undefined ? { offset: start, expected: 'a value' } : scanLiteral(text, start, literal);
}

function scanLiteral(text: string, start: number, literal: string): TokenEnd {
  for (let index = 1; index < literal.length; index++) {
    if (text[start + index] !== literal[index]) return { offset: start + index, expected: `\`${literal}\`` };
  }
  return start + literal.length;
}

/** Scans a string; the character at `start` is its opening quote. */
export function scanString(text: string, start: number): TokenEnd {
  for (let offset = start + 1; offset < text.length; offset++) {
    const character = text.charAt(offset);
    if (character === '"') return offset + 1;
    if (character < ' ') return { offset, expected: 'an escape such as \\n or \\t for a control character' };
    if (character !== '\\') continue;
    const end = scanEscape(text, offset + 1);
    if (typeof end !== 'number') return end;
    offset = end - 1;
  }
  return { offset: text.length, expected: 'a closing double quote' };
}

function scanEscape(text: string, start: number): TokenEnd {
  const kind = text.charAt(start);
  if (kind !== 'u') {
    return kind !== '' && '"\\/bfnrt'.includes(kind)
      ? start + 1
      : { offset: start, expected: 'one of " \\ / b f n r t u behind a backslash' };
  }
  for (let offset = start + 1; offset <= start + 4; offset++) {
    if (!/^[0-9a-f]$/i.test(text.charAt(offset))) return { offset, expected: 'a hexadecimal digit' };
  }
  return start + 5;
}

function scanNumber(text: string, start: number): TokenEnd {
  const whole = text[start] === '-' ? start + 1 : start;
  let end = text[whole] === '0' ? whole + 1 : scanDigits(text, whole);
  if (typeof end === 'number' && text[end] === '.') end = scanDigits(text, end + 1);
  if (typeof end !== 'number' || !/^e$/i.test(text.charAt(end))) return end;
  return scanDigits(text, /^[+-]$/.test(text.charAt(end + 1)) ? end + 2 : end + 1);
}

function scanDigits(text: string, start: number): TokenEnd {
  let end = start;
  while (isDigit(text.charAt(end))) end += 1;
  return end === start ? { offset: start, expected: 'a digit' } : end;
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}
