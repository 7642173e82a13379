import { domainToASCII } from 'node:url';
import { sipUriMaxLength, sipUriParts } from '../../ucwa/uri.ts';

/** Returns a pattern that is written for lower case as one for any case: those of JSON Schema have no flag for it. */
function inAnyCase(pattern: string): string {
  return pattern.replaceAll('a-z', 'A-Za-z');
}

const characters = inAnyCase(sipUriParts.userCharacters);

/** How an address must be written, for JSON Schema: what has this form is taken as an address. */
export const addressSchemaForm = {
  maxLength: sipUriMaxLength,
  // An apostrophe at the beginning is that of a spreadsheet.
  pattern: `^(?:[Ss][Ii][Pp]:[${characters}]|[${characters.replace("'", '')}])[${characters}]*@${inAnyCase(sipUriParts.domain)}$`,
};

/**
 * Returns which form of an address a text has that is not a SIP address, as a sentence for its sender; undefined where it
 * has none of these. The text is one of `plainText`.
 */
export function addressFormProblem(subject: 'user' | 'target', text: string): string | undefined {
  const the = `The ${subject}`;
  if (/^['’‘`´]/.test(text)) {
    return `${the} begins with an apostrophe, with which spreadsheets mark text: leave it out.`;
  }
  if (/^mailto:/i.test(text)) return `${the} is a mailto: address: leave mailto: out.`;
  if (/<[^<]*@/.test(text)) {
    return `${the} has a display name or angle brackets: send the address between them alone.`;
  }
  const domain = text.slice(text.lastIndexOf('@') + 1);
  // Converting a domain takes time that grows faster than its length.
  const isForeign = text.includes('@') && /[^\0-\x7f]/.test(domain) && text.length <= sipUriMaxLength;
  const ascii = isForeign ? domainToASCII(domain) : '';
  return ascii === ''
    ? undefined
    : `${the} has an internationalised domain: write the domain in its ASCII form, ${ascii}.`;
}
