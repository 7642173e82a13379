import fc from 'fast-check';
import type { Variants } from '../../../infra/local/ucwa-simulator/simulator.ts';

const numberForms = [
  'tel',
  'sip-user-phone',
  'sip-skip-rnl',
  'person',
  'person-bare-digits',
  'forbidden',
] as const;
const challenges = [
  ...(['two-headers', 'one-header', 'unquoted-href', 'none', 'with-authorization-uri'] as const),
  ...(['bearer-only', 'no-password-grant'] as const),
];

/** Without the service whose token the registrar refuses: it could not serve the users homed there. */
const tokenServices = ['own-host', 'other-pool', 'other-pool-for-registrar'] as const;

/** Servers that differ from the usual one in some properties. */
export const randomVariants: fc.Arbitrary<Partial<Variants>> = fc.record(
  {
    hrefs: fc.constantFrom('relative', 'absolute', 'double-slash'),
    linkQueries: fc.boolean(),
    settings: fc.constantFrom('embedded', 'linked'),
    errors: fc.constantFrom('json', 'xml', 'html'),
    challenge: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...challenges.slice(0, 5)) },
      { weight: 1, arbitrary: fc.constantFrom(...challenges.slice(5)) },
    ),
    byteOrderMark: fc.boolean(),
    gzip: fc.boolean(),
    etag: fc.constantFrom('header', 'property'),
    numberForm: fc.constantFrom(...numberForms),
    homePool: fc.constantFrom('link', 'redirect'),
    discovery: fc.constantFrom('user', 'redirect', 'redirect-chain', 'redirect-loop', 'http-redirect'),
    targetInBody: fc.constantFrom('taken', 'refused'),
    readBackDelayReads: fc.constantFrom(0, 1),
    rememberTarget: fc.boolean(),
    unknownProperties: fc.boolean(),
    tokenService: fc.constantFrom(...tokenServices),
    passwordRefusal: fc.constantFrom('json-400', 'json-401', 'json-403', 'page-401'),
  },
  { requiredKeys: [] },
);
