import type { Clock } from '../../runtime/clock.ts';
import { type ContactMatch, compareContact } from '../../ucwa/contact.ts';
import type { ForwardingSettings } from '../../ucwa/forwarding-settings.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import { rel } from '../../ucwa/vocabulary.ts';
import { NotEffectiveError } from '../attempt/not-effective.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import type { RingState, UnansweredTarget } from '../model/ring-state.ts';
import { isContactRung, type RingReading, readContact, readRingState } from './read-ring-state.ts';

/** What the tries of one attempt share. Each begins by reading, so that none repeats what is done already. */
export interface Progress {
  /** The state found before anything was written; undefined where an earlier attempt may have written. */
  previous: RingState | undefined;
  /** True where a write was sent, by an earlier attempt or in this one, whatever its result. */
  mayHaveWritten: boolean;
  /** The user's own target for unanswered calls, which turning off removes and which is set again afterwards. */
  unanswered: UnansweredTarget | undefined;
}

/** The collaborators of one change. */
export interface ApplyDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Records a target before turning off removes it. Throws where nothing more may be written. */
  readonly recordUnansweredToRestore: (unanswered: UnansweredTarget) => Promise<void>;
}

export interface Applied {
  readonly outcome: 'applied' | 'unchanged';
  readonly verified: boolean;
}

/** What a change would do, and the state that it would change. */
export interface RehearsedRing {
  readonly would: 'apply' | 'nothing';
  readonly previous: RingState;
}

/** How long the server is given to show a setting before it is read once more. */
const secondReadDelayMs = 1_000;

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
  const found = await readRingState(session);
  progress.mayHaveWritten ||= session.writeFate.mayHaveWritten;
  if (!progress.mayHaveWritten) progress.previous = found.state;
  if (desired.ring === 'off') progress.unanswered ??= found.state.unanswered;
  if (isAllAsDesired(found, desired, progress)) {
    return { outcome: progress.mayHaveWritten ? 'applied' : 'unchanged', verified: true };
  }
  try {
    await write(session, found, desired, progress, deps);
  } finally {
    progress.mayHaveWritten ||= session.writeFate.mayHaveWritten;
  }
  return { outcome: 'applied', verified: await prove(session, desired, progress, deps) };
}

/** Finds out whether a change would write anything, and whether the server offers to. Writes nothing. */
export async function rehearseRing(session: UcwaSession, desired: DesiredRing): Promise<RehearsedRing> {
  const found = await readRingState(session);
  const progress = { previous: undefined, mayHaveWritten: false, unanswered: undefined };
  if (isAllAsDesired(found, desired, progress)) return { would: 'nothing', previous: found.state };
  session.callForwarding.requireWritable(found.settings, found.ring, desired.ring);
  return { would: 'apply', previous: found.state };
}

async function write(
  session: UcwaSession,
  found: RingReading,
  desired: DesiredRing,
  progress: Progress,
  deps: ApplyDeps,
): Promise<void> {
  const { unanswered } = progress;
  const turnsOff = desired.ring === 'off' && found.settings.active === 'ring';
  const mustSetUnanswered = turnsOff || isUnansweredLost(found, progress);
  if (turnsOff && unanswered?.target !== undefined) await deps.recordUnansweredToRestore(unanswered);
  if (!isRingAsDesired(found, desired, progress)) await writeRing(session, found, desired);
  if (mustSetUnanswered && unanswered?.target !== undefined && found.unanswered !== undefined) {
    await session.callForwarding.sendUnansweredTo(
      found.unanswered,
      unanswered.target,
      unanswered.ringDelaySeconds,
    );
  }
}

async function writeRing(
  session: UcwaSession,
  { settings, ring }: RingReading,
  desired: DesiredRing,
): Promise<void> {
  if (desired.ring === 'off') await session.callForwarding.turnOff(settings);
  else if (desired.ring === 'contact') await session.callForwarding.ringContact(ring, desired.target);
  else await session.callForwarding.ringGroup(ring, desired.ring, desired.ringDelaySeconds);
}

function isAllAsDesired(found: RingReading, desired: DesiredRing, progress: Progress): boolean {
  return isRingAsDesired(found, desired, progress) && !isUnansweredLost(found, progress);
}

/**
 * `unchanged` demands more than proof does: the contact's own address must be the target. Once a write was sent, a match
 * among a person's numbers is enough.
 */
function isRingAsDesired(found: RingReading, desired: DesiredRing, { mayHaveWritten }: Progress): boolean {
  if (desired.ring === 'off') return found.settings.active !== 'ring';
  const match = compareRing(found, desired);
  return match === 'same' || (mayHaveWritten && match === 'among-numbers');
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

/** False where the server does not show what happens to unanswered calls: then nothing can be set there either. */
function isUnansweredLost(found: RingReading, { unanswered }: Progress): boolean {
  if (unanswered?.target === undefined || found.unanswered === undefined) return false;
  return found.unanswered.target !== 'contact';
}

/** Reads back, and once more after a second where the setting does not show. Returns whether the target was seen. */
async function prove(
  session: UcwaSession,
  desired: DesiredRing,
  progress: Progress,
  { clock, signal }: ApplyDeps,
): Promise<boolean> {
  const first = await readBack(session, desired, progress);
  if (first !== 'not-shown') return first === 'shown';
  await clock.sleep(secondReadDelayMs, signal);
  const second = await readBack(session, desired, progress);
  if (second !== 'not-shown') return second === 'shown';
  throw new NotEffectiveError(
    desired.ring === 'off'
      ? 'UCWA accepted the change, but reading back shows that simultaneous ring is still on.'
      : 'UCWA accepted the change, but reading back shows another setting.',
  );
}

async function readBack(
  session: UcwaSession,
  desired: DesiredRing,
  progress: Progress,
): Promise<'shown' | 'unknown' | 'not-shown'> {
  const settings = await session.callForwarding.readSettings('read-back');
  if (!(await isUnansweredShown(session, settings, progress))) return 'not-shown';
  if (desired.ring === 'off') return settings.active === 'ring' ? 'not-shown' : 'shown';
  const ring = await session.callForwarding.readTarget(settings, rel.simultaneousRingSettings, 'read-back');
  const isContact = desired.ring === 'contact' && isContactRung(settings, ring);
  const contact = isContact ? await readContact(session, ring) : undefined;
  const match = compareRing({ settings, ring, contact }, desired);
  if (match === 'other') return 'not-shown';
  return match === 'unknown' ? 'unknown' : 'shown';
}

async function isUnansweredShown(
  session: UcwaSession,
  settings: ForwardingSettings,
  { unanswered }: Progress,
): Promise<boolean> {
  if (unanswered?.target === undefined) return true;
  const shown = await session.callForwarding.readTargetIfAny(
    settings,
    rel.unansweredCallSettings,
    'read-back',
  );
  return shown === undefined || shown.target === 'contact';
}
