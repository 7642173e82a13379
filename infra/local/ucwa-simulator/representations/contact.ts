import type { Variants } from '../types.ts';

/** Where a number may stand in a person's contact. */
const numberProperties = [
  'workPhoneNumber',
  'mobilePhoneNumber',
  'homePhoneNumber',
  'otherPhoneNumber',
  'office',
] as const;

/** What a contact says of a URI that was set: of a number in the form of the variant, of an address as it is. */
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

/** A person whom the server recognised by a number; which of the properties has it differs by the number. */
function person(shown: string, domain: string, number: string): Record<string, unknown> {
  const digits = number.replaceAll(/\D/g, '');
  const property =
    numberProperties[Number(digits.at(-1) ?? 0) % numberProperties.length] ?? 'workPhoneNumber';
  return {
    name: 'Anne Example',
    type: 'User',
    uri: `sip:anne.${digits.slice(-4)}@${domain}`,
    emailAddresses: [`anne.${digits.slice(-4)}@${domain}`],
    company: 'Contoso',
    [property]: shown,
  };
}
