import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { failed, type Result, success } from '../../runtime/result.ts';
import { domainOf, parseSipUri, parseTelUri, type RingTarget, type SipUri } from '../../ucwa/uri.ts';
import { targetMaxLength } from '../../ucwa/vocabulary.ts';

export interface DialRules {
  readonly defaultCountry: CountryCode | undefined;
  /**
   * ISO codes of the countries whose numbers may be rung. {@link everyCountry} stands for all of them, and
   * {@link noCountry} for satellite and global services; undefined for every country alone.
   */
  readonly countries: readonly string[] | undefined;
  /** Domains whose contacts may be rung; undefined for all. */
  readonly sipDomains: readonly string[] | undefined;
}

export const everyCountry = 'ALL';

/** The numbers that belong to no country, under the region code of the United Nations for the world. */
export const noCountry = '001';

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

function parseContact(text: string, rules: DialRules): ParsedTarget {
  const { sipDomains } = rules;
  if (text.replace(/^(?!sip:)/i, 'sip:').length > targetMaxLength) return tooLong();
  if (/;user=phone\b/i.test(text)) return numberAsAddress();
  const target = parseSipUri(text);
  if (target === undefined) {
    return invalid('The target is not a valid SIP address: write it as sip:name@domain, without parameters.');
  }
  const refused = numberProblem(target, rules);
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
function numberProblem(target: SipUri, rules: DialRules): ParsedTarget | undefined {
  const userPart = target.slice('sip:'.length, target.indexOf('@')).replace(/[^a-z0-9+]/g, '');
  if (/^\+\d/.test(userPart)) return numberAsAddress();
  const digits = userPart.replaceAll('+', '');
  if (!/^\d+$/.test(digits)) return undefined;
  if (emergencyForm.test(digits)) return emergency();
  for (const number of readings(digits, rules)) {
    const refused = typeProblem(number) ?? (number.isPossible() ? globalProblem(number, rules) : undefined);
    if (refused !== undefined) return refused;
  }
  return undefined;
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

/** Emergency and service numbers have three digits nearly everywhere; France has 15, 17 and 18 besides. */
const emergencyForm = /^(?:\d{3}|1[578])$/;

function parseNumber(written: string, rules: DialRules): ParsedTarget {
  const { defaultCountry } = rules;
  // Numbers copied from address books carry invisible marks.
  const text = written.replace(/\p{Cf}/gu, '').trim();
  if (text.length > targetMaxLength) return tooLong();
  if (!/\p{Nd}/u.test(text)) {
    return invalid(
      'The target is neither a phone number nor a SIP address: write it as +1 (425) 555-0123 or sip:name@domain.',
    );
  }
  const [dialled = ''] = text.replace(/^tel:/i, '').split(';');
  if (emergencyForm.test(dialled.replace(/[\s().+/-]/g, ''))) return emergency();
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
  const refused = typeProblem(number) ?? globalProblem(number, rules) ?? countryProblem(number, rules);
  if (refused !== undefined) return refused;
  const extension = number.ext === undefined ? '' : `;ext=${number.ext}`;
  const target = parseTelUri(`tel:${number.number}${extension}`);
  return target === undefined
    ? invalid('The target is a number that UCWA cannot take: check its digits and extension.')
    : success(target);
}

const refusedTypes: Readonly<Record<string, string>> = {
  PREMIUM_RATE: 'premium-rate',
  SHARED_COST: 'shared-cost',
};

function typeProblem(number: PhoneNumber): ParsedTarget | undefined {
  const refused = refusedTypes[number.getType() ?? ''];
  return refused === undefined
    ? undefined
    : notAllowed(`The target is a ${refused} number, which is not allowed: choose another target.`);
}

function globalProblem(number: PhoneNumber, { countries = [] }: DialRules): ParsedTarget | undefined {
  if (!number.isNonGeographic() || countries.includes(noCountry)) return undefined;
  return notAllowed(
    `The target is a satellite or global service number, which is not allowed: ${chooseOr('add 001 to TARGET_COUNTRIES')}`,
  );
}

function countryProblem(number: PhoneNumber, { countries = [everyCountry] }: DialRules) {
  const country = number.isNonGeographic() ? noCountry : (number.country ?? 'unknown');
  if (countries.includes(everyCountry) || countries.includes(country)) return undefined;
  return notAllowed(
    `Numbers of the country ${country} are not allowed: ${chooseOr('add it to TARGET_COUNTRIES')}`,
  );
}

function numberAsAddress(): ParsedTarget {
  return invalid('The target is a number in the form of a SIP address: write it as +1 (425) 555-0123.');
}

function emergency(): ParsedTarget {
  return notAllowed(
    'The target is an emergency or service number, which is not allowed: choose another target.',
  );
}

function chooseOr(change: string): string {
  return `choose another target, or have an administrator ${change}.`;
}

function tooLong(): ParsedTarget {
  return invalid(
    `The target has more than ${targetMaxLength} characters, which is the most that UCWA takes: use a shorter one.`,
  );
}

function invalid(detail: string): ParsedTarget {
  return failed({ code: 'invalid-request', detail });
}

function notAllowed(detail: string): ParsedTarget {
  return failed({ code: 'target-not-allowed', detail });
}
