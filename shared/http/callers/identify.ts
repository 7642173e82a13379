import { selfScope } from './access.ts';
import type { Caller } from './caller.ts';
import type { VerifiedToken } from './token.ts';

/** A caller with what the delegated scope allows, whether or not the route does. */
export interface Identified extends Caller {
  /** One's own address, or why there is none. */
  readonly own: OwnAddress;
}

export type OwnAddress = { readonly address: string } | { readonly refused: string };

/** Returns who a verified token speaks for; undefined where it is neither a person's nor an application's own. */
export function identify(
  { claims, others }: VerifiedToken,
  sipClaim: string | undefined,
): Identified | undefined {
  const { oid, sub, azp, idtyp, scp, roles } = claims;
  if (scp !== undefined && idtyp !== 'app') {
    return { kind: 'person', id: oid, roles, own: ownAddress({ claims, others }, sipClaim) };
  }
  // In a token of an application itself both ids are those of its service principal.
  const isApp = scp === undefined && (idtyp === 'app' || (idtyp === undefined && sub === oid));
  if (!isApp) return undefined;
  return {
    kind: 'app',
    id: azp,
    roles,
    own: { refused: `${selfScope} is for people, not for applications.` },
  };
}

function ownAddress({ claims, others }: VerifiedToken, sipClaim: string | undefined): OwnAddress {
  if (claims.scp?.split(' ').includes(selfScope) !== true)
    return { refused: `The token does not have the scope ${selfScope} either.` };
  if (isGuest({ claims, others })) return { refused: `Guests may not use ${selfScope}.` };
  if (sipClaim === undefined)
    return { refused: `${selfScope} needs the setting ENTRA_SIP_CLAIM, which is not set.` };
  const address = plainAddress(others[sipClaim]);
  if (address === undefined) return { refused: `The token has no SIP address in the claim ${sipClaim}.` };
  return { address };
}

/** People of another tenant have an identity provider other than the issuer, and `acct` 1 where the claim is there. */
function isGuest({ claims, others }: VerifiedToken): boolean {
  const { idp, acct } = claims;
  const isElsewhere = idp !== undefined && idp !== others['iss'];
  const names = [others['preferred_username'], others['upn']];
  return (
    isElsewhere || String(acct ?? '0') !== '0' || names.some((name) => /#EXT#/i.test(String(name ?? '')))
  );
}

/** Returns an address in lower case without `sip:`; undefined for anything else, since it decides what a person may do. */
export function plainAddress(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const address = text.replace(/^sip:/i, '').toLowerCase();
  return /^[!-?A-~]{1,200}@[a-z0-9.-]{1,250}$/.test(address) ? address : undefined;
}
