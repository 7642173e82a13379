import { failed, type Result, success } from '../../../runtime/result.ts';

/** A number as it was written, and the extension that its parameter `ext` names. */
export interface WrittenNumber {
  readonly number: string;
  readonly extension: string | undefined;
}

/**
 * Returns a number without what people write around it and does not belong to it: `tel:` or `Tel.:` before it, a parenthesis
 * before its plus, a `;` or `,` behind it. Digits of Arabic become those of ASCII. The text is one of `plainText`.
 */
export function withoutForm(text: string): string {
  return text
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
    .replace(/^tel(?:\. ?:|[.: ])/i, '')
    .replace(/[;, ]+$/, '')
    .trim()
    .replace(/^[([] ?\+/, '+');
}

/** The refusal of a text that holds more than one number. */
export const secondNumber =
  'The target has a second number or a second ending: send one number, and an extension behind ;ext=.';

/** What makes a text something other than one number, in the order in which it is looked for. */
const problems: readonly (readonly [RegExp, string])[] = [
  [
    /;[ \n]*phone-context=/i,
    'The target is a local number: begin with + and the country code, without phone-context.',
  ],
  [/^['’‘`´]/, 'The target begins with an apostrophe, with which spreadsheets mark text: leave it out.'],
  [
    /^\+?\d+(?:[.,]\d+)?e[+-]?\d+$/i,
    'The target is in scientific notation, by which a spreadsheet lost its digits: format the column as text and send all digits.',
  ],
  [
    /^[^.,]*\d[.,]0{1,2}$/,
    'The target has a decimal tail, which a spreadsheet appended: format the column as text and leave the tail out.',
  ],
  [/\d[^*#]*\+|[|&\\~\u2053\u223c]|;[ \n]*[\d(]/, secondNumber],
  [/\d[ .)]*(?:oder|or|und|and|sowie|bzw\.?|bis|to|ou|et| [oy] )[ (-]*\d/i, secondNumber],
  [
    /\d ?[pw]+ ?[\d#*]|,(?![ ,]*(?:e?xt|anexo|доб|int|x))/i,
    'The target has a dial pause (a comma, p or w) or a second number behind a comma: send one number, and an extension behind ;ext=.',
  ],
];

/** Reads what {@link withoutForm} left of a text as one number; the error says what else it is. */
export function readForm(text: string): Result<WrittenNumber, string> {
  const problem = problems.find(([pattern]) => pattern.test(text));
  if (problem !== undefined) return failed(problem[1]);
  const [number = '', ...parameters] = text.split(';').map((some) => some.trim());
  const others = parameters.filter((parameter) => !/^isub=/i.test(parameter));
  const [extension, ...more] = others.map((parameter) => /^ext=(\d{1,15})$/i.exec(parameter)?.[1]);
  if (others.length > 0 && (extension === undefined || more.length > 0)) return failed(unknownParameter);
  return success({ number, extension });
}

const unknownParameter =
  'The target has a parameter that is not an extension, or an extension that is not a number: leave it out.';

/** Returns why a text without any of those problems is not a number either. */
export function whyNotNumber(text: string): string {
  if (/\p{L}/u.test(text)) {
    return 'The target has letters beside its digits: send the number alone, with the digits that its letters stand for, and an extension behind ;ext=.';
  }
  if (/[*#]/.test(text)) {
    return 'The target has * or #, as the codes of a telephone do: send the number alone.';
  }
  return 'The target is not a valid phone number: check its digits. An example is +1 (425) 555-0123.';
}
