import type { Variants } from '../types.ts';

/** The properties of a person's contact that can hold a number. */
const numberProperties = [
  'workPhoneNumber',
  'mobilePhoneNumber',
  'homePhoneNumber',
  'otherPhoneNumber',
  'office',
] as const;

/** Returns the properties of the contact for a URI: a number in the form of the variant, an address unchanged. */
export function contactProperties(
  uri: string,
  form: Exclude<Variants['numberForm'], 'forbidden'>,
  domain: string,
): Record<string, unknown> {
  if (!uri.toLowerCase().startsWith('tel:')) {
    return { name: uri.slice(4), type: 'User', sourceNetwork: 'SameEnterprise', uri };
  }
  const number = uri.slice(4);
  return {
    tel: () => ({ name: number, type: 'Phone', uri }),
    'sip-user-phone': () => ({ name: number, type: 'Phone', uri: `sip:${number}@${domain};user=phone` }),
    'sip-skip-rnl': () => ({
      name: number,
      type: 'Phone',
      uri: `sip:${number};ms-skip-rnl=true@${domain};user=phone`,
    }),
    person: () => person(uri, domain, number),
    'person-bare-digits': () => person(number.replaceAll(/\D/g, ''), domain, number),
  }[form]();
}

/** A person with this number; its last digit decides which property holds it. */
function person(shownNumber: string, domain: string, number: string): Record<string, unknown> {
  const digits = number.replaceAll(/\D/g, '');
  const property =
    numberProperties[Number(digits.at(-1) ?? 0) % numberProperties.length] ?? 'workPhoneNumber';
  return {
    name: 'Anne Example',
    type: 'User',
    uri: `sip:anne.${digits.slice(-4)}@${domain}`,
    emailAddresses: [`anne.${digits.slice(-4)}@${domain}`],
    company: 'Contoso',
    [property]: shownNumber,
  };
}
