import type { Clock } from '../../runtime/clock.ts';
import { type ContactMatch, compareContact } from '../../ucwa/contact.ts';
import type { ForwardingSettings, TargetSetting } from '../../ucwa/forwarding-settings.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import { shownHost } from '../../ucwa/shown-host.ts';
import { rel } from '../../ucwa/vocabulary.ts';
import { NotEffectiveError } from '../attempt/not-effective.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import type { Warning } from '../model/outcome.ts';
import type { RingState } from '../model/ring-state.ts';
import type { UnansweredToRestore } from '../ports/user-store.ts';
import { isContactRung, type RingReading, readContact, readRingState } from './read-ring-state.ts';
import { isRefusal, UnansweredTarget } from './unanswered-target.ts';

/** What the tries of one attempt share. Each begins by reading, so that none repeats what is done already. */
export interface Progress {
  /** The state found before anything was written; undefined where an earlier attempt may have written and did not record it. */
  previous: RingState | undefined;
  /** How the ring matched before anything was written; undefined where an earlier attempt may have written. */
  matchBefore: ContactMatch | undefined;
  /** True where a write was sent, by an earlier attempt or in this one, whatever its result. */
  mayHaveWritten: boolean;
  /** True once a reading showed the ring as desired after a write: only side effects may be left to do. */
  isRingProved: boolean;
  readonly unanswered: UnansweredTarget;
}

/** The collaborators of one change. */
export interface ApplyDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Records a target before turning off removes it. Throws where nothing more may be written. */
  readonly recordUnansweredToRestore: (unanswered: UnansweredToRestore) => Promise<void>;
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

/** How long the server is given to show a setting before it is read once more. */
const secondReadDelayMs = 1_000;

/** Returns the progress of a request before its first try in this attempt. */
export function startProgress(
  earlier: Pick<Progress, 'previous' | 'mayHaveWritten'>,
  unansweredToRestore: UnansweredToRestore | undefined,
): Progress {
  return {
    ...earlier,
    matchBefore: undefined,
    isRingProved: false,
    unanswered: new UnansweredTarget(unansweredToRestore),
  };
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
  if (progress.isRingProved && unanswered.toRestore === undefined) return applied(progress, true);
  try {
    if (!progress.isRingProved) await prepareAndWrite(session, found, desired, progress, deps);
    await unanswered.restore(session, found);
  } finally {
    progress.mayHaveWritten ||= session.writeFate.mayHaveWritten;
  }
  return applied(progress, await prove(session, desired, progress, deps));
}

/** Requires every link that the change will need before anything is written. */
async function prepareAndWrite(
  session: UcwaSession,
  found: RingReading,
  desired: DesiredRing,
  { unanswered, mayHaveWritten }: Progress,
  { recordUnansweredToRestore }: ApplyDeps,
): Promise<void> {
  prepare(session, found, desired, unanswered);
  if (unanswered.toRestore !== undefined) await recordUnansweredToRestore(unanswered.toRestore);
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
  const progress = startProgress({ previous: undefined, mayHaveWritten: false }, undefined);
  noteFound(session, found, desired, progress);
  if (isRingAsDesired(found, desired, progress)) {
    return { would: 'nothing', previous: found.state, warnings: [] };
  }
  prepare(session, found, desired, progress.unanswered);
  return { would: 'apply', previous: found.state, warnings: progress.unanswered.warnings };
}

/** Keeps what was so before the request wrote anything: afterwards it can no longer be told. */
function noteFound(session: UcwaSession, found: RingReading, desired: DesiredRing, progress: Progress): void {
  progress.mayHaveWritten ||= session.writeFate.mayHaveWritten;
  progress.unanswered.check(found, progress);
  if (progress.mayHaveWritten) return;
  progress.previous = found.state;
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

function isRingAsDesired(found: RingReading, desired: DesiredRing, progress: Progress): boolean {
  if (desired.ring === 'off') return found.settings.active !== 'ring';
  return isProof(compareRing(found, desired), progress);
}

/**
 * A contact whose own address is the target proves the ring. A person who has the target among their numbers proves it only
 * where the ring was certainly another before the write: the person who was rung until then may have that number too.
 */
function isProof(match: ContactMatch, { mayHaveWritten, matchBefore }: Progress): boolean {
  return match === 'same' || (match === 'among-numbers' && mayHaveWritten && matchBefore === 'other');
}

/** Compares the ring that was read with the desired one. */
function compareRing(
  { settings, ring, contact }: Pick<RingReading, 'settings' | 'ring' | 'contact'>,
  desired: Exclude<DesiredRing, { ring: 'off' }>,
): ContactMatch {
  if (settings.active !== 'ring' || ring.target !== desired.ring) return 'other';
  if (desired.ring === 'contact') {
    return contact === undefined ? 'unknown' : compareContact(contact, desired.target);
  }
  const { ringDelaySeconds } = desired;
  return ringDelaySeconds === undefined || ring.ringDelaySeconds === ringDelaySeconds ? 'same' : 'other';
}

/** Reads back, and once more after a second where something does not show. Returns whether the target was seen. */
async function prove(
  session: UcwaSession,
  desired: DesiredRing,
  progress: Progress,
  { clock, signal }: ApplyDeps,
): Promise<boolean> {
  const first = await readBack(session, desired, progress);
  if (first.ring !== 'not-shown' && first.isUnansweredShown) return first.ring === 'shown';
  await clock.sleep(secondReadDelayMs, signal);
  const second = await readBack(session, desired, progress);
  if (second.ring === 'not-shown') throw new NotEffectiveError(describeNotShown(second));
  if (!second.isUnansweredShown)
    progress.unanswered.giveUp('UCWA accepted it, but reading back does not show it');
  return second.ring === 'shown';
}

function describeNotShown({ host, shown }: ReadBack): string {
  return `${shownHost(host)} accepted the change, but reading back shows ${shown}.`;
}

interface ReadBack {
  readonly ring: 'shown' | 'unknown' | 'not-shown';
  readonly isUnansweredShown: boolean;
  readonly host: string;
  /** The kind of setting that is on, in words, without its target. */
  readonly shown: string;
}

async function readBack(session: UcwaSession, desired: DesiredRing, progress: Progress): Promise<ReadBack> {
  const settings = await session.callForwarding.readSettings('read-back');
  const isUnansweredShown = await progress.unanswered.isShown(session, settings);
  const { ring, shown } = await ringReadBack(session, settings, desired, progress);
  progress.isRingProved = ring === 'shown';
  return { ring, isUnansweredShown, host: settings.resource.host, shown };
}

async function ringReadBack(
  session: UcwaSession,
  settings: ForwardingSettings,
  desired: DesiredRing,
  progress: Progress,
): Promise<Pick<ReadBack, 'ring' | 'shown'>> {
  const isRinging = settings.active === 'ring';
  const shown = shownSettings[settings.active];
  if (desired.ring === 'off') return { ring: isRinging ? 'not-shown' : 'shown', shown };
  const ring = await session.callForwarding.readTarget(settings, rel.simultaneousRingSettings, 'read-back');
  const isContact = desired.ring === 'contact' && isContactRung(settings, ring);
  const contact = isContact ? await readContact(session, ring) : undefined;
  const match = compareRing({ settings, ring, contact }, desired);
  if (match === 'other') return { ring: 'not-shown', shown: isRinging ? shownRing(ring, desired) : shown };
  return { ring: isProof(match, progress) ? 'shown' : 'unknown', shown };
}

const shownSettings: Readonly<Record<ForwardingSettings['active'], string>> = {
  none: 'that simultaneous ring is off',
  forward: 'that calls are forwarded at once instead',
  ring: 'that simultaneous ring is still on',
};

function shownRing({ target }: TargetSetting, desired: DesiredRing): string {
  if (target !== desired.ring) return `a ring of ${target} instead`;
  return target === 'contact' ? 'another contact' : 'another delay';
}
