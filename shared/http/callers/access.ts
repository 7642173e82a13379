/** What a caller may be allowed to do. */
export type Permission = 'read' | 'write' | 'bulk';

/** App roles of people and applications, with what each allows. */
export const roles = {
  'SimultaneousRing.Read': ['read'],
  'SimultaneousRing.Write': ['read', 'write'],
  'SimultaneousRing.Bulk': ['read', 'bulk'],
} as const satisfies Readonly<Record<string, readonly Permission[]>>;

/** The delegated scope with which people act for their own address, on routes that allow it. */
export const selfScope = 'SimultaneousRing.Self';

/** The header that a form of a foreign site cannot send; a change by a browser's session needs it, with the value 1. */
export const ownSiteHeader = 'x-simring';

/** The role that a refused caller is told to ask for. */
const roleFor: Readonly<Record<Permission, keyof typeof roles>> = {
  read: 'SimultaneousRing.Read',
  write: 'SimultaneousRing.Write',
  bulk: 'SimultaneousRing.Bulk',
};

/** What a route asks of its caller. Every route declares it when it is registered. */
export type Access =
  | 'anonymous'
  | {
      readonly needs: Permission;
      /** What it needs where the query names a user, instead. */
      readonly needsWithUser?: Permission;
      /** True where people may also call it with {@link selfScope}, for their own address as `{user}`. */
      readonly self?: true;
    };

/** Returns the permission that a request with this query needs. */
export function permissionFor(
  access: Exclude<Access, 'anonymous'>,
  query: Readonly<Record<string, string>>,
): Permission {
  const { needs, needsWithUser = needs } = access;
  return 'user' in query ? needsWithUser : needs;
}

/** True where one of the roles allows it. Names that are not in the table allow nothing. */
export function allows(given: readonly string[], permission: Permission): boolean {
  return Object.entries(roles).some(
    ([role, permissions]) => given.includes(role) && permissions.some((one) => one === permission),
  );
}

/** Returns the least role that allows it. */
export function leastRole(permission: Permission): string {
  return roleFor[permission];
}
