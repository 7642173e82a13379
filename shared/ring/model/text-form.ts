/**
 * Returns a text as it was meant: without invisible characters and white space around it, full-width forms as ASCII, and
 * all other white space as blanks. Line breaks inside stay: they can part two values.
 */
export function plainText(text: string): string {
  return text
    .replace(/\p{Cf}/gu, '')
    .replace(/[\n\v\f\r\u0085\u2028\u2029]/g, '\n')
    .replace(/(?!\n)\p{White_Space}/gu, ' ')
    .replace(/[\uff01-\uff5e]/g, (form) => String.fromCharCode(form.charCodeAt(0) - fullWidthOffset))
    .trim();
}

const fullWidthOffset = 0xff01 - 0x21;
