import type { DesiredRing } from './desired-ring.ts';

/** A target as the server shows it; absent where the server names nobody, or lets nobody see it. */
interface ShownTarget {
  readonly target?: string;
}

/** What UCWA reports now, as GET returns it and `previous` records it. A property is present only where it holds. */
export interface RingState extends ShownTarget {
  readonly ring: DesiredRing['ring'];
  readonly ringDelaySeconds?: number;
  /** An immediate forward. UCWA has one active setting, so `ring` is `off` beside it. */
  readonly forwarding?: ShownTarget;
  /** The user's own target for unanswered calls. */
  readonly unanswered?: UnansweredTarget;
  readonly activePeriod?: 'workhours';
}

/** Where unanswered calls go, and after how many seconds. */
export interface UnansweredTarget extends ShownTarget {
  readonly ringDelaySeconds?: number;
}
