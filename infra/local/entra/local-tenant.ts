import type { LocalUser } from '../local-users.ts';
import type { EntraApi, EntraApp, EntraPerson } from './directory.ts';

/** The people and applications of a local tenant. */
export interface LocalTenant {
  readonly people: readonly EntraPerson[];
  readonly apps: readonly EntraApp[];
}

/** Our API in the local tenant. The id is the same at each start, so that commands can be kept. */
export const localApi: EntraApi = { clientId: '5e1f0a11-2b3c-4d5e-8f60-71a2b3c4d5e6' };

/** The claim of local tokens with a person's SIP address. */
export const sipClaim = 'sip_address';

/** Applications to try roles with: HR sends files, and a service desk sets one user at a time. */
export const localApps = {
  hr: {
    clientId: '5e1f0a11-0000-4000-8000-000000000001',
    secret: 'local-hr',
    roles: ['SimultaneousRing.Bulk'],
  },
  desk: {
    clientId: '5e1f0a11-0000-4000-8000-000000000002',
    secret: 'local-desk',
    roles: ['SimultaneousRing.Write'],
  },
} satisfies Readonly<Record<string, EntraApp>>;

/** Returns a tenant in which every user is a person with their own SIP address. */
export function localTenant(users: readonly LocalUser[]): LocalTenant {
  const people = users.map(({ sip }) => {
    const userPrincipalName = sip.slice('sip:'.length);
    return { userPrincipalName, claims: { [sipClaim]: sip } };
  });
  return { people, apps: Object.values(localApps) };
}
