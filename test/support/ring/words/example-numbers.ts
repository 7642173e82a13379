import fc from 'fast-check';
import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  getExampleNumber,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import metadata from 'libphonenumber-js/max/metadata';
import examples from 'libphonenumber-js/mobile/examples';

/** An example number of a country. `isOfLibrary` where the library has it, else it is made from the pattern of its type. */
export interface ExampleNumber {
  readonly country: CountryCode;
  readonly number: PhoneNumber;
  readonly isOfLibrary: boolean;
}

/** Returns the pattern of each type of a country's numbers. */
function typePatternsOf(country: CountryCode): readonly string[] {
  const types: unknown = metadata.countries[country]?.[11];
  if (!Array.isArray(types)) return [];
  return types.flatMap((type) => (Array.isArray(type) && type[0] ? [String(type[0])] : []));
}

/**
 * Returns a pattern of all digits that may be a number of a country's own, or of one that shares its country code: it is
 * looked at first, as it takes little time. A prefix that changes the digits behind it may make a number of any.
 */
export function ownDigits(country: CountryCode): RegExp {
  const plan: readonly unknown[] = metadata.countries[country] ?? [];
  const [prefix, isChanging] = [plan[7] || plan[5] || '', Boolean(plan[8])];
  const sharing = metadata.country_calling_codes[getCountryCallingCode(country)] ?? [];
  const all = sharing.map((other) => `(?:${metadata.countries[other]?.[2]})`).join('|');
  return new RegExp(isChanging ? `^(?:${prefix})|^(?:${all})$` : `^(?:${prefix})?(?:${all})$`);
}

/** The most characters of a number with its plus, by E.164. */
const longest = 16;

/** For each country the example of the library and one number of each type: the same ones in every run. */
export const exampleNumbers: readonly ExampleNumber[] = getCountries().flatMap((country) => {
  const ofLibrary = getExampleNumber(country, examples);
  const made = typePatternsOf(country).map((pattern) => numberOf(country, pattern));
  const all = [
    ...(ofLibrary === undefined ? [] : [{ country, number: ofLibrary, isOfLibrary: true }]),
    ...made.flatMap((number) => (number === undefined ? [] : [{ country, number, isOfLibrary: false }])),
  ];
  return [...new Map(all.reverse().map((example) => [example.number.number, example])).values()].reverse();
});

function numberOf(country: CountryCode, pattern: string): PhoneNumber | undefined {
  const anyNumber = fc.stringMatching(new RegExp(`^(?:${pattern})$`));
  return fc
    .sample(anyNumber, { numRuns: 5, seed: 1 })
    .map((digits) => parsePhoneNumberFromString(digits, { extract: false, defaultCountry: country }))
    .find((number) => number?.isValid() && number.country === country && number.number.length <= longest);
}
