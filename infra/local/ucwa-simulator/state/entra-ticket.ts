import type { Origin, Simulation } from './simulation.ts';
import type { Ticket } from './tokens.ts';

/** The permission for one's own call forwarding. */
const permission = 'User.ReadWrite';

/** The claims that may hold a person's address. */
const addressClaims = ['sip_address', 'upn', 'preferred_username'];

/**
 * Reads a token of Entra at a server; undefined where it is none, or names nobody here. It is valid for the server that is its
 * audience, until it expires; without the scope it is valid and may do nothing.
 */
export function readEntraTicket(
  { configuration, users }: Simulation,
  origin: Origin,
  token: string,
): Ticket | undefined {
  const claims = configuration.readEntraToken?.(token);
  if (claims === undefined) return undefined;
  const names = addressClaims.map((claim) => String(claims[claim] ?? '').replace(/^sip:/i, ''));
  const user = names.map((name) => users.find(`sip:${name}`)).find((found) => found !== undefined);
  if (user === undefined) return undefined;
  const isForUs = claims['aud'] === `https://${new URL(origin.url).host}`;
  const isInTime = typeof claims['exp'] === 'number' && configuration.now() < claims['exp'] * 1000;
  const scopes = String(claims['scp'] ?? '').split(' ');
  return {
    user: user.index,
    pools: [origin.index],
    isValid: isForUs && isInTime,
    ...(scopes.includes(permission) ? {} : { lacksScope: true as const }),
  };
}
