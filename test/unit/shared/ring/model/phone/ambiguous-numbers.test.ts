import fc from 'fast-check';
import { type CountryCode, getCountries } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { parse } from '../../../../../support/ring/targets.ts';
import {
  type ExampleNumber,
  exampleNumbers,
  ownDigits,
} from '../../../../../support/ring/words/example-numbers.ts';

/** Returns the number that a text is sent as, or why it is refused. */
function readAs(text: string, defaultCountry: CountryCode): string {
  const parsed = parse(text, { defaultCountry });
  return parsed.ok ? parsed.value : parsed.error.detail;
}

/** Tells whether an example, with its country code and without a plus, is read as another number. */
function isMistaken({ number }: ExampleNumber, defaultCountry: CountryCode): boolean {
  const target = readAs(number.number.slice(1), defaultCountry);
  return target.startsWith('tel:') && target !== `tel:${number.number}`;
}

/** The examples that each default country reads as numbers of its own. */
function coincidences(): readonly (readonly [CountryCode, readonly string[]])[] {
  return getCountries().map((defaultCountry) => {
    const own = ownDigits(defaultCountry);
    const mistaken = exampleNumbers.filter(
      (example) => own.test(example.number.number.slice(1)) && isMistaken(example, defaultCountry),
    );
    return [defaultCountry, mistaken.map(({ country, number }) => `${country} ${number.getType()}`)];
  });
}

/** Lists coincidences, with the default countries together that have the same. */
function listOf(found: ReturnType<typeof coincidences>): string {
  const groups = Map.groupBy(found, ([, mistaken]) => mistaken.join(', '));
  groups.delete('');
  return [...groups]
    .map(([mistaken, members]) => `${members.map(([country]) => country).join(' ')}:\n    ${mistaken}\n`)
    .join('');
}

describe('a number with its country code and without a plus', () => {
  it('is refused or read as itself in every default country, but for the coincidences of the list', async () => {
    const found = coincidences();
    const mistaken = found.flatMap(([, some]) => some);
    const pairs = `${found.length} default countries and ${exampleNumbers.length} numbers`;
    expect(exampleNumbers.length).toBeGreaterThan(1_200);
    await expect(`${mistaken.length} coincidences among ${pairs}\n\n${listOf(found)}`).toMatchFileSnapshot(
      '../../../../../fixtures/phone-numbers/coincidences.txt',
    );
  }, 120_000);

  it('is refused or read as itself where its digits cannot be a number of the default country', () => {
    const anyPair = fc.tuple(fc.constantFrom(...exampleNumbers), fc.constantFrom(...getCountries()));
    fc.assert(
      fc.property(anyPair, ([example, defaultCountry]) => {
        fc.pre(!ownDigits(defaultCountry).test(example.number.number.slice(1)));
        expect(isMistaken(example, defaultCountry)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a number as its own country writes it', () => {
  it('is read as itself, for each example of the library', () => {
    const ofLibrary = exampleNumbers.filter(({ isOfLibrary }) => isOfLibrary);
    expect(ofLibrary.length).toBeGreaterThan(240);
    for (const { country, number } of ofLibrary) {
      expect(readAs(number.formatNational(), country)).toBe(`tel:${number.number}`);
    }
  });

  it('is read as itself for each type that the dial rules allow, but for a few of several lengths', () => {
    const others = exampleNumbers.flatMap(({ country, number }) => {
      const text = number.formatNational();
      const read = readAs(text, country);
      if (read === `tel:${number.number}` || /premium-rate|shared-cost/.test(read)) return [];
      return [`${country} ${number.getType()} ${text}: ${read.includes('ambiguous') ? 'ambiguous' : read}`];
    });
    expect(others).toEqual([
      'BR MOBILE (51) 94492-3315: ambiguous',
      // Gabon put a zero before its numbers of seven digits: both forms are valid, and are written alike.
      'GA MOBILE 06 49 23 31: tel:+24106492331',
      'GR TOLL_FREE 800 746 49233: ambiguous',
      'IL VOICEMAIL 151-7 464-9233: ambiguous',
    ]);
  });
});
