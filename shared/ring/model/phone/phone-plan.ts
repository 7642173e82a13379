import { type CountryCode, Metadata, type NumberType, type PhoneNumber } from 'libphonenumber-js/max';
import metadata from 'libphonenumber-js/max/metadata';
import * as z from 'zod';

/**
 * Version and date of the phone metadata: numbers that came into service later are not valid by it. Both stand in the
 * changelog of the library, and a test holds them against the one that is installed.
 */
export const phoneMetadata = { version: '9.0.43', date: '2026-11-10' } as const;

const lengthsSchema = z.array(z.int()).min(1);

/** The numbering plan of a country as the metadata has it: lengths of its numbers at 3, its types at 11. */
const planSchema = z.array(z.unknown()).transform((plan) => ({
  lengths: lengthsSchema.parse(plan[3]),
  types: z.array(z.union([z.literal(0), z.array(z.unknown())])).parse(plan[11] || []),
}));

const typesInOrder = [
  'FIXED_LINE',
  'MOBILE',
  'TOLL_FREE',
  'PREMIUM_RATE',
  'PERSONAL_NUMBER',
  'VOICEMAIL',
  'UAN',
  'PAGER',
  'VOIP',
  'SHARED_COST',
];

/** True where all numbers of a type have one length in a country; without a type, all its numbers. */
export function hasOneLength(country: CountryCode, type: NumberType): boolean {
  const { lengths, types } = planSchema.parse(metadata.countries[country]);
  const asked = type === 'FIXED_LINE_OR_MOBILE' ? ['FIXED_LINE', 'MOBILE'] : [type];
  const all = asked.flatMap((one) => {
    const described = types[typesInOrder.indexOf(String(one))];
    return lengthsSchema.catch(lengths).parse(described ? described[1] : undefined);
  });
  return new Set(all).size === 1;
}

/** Returns the lengths that numbers may have where a number belongs; its own where it belongs to no country. */
export function possibleLengths(number: PhoneNumber): readonly number[] {
  const country = number.country ?? number.getPossibleCountries()[0];
  return (
    (country === undefined ? undefined : planOf(country)?.possibleLengths()) ?? [number.nationalNumber.length]
  );
}

function planOf(country: CountryCode) {
  const plan = new Metadata();
  plan.selectNumberingPlan(country);
  return plan.numberingPlan;
}

/**
 * Returns what may stand behind a country's international prefix, such as `00`: nothing where digits do not begin with it,
 * more than one text where the prefix may name a carrier too.
 */
export function behindInternationalPrefix(digits: string, country: CountryCode): readonly string[] {
  const prefix = internationalPrefix(country);
  return Array.from({ length: longestPrefix }, (_, index) => index + 1)
    .filter((length) => prefix.test(digits.slice(0, length)) && /[1-9]/.test(digits.charAt(length)))
    .map((length) => digits.slice(length));
}

/** That of Australia, with the code of a carrier. */
const longestPrefix = 8;

const internationalPrefixes = new Map<CountryCode, RegExp>();

function internationalPrefix(country: CountryCode): RegExp {
  const known = internationalPrefixes.get(country);
  if (known !== undefined) return known;
  const prefix = new RegExp(`^(?:${planOf(country)?.IDDPrefix()})$`);
  internationalPrefixes.set(country, prefix);
  return prefix;
}
