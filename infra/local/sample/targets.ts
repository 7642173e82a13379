import type { Domain } from './names.ts';

/**
 * Numbers that the countries reserve for films and examples, so that they belong to no subscriber, in the formats that are used in
 * practice. Each takes two digits, 10 to 99.
 */
const ranges: Readonly<Record<Domain, readonly ((digits: number) => string)[]>> = {
  'contoso.com': [
    (digits) => `+1 (425) 555-01${digits}`,
    (digits) => `+1 206-555-01${digits}`,
    (digits) => `+1 416 555 01${digits}`,
    (digits) => `+121255501${digits}`,
    (digits) => `tel:+1-905-555-01${digits}`,
  ],
  'fabrikam.com': [
    (digits) => `+44 20 7946 00${digits}`,
    (digits) => `+44 (0)131 496 04${digits}`,
    (digits) => `+44 161 4960 1${digits}`,
    (digits) => `+44 29 2018 07${digits}`,
    (digits) => `+61 3 7010 55${digits}`,
    (digits) => `tel:+61255503${digits}7`,
  ],
  'adatum.com': [
    (digits) => `+49 30 23125 ${digits}4`,
    (digits) => `+49 (0)171 39200${digits}`,
    (digits) => `+33 1 99 00 42 ${digits}`,
    (digits) => `+33.4.65.71.08.${digits}`,
    (digits) => `+46 8-465 004 ${digits}`,
    (digits) => `+46 (0)70 174 06 ${digits}`,
  ],
};

/** Returns the number to ring for the nth employee of a domain. */
export function numberFor(domain: Domain, nth: number): string {
  const choices = ranges[domain];
  const write = choices[nth % choices.length];
  if (!write) throw new Error(`The sample has no numbers for ${domain}.`);
  return write(10 + (nth % 90));
}

const switchboards: Readonly<Record<Domain, string>> = {
  'contoso.com': 'tel:+14255550100',
  'fabrikam.com': 'tel:+442079460000',
  'adatum.com': 'tel:+493023125100',
};

/** Returns the extension of the nth employee behind the domain's switchboard. */
export function extensionFor(domain: Domain, nth: number): string {
  return `${switchboards[domain]};ext=${4000 + nth}`;
}
