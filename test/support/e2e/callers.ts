import type { EntraEmulator } from '../../../infra/local/entra/entra-emulator.ts';
import { localApps, localTenant } from '../../../infra/local/entra/local-tenant.ts';
import { localUser } from './system.ts';

export const alice = localUser('alice@callers.example');
export const bob = localUser('bob@callers.example');
export const carol = localUser('carol@callers.example');
export const callerUsers = [alice, bob, carol];

/** An application without any role. */
export const nobody = { clientId: '5e1f0a11-0000-4000-8000-000000000009', secret: 'none' };

/** An application that may only read. */
export const reader = {
  clientId: '5e1f0a11-0000-4000-8000-000000000003',
  secret: 'local-reader',
  roles: ['SimultaneousRing.Read'],
};

/** People by what they may do, and applications by role. */
export const callersTenant = {
  people: [
    ...localTenant(callerUsers).people,
    { userPrincipalName: 'desk@callers.example', roles: ['SimultaneousRing.Write'] },
    { userPrincipalName: 'files@callers.example', roles: ['SimultaneousRing.Bulk'] },
    { userPrincipalName: 'watch@callers.example', roles: ['SimultaneousRing.Read'] },
    { userPrincipalName: 'odd@callers.example', roles: ['SimultaneousRing.write', 'Admin', 'toString'] },
    { userPrincipalName: 'guest@elsewhere.example', guest: true, claims: { sip_address: bob.sip } },
  ],
  apps: [...Object.values(localApps), nobody, reader],
};

/** Every route that needs a token, with what it needs. */
export const routes = [
  { method: 'GET', path: '/api/users/alice@callers.example/simultaneous-ring', needs: 'read' },
  { method: 'PUT', path: '/api/users/alice@callers.example/simultaneous-ring', needs: 'write' },
  { method: 'DELETE', path: '/api/users/alice@callers.example/simultaneous-ring', needs: 'write' },
  { method: 'GET', path: '/api/users', needs: 'read' },
  { method: 'GET', path: '/api/users?user=alice', needs: 'read' },
  { method: 'POST', path: '/api/users/check', needs: 'bulk' },
  { method: 'POST', path: '/api/bulk', needs: 'bulk' },
  { method: 'POST', path: '/api/bulk?validate=true', needs: 'bulk' },
  { method: 'GET', path: '/api/bulk', needs: 'read' },
  { method: 'GET', path: '/api/bulk/some-batch', needs: 'read' },
  { method: 'DELETE', path: '/api/bulk/some-batch', needs: 'bulk' },
  { method: 'POST', path: '/api/bulk/some-batch/undo', needs: 'bulk' },
  { method: 'GET', path: '/api/health', needs: 'read' },
  { method: 'GET', path: '/api/health?user=alice@callers.example', needs: 'write' },
] as const;

/** The tokens of callers with one right each. */
export function tokensOf(entra: EntraEmulator) {
  return {
    'the application with Read': entra.appToken(reader.clientId),
    'the application with Write': entra.appToken(localApps.desk.clientId),
    'the application with Bulk': entra.appToken(localApps.hr.clientId),
    'a person with Read': entra.personToken('watch@callers.example', ['SimultaneousRing.Self']),
    'a person with Write': entra.personToken('desk@callers.example', ['SimultaneousRing.Self']),
    'a person with Bulk': entra.personToken('files@callers.example', ['SimultaneousRing.Self']),
  };
}

export function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}
