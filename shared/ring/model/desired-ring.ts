import type { RingTarget } from '../../ucwa/uri.ts';

/** What a request asks for: who rings together with the user, or nobody. */
export type DesiredRing =
  | { readonly ring: 'contact'; readonly target: RingTarget }
  | { readonly ring: RingGroup; readonly ringDelaySeconds?: number }
  | { readonly ring: 'off' };

/** A group that UCWA can ring together with the user; its members are managed elsewhere. */
export type RingGroup = 'delegates' | 'team';

/** What a PUT may ask for; turning off is a DELETE. */
export const settableRings = [
  'contact',
  'delegates',
  'team',
] as const satisfies readonly DesiredRing['ring'][];

/** What an entry of a batch may ask for. */
export const rings = [...settableRings, 'off'] as const;
