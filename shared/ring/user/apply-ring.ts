import type { Clock } from '../../runtime/clock.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import type { Warning } from '../model/outcome.ts';
import { type FoundState, type RingState, shownState } from '../model/ring-state.ts';
import type { UnansweredToRestore } from '../ports/user-store.ts';
import { compareRing, isPeriodAsDesired, isRingAsDesired, isSetBy, periodOf } from './compare-ring.ts';
import { type Progress, startProgress } from './progress.ts';
import { prove } from './prove-ring.ts';
import { type RingReading, readRingState } from './read-ring-state.ts';
import { isRefusal, type UnansweredTarget } from './unanswered-target.ts';

/** What must be recorded before the first write: afterwards it can no longer be told. */
export interface RecordedBeforeWrite {
  /** A target that turning off removes. */
  readonly unansweredToRestore?: UnansweredToRestore;
  /** Present for a request that will be undone. */
  readonly before?: FoundState;
}

/** The collaborators of one change. */
export interface ApplyDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** True for a setting that ends by itself: what it goes back to is recorded before the first write. */
  readonly isTemporary: boolean;
  /** Throws where nothing more may be written. */
  readonly record: (recorded: RecordedBeforeWrite) => Promise<void>;
}

export interface Applied {
  readonly outcome: 'applied' | 'unchanged';
  readonly verified: boolean;
  readonly warnings: readonly Warning[];
}

/** What a change would do, and the state that it would change. */
export interface RehearsedRing {
  readonly would: 'apply' | 'nothing';
  readonly previous: RingState;
  readonly warnings: readonly Warning[];
}

/**
 * Applies a desired ring and proves it. May be called again after any failure: it reads first, and does not write again
 * what is as desired. Throws {@link NotEffectiveError} where the server accepted the change and reading back shows
 * another setting.
 */
export async function applyRing(
  session: UcwaSession,
  desired: DesiredRing,
  progress: Progress,
  deps: ApplyDeps,
): Promise<Applied> {
  const { unanswered } = progress;
  const found = await readRingState(session);
  noteFound(session, found, desired, progress);
  progress.isRingProved = isRingAsDesired(found, desired, progress);
  const isPeriodProved = isPeriodAsDesired(found.settings, desired);
  if (progress.isRingProved && isPeriodProved && unanswered.toRestore === undefined) {
    return applied(progress, true);
  }
  try {
    await prepareAndWrite(session, found, desired, progress, deps);
    await unanswered.restore(session, found);
  } finally {
    progress.mayHaveWritten ||= session.writeFate.mayHaveWritten;
    progress.mayStand ||= session.writeFate.mayHaveTakenEffect;
  }
  return applied(progress, await prove(session, desired, progress, deps));
}

/**
 * Requires every link that the change will need before anything is written. The period comes first: its PUT writes what was
 * read of the active setting too.
 */
async function prepareAndWrite(
  session: UcwaSession,
  found: RingReading,
  desired: DesiredRing,
  progress: Progress,
  { isTemporary, record }: ApplyDeps,
): Promise<void> {
  const { unanswered, mayHaveWritten, isRingProved, before } = progress;
  if (!isRingProved) prepare(session, found, desired, unanswered);
  const recorded = {
    ...(unanswered.toRestore === undefined ? {} : { unansweredToRestore: unanswered.toRestore }),
    ...(isTemporary && before !== undefined ? { before } : {}),
  };
  if (Object.keys(recorded).length > 0) await record(recorded);
  const period = periodOf(desired);
  if (period !== undefined && found.settings.period !== period) {
    await session.callForwarding.setPeriod(found.settings, period);
  }
  if (isRingProved) return;
  try {
    await writeRing(session, found, desired);
  } catch (error) {
    if (desired.ring === 'off' && isRefusal(error) && !mayHaveWritten) unanswered.discard();
    throw error;
  }
}

function applied({ mayHaveWritten, unanswered }: Progress, verified: boolean): Applied {
  const { warnings } = unanswered;
  return { outcome: mayHaveWritten ? 'applied' : 'unchanged', verified, warnings };
}

/** Finds out whether a change would write anything, and whether the server offers to. Writes nothing. */
export async function rehearseRing(session: UcwaSession, desired: DesiredRing): Promise<RehearsedRing> {
  const found = await readRingState(session);
  const earlier = { previous: undefined, before: undefined, pending: undefined, mayHaveWritten: false };
  const progress = startProgress(earlier, undefined);
  noteFound(session, found, desired, progress);
  const previous = shownState(found.state);
  const isRingSet = isRingAsDesired(found, desired, progress);
  if (isRingSet && isPeriodAsDesired(found.settings, desired)) {
    return { would: 'nothing', previous, warnings: [] };
  }
  if (!isRingSet) prepare(session, found, desired, progress.unanswered);
  return { would: 'apply', previous, warnings: progress.unanswered.warnings };
}

/** Keeps what was so before the request wrote anything: afterwards it can no longer be told. */
function noteFound(session: UcwaSession, found: RingReading, desired: DesiredRing, progress: Progress): void {
  progress.mayHaveWritten ||= session.writeFate.mayHaveWritten;
  progress.unanswered.check(found, progress);
  if (progress.mayHaveWritten) return;
  const { pending } = progress;
  progress.previous = found.state;
  progress.before = pending !== undefined && isSetBy(found, pending) ? pending.before : found.state;
  progress.matchBefore = desired.ring === 'off' ? undefined : compareRing(found, desired);
}

/** Throws LinkMissingError where the server does not offer what the change needs. Sends nothing. */
function prepare(
  session: UcwaSession,
  found: RingReading,
  desired: DesiredRing,
  unanswered: UnansweredTarget,
): void {
  session.callForwarding.requireWritable(found.settings, found.ring, desired.ring);
  if (desired.ring === 'off') unanswered.prepareTurningOff(found);
}

async function writeRing(
  session: UcwaSession,
  { settings, ring }: RingReading,
  desired: DesiredRing,
): Promise<void> {
  const { callForwarding } = session;
  if (desired.ring === 'off') await callForwarding.turnOff(settings);
  else if (desired.ring === 'contact') await callForwarding.ringContact(ring, desired.target);
  else await callForwarding.ringGroup(ring, desired.ring, desired.ringDelaySeconds);
}
