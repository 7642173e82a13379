import type { RingTarget } from '../../ucwa/uri.ts';
import { type GroupRing, groupRingNames } from '../../ucwa/vocabulary.ts';

/** What a request asks for: who rings together with the user, or nobody. */
export type DesiredRing =
  | { readonly ring: 'contact'; readonly target: RingTarget }
  | { readonly ring: GroupRing; readonly ringDelaySeconds?: number }
  | { readonly ring: 'off' };

/** What a PUT may ask for; turning off is a DELETE. */
export const settableRings = ['contact', ...groupRingNames] as const;

/** What an entry of a batch may ask for. */
export const rings = [...settableRings, 'off'] as const;
