import { type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { Failed } from '../../../runtime/result.ts';
import { possibleLengths } from './phone-plan.ts';
import { notAllowed, type TargetProblem } from './target-problem.ts';

/** Which countries' numbers may be rung. */
export interface NumberRules {
  /**
   * ISO codes of the countries whose numbers may be rung. {@link everyCountry} stands for all of them, and
   * {@link noCountry} for satellite and global services; undefined for every country alone.
   */
  readonly countries: readonly string[] | undefined;
}

export const everyCountry = 'ALL';

/** The numbers that belong to no country, under the region code of the United Nations for the world. */
export const noCountry = '001';

type Refusal = Failed<TargetProblem> | undefined;

/** Returns why a number cannot be rung; undefined where it can. */
export function numberProblem(number: PhoneNumber, rules: NumberRules): Refusal {
  if (isEmergency(number.nationalNumber.replace(/^0/, ''))) return emergency();
  return typeProblem(number) ?? globalProblem(number, rules) ?? countryProblem(number, rules);
}

/** True for digits that are dialled for emergency or service: three nearly everywhere; France has 15, 17 and 18 besides. */
export function isEmergency(digits: string): boolean {
  return /^(?:\d{3}|1[578])$/.test(digits);
}

/** Returns the refusal of an emergency or service number. */
export function emergency(): Failed<TargetProblem> {
  return notAllowed(
    'The target is an emergency or service number, which is not allowed: choose another target.',
  );
}

const refusedTypes: Readonly<Record<string, string>> = {
  PREMIUM_RATE: 'premium-rate',
  SHARED_COST: 'shared-cost',
};

/** Returns why a number of this type cannot be rung; undefined where it can. */
export function typeProblem(number: PhoneNumber): Refusal {
  const refused = number.isValid() ? refusedTypes[number.getType() ?? ''] : likelyRefusedType(number);
  return refused === undefined
    ? undefined
    : notAllowed(`The target is a ${refused} number, which is not allowed: choose another target.`);
}

const digitsFrom0To9 = [...'0123456789'];

/**
 * A number that is not valid has no type. It counts as premium-rate or shared-cost where a number that begins with the same
 * three digits is, so that one digit more or less does not let it pass.
 */
function likelyRefusedType(number: PhoneNumber): string | undefined {
  const start = `+${number.countryCallingCode}${number.nationalNumber.slice(0, 3)}`;
  return possibleLengths(number)
    .flatMap((length) => digitsFrom0To9.map((digit) => start + digit.repeat(Math.max(length - 3, 0))))
    .map((text) => refusedTypes[parsePhoneNumberFromString(text, { extract: false })?.getType() ?? ''])
    .find((refused) => refused !== undefined);
}

/** Returns why a satellite or global service number cannot be rung; undefined for others, and where it can. */
export function globalProblem(number: PhoneNumber, { countries = [] }: NumberRules): Refusal {
  if (!number.isNonGeographic() || countries.includes(noCountry)) return undefined;
  return notAllowed(
    `The target is a satellite or global service number, which is not allowed: ${chooseOr('add 001, the numbers of no country, to TARGET_COUNTRIES')}`,
  );
}

function countryProblem(number: PhoneNumber, { countries = [everyCountry] }: NumberRules): Refusal {
  if (countries.includes(everyCountry)) return undefined;
  const possible = number.isNonGeographic() ? [noCountry] : number.getPossibleCountries();
  if (possible.length > 0 && possible.every((country) => countries.includes(country))) return undefined;
  const [country = 'unknown'] = possible;
  return notAllowed(
    possible.length > 1
      ? `The country of the target cannot be told among those of +${number.countryCallingCode}, which are not all allowed: ${chooseOr('add them to TARGET_COUNTRIES')}`
      : `Numbers of the country ${country} are not allowed: ${chooseOr('add it to TARGET_COUNTRIES')}`,
  );
}

/** Ends a sentence with what to do: by the sender, or in a setting. */
export function chooseOr(change: string): string {
  return `choose another target, or have an administrator ${change}.`;
}
