import {
  type CountryCode,
  getCountryCallingCode,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { failed, type Result, success } from '../../../runtime/result.ts';
import { readForm, secondNumber, whyNotNumber } from './number-form.ts';
import { behindInternationalPrefix, hasOneLength } from './phone-plan.ts';

/** How numbers are read. */
export interface ReadingRules {
  /** The country of numbers without a country code. */
  readonly defaultCountry: CountryCode | undefined;
  /** `possible` also takes numbers that are not valid by the metadata and have a possible length; `valid` by default. */
  readonly numbers?: 'valid' | 'possible' | undefined;
}

type ReadNumber = Result<PhoneNumber, string>;

/**
 * Reads what `withoutForm` left of a text as one phone number. Digits without a country code are refused where they may be
 * another number with one. The error is a sentence for the sender.
 */
export function readPhoneNumber(text: string, rules: ReadingRules): ReadNumber {
  const form = readForm(text);
  if (!form.ok) return form;
  const { number, extension } = form.value;
  if (endsBeforeItsEnd(number, rules)) return failed(secondNumber);
  const read = number.startsWith('+') ? readGlobal(number, rules) : readNational(number, rules);
  if (!read.ok || extension === undefined) return read;
  if (read.value.ext !== undefined) return failed(secondNumber);
  read.value.setExt(extension);
  return read;
}

function parse(text: string, defaults: { defaultCountry?: CountryCode; defaultCallingCode?: string } = {}) {
  return parsePhoneNumberFromString(text, { extract: false, ...defaults });
}

/**
 * True where a slash, a line break or a dash of another kind follows a whole number: behind it stands a second one, or
 * another ending. Elsewhere these part the digits of one number, as in 030/23125 000.
 */
function endsBeforeItsEnd(text: string, { defaultCountry }: ReadingRules): boolean {
  const defaults = defaultCountry === undefined ? {} : { defaultCountry };
  const starts = [...text.matchAll(/[/\n]|(?<=-\d{1,4} ?)[\u2012-\u2015]/g)].map(({ index }) =>
    text.slice(0, index),
  );
  return starts.some((start) => parse(start.replaceAll('\n', ' '), defaults)?.isValid());
}

/** The metadata knows lengths of numbers better than ranges, which change every month. */
function isUsable(number: PhoneNumber, { numbers = 'valid' }: ReadingRules): boolean {
  return number.isValid() || (numbers === 'possible' && number.isPossible());
}

function readGlobal(text: string, rules: ReadingRules): ReadNumber {
  const number = parse(text.replaceAll('\n', ' '));
  if (number === undefined) return failed(whyNotNumber(text));
  return isUsable(number, rules) ? success(number) : failed(whyNotUsable(text, number));
}

function readNational(text: string, rules: ReadingRules): ReadNumber {
  const { defaultCountry } = rules;
  if (defaultCountry === undefined) return failed(noCountryGiven);
  const line = text.replaceAll('\n', ' ');
  const defaultCallingCode = getCountryCallingCode(defaultCountry);
  const written = parse(line, { defaultCountry }) ?? parse(line, { defaultCallingCode });
  if (written === undefined) return failed(whyNotNumber(text));
  const { ext } = written;
  const digits = line.replace(/\D/g, '').slice(0, ext === undefined ? undefined : -ext.length);
  const read = choose(digits, readingsOf(digits, defaultCountry), rules);
  if (!read.ok) return failed(read.error ?? whyNotUsable(text, written));
  if (ext !== undefined) read.value.setExt(ext);
  return read;
}

/** What digits without a plus may mean. */
interface Readings {
  /** A number of the country itself. */
  readonly national: PhoneNumber | undefined;
  /** What stands behind the country's international prefix. */
  readonly dialled: readonly PhoneNumber[];
  /** The digits behind a plus that is missing. */
  readonly global: PhoneNumber | undefined;
}

function readingsOf(digits: string, defaultCountry: CountryCode): Readings {
  const code = getCountryCallingCode(defaultCountry);
  const behindPrefix = behindInternationalPrefix(digits, defaultCountry);
  // The library takes an international prefix, or the country's own code, off by itself: behind a plus it does not.
  const isPlain = behindPrefix.length === 0 && !digits.startsWith(code);
  return {
    national: isPlain ? parse(digits, { defaultCountry }) : parse(`+${code}${digits}`),
    dialled: behindPrefix.map((rest) => parse(`+${rest}`)).filter((number) => number !== undefined),
    global: parse(`+${digits}`),
  };
}

/** Returns the number that digits mean; no error where none of their readings is usable. */
function choose(
  digits: string,
  { national, dialled, global }: Readings,
  rules: ReadingRules,
): Result<PhoneNumber, string | undefined> {
  // Behind an international prefix no number of the country itself is looked for, unless it is a valid one.
  const ownNumber = dialled.length === 0 || national?.isValid() ? national : undefined;
  const told = [ownNumber, ...dialled].filter((number) => number !== undefined);
  const all = global === undefined ? told : [...told, global];
  // A number that is only possible is no rival of a valid one.
  const valid = all.filter((number) => number.isValid());
  const usable = valid.length > 0 ? valid : all.filter((number) => isUsable(number, rules));
  const number = told.find((one) => usable.includes(one));
  if (number === undefined) return failed(usable.length > 0 ? ambiguous : undefined);
  const isOnly = usable.every((other) => other.number === number.number);
  return isOnly || (number === national && isAsWritten(number, digits, rules))
    ? success(number)
    : failed(ambiguous);
}

/** True where a country writes a number in exactly these digits, and its numbers of that type all have that length. */
function isAsWritten(number: PhoneNumber, digits: string, { defaultCountry }: ReadingRules): boolean {
  const country = number.country ?? defaultCountry;
  return (
    number.formatNational().replace(/\D/g, '') === digits &&
    country !== undefined &&
    hasOneLength(country, number.getType())
  );
}

const noCountryGiven =
  'The target does not say its country: begin with + and the country code, or have an administrator set TARGET_DEFAULT_COUNTRY. Write a contact as sip:name@domain.';

const ambiguous =
  'The target is ambiguous, since its digits may begin with a country code: begin with + and the country code.';

function whyNotUsable(text: string, number: PhoneNumber): string {
  return number.isPossible() ? notYetValid : whyNotNumber(text);
}

const notYetValid =
  'The target is not a valid phone number by the metadata here, whose date GET /api/health shows: check its digits, or, where its range is newer, have an administrator set TARGET_NUMBERS to possible.';
