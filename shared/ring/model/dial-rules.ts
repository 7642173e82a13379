import { type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { type Result, success } from '../../runtime/result.ts';
import { domainOf, parseSipUri, parseTelUri, type RingTarget, type SipUri } from '../../ucwa/uri.ts';
import { targetMaxLength } from '../../ucwa/vocabulary.ts';
import { addressFormProblem } from './address-form.ts';
import { withoutForm } from './phone/number-form.ts';
import {
  chooseOr,
  emergency,
  globalProblem,
  isEmergency,
  type NumberRules,
  numberProblem,
  typeProblem,
} from './phone/number-rules.ts';
import { type ReadingRules, readPhoneNumber } from './phone/phone-number.ts';
import { invalid, notAllowed, type TargetProblem } from './phone/target-problem.ts';
import { plainText } from './text-form.ts';

/** How targets are read, and which of them may be rung. */
export interface DialRules extends ReadingRules, NumberRules {
  /** Domains whose contacts may be rung; undefined for all. */
  readonly sipDomains: readonly string[] | undefined;
}

export type ParsedTarget = Result<RingTarget, TargetProblem>;

/**
 * Reads a phone number as people write it, a `tel:` or a `sip:` URI, and applies the dial rules.
 * Lengths are those of the URI as sent: https://learn.microsoft.com/skype-sdk/ucwa/simultaneousringtocontact_ref
 */
export function parseTarget(text: string, user: SipUri | undefined, rules: DialRules): ParsedTarget {
  const plain = plainText(text);
  const parsed = looksLikeSip(plain) ? parseContact(plain, rules) : parseNumber(plain, rules);
  if (parsed.ok && parsed.value === user) {
    return notAllowed("The target is the user's own address, which rings anyway: choose another target.");
  }
  return parsed;
}

function looksLikeSip(text: string): boolean {
  return /^sips?:/i.test(text) || text.includes('@');
}

function parseContact(text: string, rules: DialRules): ParsedTarget {
  const { sipDomains } = rules;
  if (text.replace(/^(?!sip:)/i, 'sip:').length > targetMaxLength) return tooLong();
  if (/;user=phone\b/i.test(text)) return numberAsAddress();
  const form = addressFormProblem('target', text);
  if (form !== undefined) return invalid(form);
  const target = parseSipUri(text);
  if (target === undefined) {
    return invalid('The target is not a valid SIP address: write it as sip:name@domain, without parameters.');
  }
  const refused = contactNumberProblem(target, rules);
  if (refused !== undefined) return refused;
  if (sipDomains !== undefined && !sipDomains.includes(domainOf(target))) {
    return notAllowed(
      `Contacts of the domain ${domainOf(target)} are not allowed: ${chooseOr('add it to TARGET_SIP_DOMAINS')}`,
    );
  }
  return success(target);
}

/**
 * Returns why a SIP address cannot be rung where its user part is a number. A server may dial what stands there, which
 * would bypass the rules for numbers: separators do not hide it, and digits alone are tried in each form they may have.
 */
function contactNumberProblem(target: SipUri, rules: DialRules): ParsedTarget | undefined {
  const userPart = target.slice('sip:'.length, target.indexOf('@')).replace(/[^a-z0-9+]/g, '');
  if (/^\+\d/.test(userPart)) return numberAsAddress();
  const digits = userPart.replaceAll('+', '');
  if (!/^\d+$/.test(digits)) return undefined;
  if (isEmergency(digits)) return emergency();
  const refusals = readings(digits, rules).map(
    (number) =>
      (number.isValid() ? typeProblem(number) : undefined) ??
      (number.isPossible() ? globalProblem(number, rules) : undefined),
  );
  return refusals.find((refused) => refused !== undefined);
}

/** The numbers that digits without a plus may mean: with the country code, behind an international prefix, national. */
function readings(digits: string, { defaultCountry }: DialRules): readonly PhoneNumber[] {
  const global = [digits, digits.replace(/^00/, ''), digits.replace(/^011/, '')].map((some) => `+${some}`);
  const numbers = [
    ...global.map((text) => parsePhoneNumberFromString(text, { extract: false })),
    defaultCountry && parsePhoneNumberFromString(digits, { extract: false, defaultCountry }),
  ];
  return numbers.filter((number) => number !== undefined);
}

function parseNumber(text: string, rules: DialRules): ParsedTarget {
  if (text.length > targetMaxLength) return tooLong();
  if (!/\p{Nd}/u.test(text)) {
    return invalid(
      'The target is neither a phone number nor a SIP address: write it as +1 (425) 555-0123 or sip:name@domain.',
    );
  }
  const written = withoutForm(text);
  const [dialled = ''] = written.split(';');
  if (isEmergency(dialled.replace(/[\s().+/-]/g, ''))) return emergency();
  const number = readPhoneNumber(written, rules);
  if (!number.ok) return invalid(number.error);
  const refused = numberProblem(number.value, rules);
  if (refused !== undefined) return refused;
  const extension = number.value.ext === undefined ? '' : `;ext=${number.value.ext}`;
  const target = parseTelUri(`tel:${number.value.number}${extension}`);
  return target === undefined
    ? invalid('The target is a number that UCWA cannot take: check its digits and extension.')
    : success(target);
}

function numberAsAddress(): ParsedTarget {
  return invalid('The target is a number in the form of a SIP address: write it as +1 (425) 555-0123.');
}

function tooLong(): ParsedTarget {
  return invalid(
    `The target has more than ${targetMaxLength} characters, which is the most that UCWA takes: use a shorter one.`,
  );
}
