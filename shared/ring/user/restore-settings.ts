import type { Clock } from '../../runtime/clock.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import { shownHost } from '../../ucwa/shown-host.ts';
import { isGroupRing, rel } from '../../ucwa/vocabulary.ts';
import { NotEffectiveError } from '../attempt/not-effective.ts';
import type { Warning } from '../model/outcome.ts';
import { type FoundState, type RingState, shownState } from '../model/ring-state.ts';
import type { RehearsedRing } from './apply-ring.ts';
import { isSetBy } from './compare-ring.ts';
import type { PendingUndo } from './progress.ts';
import { type RingReading, readRingState } from './read-ring-state.ts';
import {
  isChosenSince,
  isMainShown,
  isSameUnanswered,
  partOf,
  planRestore,
  type RestoreStep,
  type SettingPart,
  type UnansweredBefore,
  withUnansweredOf,
} from './restore-plan.ts';
import { isRefusal } from './unanswered-target.ts';

/** What the tries of one undo share. Each begins by reading. */
export interface RestoreProgress {
  /** The state found before the undo wrote anything; undefined where an earlier attempt may have written. */
  previous: RingState | undefined;
  /** True where the undo has sent a write, whatever its result. */
  mayHaveWritten: boolean;
  /** What is put back: what was set before, but for what the user has chosen since. */
  goal: FoundState;
  /** The parts that are not put back, and why. */
  readonly left: Map<SettingPart, string>;
}

/** Returns the progress of an undo before its first try in this attempt. `goal` is what an earlier attempt recorded. */
export function startRestoring(goal: FoundState, mayHaveWritten: boolean): RestoreProgress {
  return { previous: undefined, mayHaveWritten, goal, left: new Map() };
}

/** The user has changed the setting since, so that there is nothing to undo. */
export interface ChangedSince {
  readonly kind: 'changed-since';
}

/** How an undo ended at UCWA. */
export type Restored =
  | {
      readonly kind: 'restored';
      readonly outcome: 'applied' | 'unchanged';
      readonly verified: boolean;
      readonly warnings: readonly Warning[];
    }
  | ChangedSince;

interface RestoreDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Records what the undo puts back before it writes: until then, what is found may be a change of the user's. */
  readonly recordBegin: (before: FoundState) => Promise<void>;
}

/** How long the server is given to show a setting before it is read once more. */
const secondReadDelayMs = 1_000;

/** How often the settings are written until they show: what one write resets, the next sets again. */
const maxRounds = 3;

const changedSince: ChangedSince = { kind: 'changed-since' };

/**
 * Puts the settings back to what they were, and proves it. Leaves them alone where they are not what the request set: people
 * change them in their own client. May be called again after any failure. Throws {@link NotEffectiveError} where the server
 * accepts the ring or the forward and shows another setting.
 */
export async function restoreSettings(
  session: UcwaSession,
  pending: PendingUndo,
  progress: RestoreProgress,
  deps: RestoreDeps,
): Promise<Restored> {
  let found = await readRingState(session);
  progress.mayHaveWritten ||= session.writeFate.mayHaveWritten;
  if (!progress.mayHaveWritten) {
    progress.previous = shownState(found.state);
    if (isChanged(found, pending)) return changedSince;
    progress.goal = goalOf(found, pending);
  }
  const before = progress.goal;
  try {
    for (let round = 0; round < maxRounds; round++) {
      const steps = planRestore(found, before, new Set(progress.left.keys()));
      if (steps.length === 0) break;
      if (!progress.mayHaveWritten) await deps.recordBegin(before);
      for (const step of steps) await runStep(session, found, before, step, progress);
      found = await readBack(session, before, progress, deps);
    }
  } finally {
    progress.mayHaveWritten ||= session.writeFate.mayHaveWritten;
  }
  return endOf(found, pending, progress);
}

/** Finds out what an undo would do. Writes nothing. */
export async function rehearseRestoring(
  session: UcwaSession,
  pending: PendingUndo,
): Promise<RehearsedRing | ChangedSince> {
  const found = await readRingState(session);
  const previous = shownState(found.state);
  if (isChanged(found, pending)) return changedSince;
  const goal = goalOf(found, pending);
  const steps = planRestore(found, goal, new Set());
  const warnings = warningsOf(pending, startRestoring(goal, false));
  return { would: steps.length === 0 ? 'nothing' : 'apply', previous, warnings };
}

/** A setting that is as it was before already, but for what the request set, is no change of the user's. */
function isChanged(found: RingReading, pending: PendingUndo): boolean {
  return !isSetBy(found, pending) && planRestore(found, pending.before, new Set()).length > 0;
}

/** Returns what was set before, with the target for unanswered calls that the user has chosen since. */
function goalOf(found: RingReading, { before, desired }: PendingUndo): FoundState {
  return isChosenSince(found, before, desired) ? withUnansweredOf(before, found.state) : before;
}

/** A refusal of a part other than the ring or forward becomes a warning; other failures are thrown, for recovery to handle. */
async function runStep(
  session: UcwaSession,
  found: RingReading,
  before: FoundState,
  step: RestoreStep,
  { left }: RestoreProgress,
): Promise<void> {
  try {
    await write(session, found, before, step);
  } catch (error) {
    const part = partOf(step);
    if (!isRefusal(error) || part === 'ring or forward') throw error;
    left.set(part, error.message);
  }
}

async function write(
  { callForwarding }: UcwaSession,
  found: RingReading,
  before: FoundState,
  step: RestoreStep,
): Promise<void> {
  const { settings } = found;
  if (step.kind === 'set-period') await callForwarding.setPeriod(settings, step.period);
  else if (step.kind === 'turn-off') await callForwarding.turnOff(settings);
  else if (step.kind === 'send-unanswered') await sendUnanswered(callForwarding, found, step.to);
  else if (before.forwarding !== undefined) await setForward(callForwarding, found, before);
  else await setRing(callForwarding, found, before);
}

type CallForwarding = UcwaSession['callForwarding'];

async function sendUnanswered(
  callForwarding: CallForwarding,
  { settings }: RingReading,
  before: UnansweredBefore,
): Promise<void> {
  const unanswered = await callForwarding.readTarget(settings, rel.unansweredCallSettings);
  const { ringDelaySeconds } = before;
  if (before.to === 'contact') {
    await callForwarding.sendUnansweredTo(unanswered, before.text, ringDelaySeconds);
  } else if (before.to === 'voicemail') {
    await callForwarding.sendUnansweredToVoicemail(unanswered, ringDelaySeconds);
  } else {
    await callForwarding.sendUnansweredNowhere(unanswered);
  }
}

async function setForward(
  callForwarding: CallForwarding,
  { settings }: RingReading,
  { forwarding, asWritten }: FoundState,
): Promise<void> {
  const forward = await callForwarding.readTarget(settings, rel.immediateForwardSettings);
  const target = asWritten?.forwarding ?? forwarding?.target ?? '';
  if (target === 'delegates' || target === 'voicemail') await callForwarding.forwardTo(forward, target);
  else await callForwarding.forwardToContact(forward, target);
}

async function setRing(
  callForwarding: CallForwarding,
  found: RingReading,
  { ring, target, ringDelaySeconds, asWritten }: FoundState,
): Promise<void> {
  if (isGroupRing(ring)) await callForwarding.ringGroup(found.ring, ring, ringDelaySeconds);
  else await callForwarding.ringContact(found.ring, asWritten?.target ?? target ?? '');
}

/** Reads back, and once more after a second where something does not show. */
async function readBack(
  session: UcwaSession,
  before: FoundState,
  { left }: RestoreProgress,
  { clock, signal }: RestoreDeps,
): Promise<RingReading> {
  const first = await readRingState(session, 'read-back');
  if (planRestore(first, before, new Set(left.keys())).length === 0) return first;
  await clock.sleep(secondReadDelayMs, signal);
  return await readRingState(session, 'read-back');
}

function endOf(found: RingReading, pending: PendingUndo, progress: RestoreProgress): Restored {
  const before = progress.goal;
  if (!isMainShown(found, before)) {
    const host = shownHost(found.settings.resource.host);
    throw new NotEffectiveError(`${host} accepted the change, but reading back shows another setting.`);
  }
  for (const step of planRestore(found, before, new Set(progress.left.keys()))) {
    progress.left.set(partOf(step), 'UCWA accepted it, but reading back does not show it');
  }
  const outcome = progress.mayHaveWritten ? 'applied' : 'unchanged';
  return { kind: 'restored', outcome, verified: true, warnings: warningsOf(pending, progress) };
}

function warningsOf({ before }: PendingUndo, { goal, left }: RestoreProgress): readonly Warning[] {
  const isKept = !isSameUnanswered(before, goal);
  const kept = isKept ? [['target for unanswered calls', 'another one was chosen since'] as const] : [];
  return [...kept, ...left].map(([part, reason]) => {
    const detail = `The ${part} was not put back: ${reason.replace(/\.$/, '')}. Have the user check it.`;
    return { code: 'not-restored', detail };
  });
}
