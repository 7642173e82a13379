import type { ContactMatch } from '../../ucwa/contact.ts';
import type { FoundState } from '../model/ring-state.ts';
import type { StandingRequest, UnansweredToRestore } from '../ports/user-store.ts';
import { UnansweredTarget } from './unanswered-target.ts';

/** What the tries of one attempt share. Each begins by reading, so that none repeats what is done already. */
export interface Progress {
  /** The state found before anything was written; undefined where an earlier attempt may have written and did not record it. */
  previous: FoundState | undefined;
  /** What an undo of this request goes back to: the state found, or what an earlier temporary setting goes back to. */
  before: FoundState | undefined;
  /** The temporary setting that stood when this request began. */
  readonly pending: PendingUndo | undefined;
  /** How the ring matched before anything was written; undefined where an earlier attempt may have written. */
  matchBefore: ContactMatch | undefined;
  /** True where a write was sent, by an earlier attempt or in this one, whatever its result. */
  mayHaveWritten: boolean;
  /** True unless every write was refused: a setting that was refused for good does not stand. */
  mayStand: boolean;
  /** True once a reading showed the ring as desired after a write: only side effects may be left to do. */
  isRingProved: boolean;
  /** How the server shows the contact that was set, where that is not the target itself. */
  shownAs: string | undefined;
  readonly unanswered: UnansweredTarget;
}

/** A setting that a request made, as far as it is known how the server shows it. */
export type SetSetting = Required<Pick<StandingRequest, 'desired'>> &
  Pick<StandingRequest, 'provedAtMs' | 'shownAs'>;

/** A setting that ends by itself, and what it goes back to then. */
export type PendingUndo = SetSetting & Required<Pick<StandingRequest, 'before'>>;

/** Returns the progress of a request before its first try in this attempt. */
export function startProgress(
  earlier: Pick<Progress, 'previous' | 'before' | 'pending' | 'mayHaveWritten'>,
  unansweredToRestore: UnansweredToRestore | undefined,
): Progress {
  return {
    ...earlier,
    matchBefore: undefined,
    mayStand: earlier.mayHaveWritten,
    isRingProved: false,
    shownAs: undefined,
    unanswered: new UnansweredTarget(unansweredToRestore),
  };
}
