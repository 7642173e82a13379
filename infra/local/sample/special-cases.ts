/** The errors and exceptions of the sample file, as real files have them. The users are employees of `names.ts`. */

/** Users without Enterprise Voice, to whom the server does not offer simultaneous ring. */
export const withoutEnterpriseVoice: readonly string[] = [
  'sip:noah.kim@contoso.com',
  'sip:harriet.clarke@fabrikam.com',
  'sip:otto.seidel@adatum.com',
];

/** Users whose credential is not in the vault. */
export const withoutSecret: readonly string[] = [
  'sip:mei.wong@contoso.com',
  'sip:oliver.bennett@fabrikam.com',
  'sip:klara.svensson@adatum.com',
];

/** Users whose ring is to be turned off. */
export const turnedOff: readonly string[] = [
  'sip:bjorn.eriksen@contoso.com',
  'sip:karim.mansour@contoso.com',
  'sip:eilidh.fraser@fabrikam.com',
  'sip:rosa.martinez@fabrikam.com',
  'sip:heike.richter@adatum.com',
];

const longLocalPart = 'facilities-and-business-continuity-coordination-desk-building-seven-second-floor';

/** Users with an invalid target: a number cut short, an address that is too long, their own. */
export const invalidTargets: Readonly<Record<string, string>> = {
  'sip:ivan.petrov@contoso.com': '+44 12',
  'sip:megan.lloyd@fabrikam.com': '+1 425 555',
  'sip:hanneke.smit@adatum.com': 'see business card',
  'sip:lucia.romano@contoso.com': `sip:${longLocalPart}@contoso.com`,
  'sip:gustav.ekman@adatum.com': `sip:${longLocalPart}@adatum.com`,
  'sip:diego.alvarez@contoso.com': 'sip:Diego.Alvarez@contoso.com',
  'sip:lena.fischer@fabrikam.com': 'sip:lena.fischer@fabrikam.com',
};

/** Lines without a known user: users of another domain, and text that is not an address. */
export const invalidLines: readonly { user: string; target: string }[] = [
  { user: 'nancy.davolio@northwind.example', target: '+1 (425) 555-0171' },
  { user: 'sip:Andrew.Fuller@northwind.example', target: '+1 (425) 555-0172' },
  { user: 'grace.adeyemi(at)contoso.com', target: '+1 (425) 555-0173' },
  { user: 'sip:@fabrikam.com', target: '+44 20 7946 0974' },
  { user: 'Neumann, Gerda', target: '+49 30 23125 975' },
];

/** Lines at the end of the file that correct an earlier one for the same user. */
export const corrections: readonly { user: string; target: string }[] = [
  { user: 'priya.sharma@contoso.com', target: '+1 (425) 555-0186' },
  { user: 'SIP:Jack.Thompson@Fabrikam.com', target: '+44 20 7946 0987' },
  { user: 'Emil.Johansson@adatum.com', target: '+46 8-465 004 88' },
];
