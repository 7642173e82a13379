import * as z from 'zod/mini';

const tenantSchema = z.object({
  tenantId: z.string(),
  clientId: z.string(),
  authority: z.string(),
  sipClaim: z.optional(z.string()),
});

/** The tenant at which people sign in, and the application that they sign in to. */
export type Tenant = z.infer<typeof tenantSchema>;

/** Returns the tenant that the page names; undefined where people give a function key. */
export function tenantOf(document: Document): Tenant | undefined {
  const content = document.querySelector('meta[name="simring-sign-in"]')?.getAttribute('content') ?? 'key';
  return content === 'key' ? undefined : tenantSchema.parse(JSON.parse(decodeURIComponent(content)));
}

/** Somebody who has signed in. */
export interface Person {
  readonly name: string;
  /** Their SIP address, where their token tells it. */
  readonly address: string | undefined;
  /** True for somebody without a role: they see their own ring and nothing else. */
  readonly isSelfOnly: boolean;
}

const claimsSchema = z.catch(
  z.looseObject({
    preferred_username: z.optional(z.string()),
    roles: z.catch(z.array(z.string()), []),
  }),
  { roles: [] },
);

/** Reads a person from the claims of their ID token. What they may do is decided by the functions: this decides what is shown. */
export function personOf(claims: unknown, sipClaim: string | undefined): Person {
  const known = claimsSchema.parse(claims ?? {});
  const address = sipClaim === undefined ? undefined : known[sipClaim];
  return {
    name: known.preferred_username ?? 'an account without a name',
    address: typeof address === 'string' ? address.replace(/^sip:/i, '').toLowerCase() : undefined,
    isSelfOnly: !known.roles.some((role) => role.startsWith('SimultaneousRing.')),
  };
}
