import type { RingTarget } from '../../ucwa/uri.ts';
import { type GroupRing, groupRingNames } from '../../ucwa/vocabulary.ts';

/** When the settings apply: always, or during the user's working hours only. */
export const activePeriods = ['always', 'workhours'] as const;

export type ActivePeriod = (typeof activePeriods)[number];

/** Absent where the period is to stay as it is. */
interface WithPeriod {
  readonly activePeriod?: ActivePeriod;
}

/** What a request asks for: who rings together with the user, or nobody. */
export type DesiredRing =
  | ({ readonly ring: 'contact'; readonly target: RingTarget } & WithPeriod)
  | ({ readonly ring: GroupRing; readonly ringDelaySeconds?: number } & WithPeriod)
  | { readonly ring: 'off' };

/** When a setting begins and ends, in ISO 8601 and UTC. */
export interface Schedule {
  /** Not before this time. */
  readonly from?: string;
  /** Then back to what was set before. */
  readonly until?: string;
}

/** What a PUT may ask for; turning off is a DELETE. */
export const settableRings = ['contact', ...groupRingNames] as const;

/** What an entry of a batch may ask for. */
export const rings = [...settableRings, 'off'] as const;
