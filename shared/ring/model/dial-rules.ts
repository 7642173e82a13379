import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { failed, type Result, success } from '../../runtime/result.ts';
import { domainOf, parseSipUri, parseTelUri, type RingTarget, type SipUri } from '../../ucwa/uri.ts';
import { targetMaxLength } from '../../ucwa/vocabulary.ts';

export interface DialRules {
  readonly defaultCountry: CountryCode | undefined;
  /** ISO codes of the countries whose numbers may be rung; undefined for all. */
  readonly countries: readonly string[] | undefined;
  /** Domains whose contacts may be rung; undefined for all. */
  readonly sipDomains: readonly string[] | undefined;
}

/** Why a target cannot be rung; `detail` does not repeat it. */
export interface TargetProblem {
  readonly code: 'invalid-request' | 'target-not-allowed';
  readonly detail: string;
}

export type ParsedTarget = Result<RingTarget, TargetProblem>;

/**
 * Reads a phone number as people write it, a `tel:` or a `sip:` URI, and applies the dial rules.
 * Lengths are those of the URI as sent: https://learn.microsoft.com/skype-sdk/ucwa/simultaneousringtocontact_ref
 */
export function parseTarget(text: string, user: SipUri | undefined, rules: DialRules): ParsedTarget {
  const trimmed = text.trim();
  const parsed = looksLikeSip(trimmed) ? parseContact(trimmed, rules) : parseNumber(trimmed, rules);
  if (parsed.ok && parsed.value === user) {
    return notAllowed("The target is the user's own address, which rings anyway: choose another target.");
  }
  return parsed;
}

function looksLikeSip(text: string): boolean {
  return /^sips?:/i.test(text) || text.includes('@');
}

function parseContact(text: string, { sipDomains }: DialRules): ParsedTarget {
  if (text.replace(/^(?!sip:)/i, 'sip:').length > targetMaxLength) return tooLong();
  const target = parseSipUri(text);
  if (target === undefined) {
    return invalid('The target is not a valid SIP address: write it as sip:name@domain, without parameters.');
  }
  // A server reads such an address as the number, which would bypass the rules for numbers.
  if (/^sip:\+\d/.test(target)) {
    return invalid('The target is a number in the form of a SIP address: write it as +1 (425) 555-0123.');
  }
  if (sipDomains !== undefined && !sipDomains.includes(domainOf(target))) {
    return notAllowed(`Contacts of the domain ${domainOf(target)} are not allowed (TARGET_SIP_DOMAINS).`);
  }
  return success(target);
}

/** Emergency and service numbers have three digits nearly everywhere; France has 15, 17 and 18 besides. */
const emergencyForm = /^(?:\d{3}|1[578])$/;

function parseNumber(written: string, { defaultCountry, countries }: DialRules): ParsedTarget {
  // Numbers copied from address books carry invisible marks.
  const text = written.replace(/\p{Cf}/gu, '').trim();
  if (text.length > targetMaxLength) return tooLong();
  if (emergencyForm.test(text.replace(/^tel:|;.*$|[\s().+/-]/gi, ''))) {
    return notAllowed('The target is an emergency or service number, which is not allowed.');
  }
  if (/;phone-context=/i.test(text)) {
    return invalid('The target is a local number: begin with + and the country code, without phone-context.');
  }
  const number = parsePhoneNumberFromString(text.replace(/^tel:/i, ''), {
    extract: false,
    ...(defaultCountry === undefined ? {} : { defaultCountry }),
  });
  if (number === undefined || !number.isValid()) {
    return invalid(
      defaultCountry === undefined && !/^(?:tel:)?\s*\+/i.test(text)
        ? 'The target does not say its country: begin with + and the country code, or have an administrator set TARGET_DEFAULT_COUNTRY. Write a contact as sip:name@domain.'
        : 'The target is not a valid phone number: check its digits. An example is +1 (425) 555-0123.',
    );
  }
  const refused = refusedType(number.getType());
  if (refused !== undefined) return notAllowed(`The target is a ${refused} number, which is not allowed.`);
  if (countries !== undefined && !countries.includes(number.country ?? '')) {
    return notAllowed(
      `Numbers of the country ${number.country ?? 'unknown'} are not allowed (TARGET_COUNTRIES).`,
    );
  }
  const extension = number.ext === undefined ? '' : `;ext=${number.ext}`;
  const target = parseTelUri(`tel:${number.number}${extension}`);
  return target === undefined
    ? invalid('The target is a number that UCWA cannot take: check its digits and extension.')
    : success(target);
}

function refusedType(type: string | undefined): string | undefined {
  if (type === 'PREMIUM_RATE') return 'premium-rate';
  return type === 'SHARED_COST' ? 'shared-cost' : undefined;
}

function tooLong(): ParsedTarget {
  return invalid(
    `The target has more than ${targetMaxLength} characters, which is the most that UCWA takes.`,
  );
}

function invalid(detail: string): ParsedTarget {
  return failed({ code: 'invalid-request', detail });
}

function notAllowed(detail: string): ParsedTarget {
  return failed({ code: 'target-not-allowed', detail });
}
