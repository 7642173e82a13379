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

/** The state found before a request changed it: what an undo goes back to. */
export interface FoundState extends RingState {
  /** The server's own texts of targets, where the state shows them in another form: these are set again. */
  readonly asWritten?: {
    readonly target?: string;
    readonly forwarding?: string;
    readonly unanswered?: string;
  };
  /** Where unanswered calls go, unless to a target of the user's own; absent where the server does not say. */
  readonly unansweredDefault?: {
    readonly to: 'voicemail' | 'none';
    readonly ringDelaySeconds?: number;
  };
}

/** Returns what callers are shown of a state that was found. */
export function shownState({
  asWritten: _texts,
  unansweredDefault: _default,
  ...shown
}: FoundState): RingState {
  return shown;
}

/** Where unanswered calls go, and after how many seconds. */
export interface UnansweredTarget extends ShownTarget {
  readonly ringDelaySeconds?: number;
}
