import type { Clock } from '../../runtime/clock.ts';
import { compareContact, type Likeness } from '../../ucwa/contact.ts';
import type { ForwardingSettings } from '../../ucwa/forwarding-settings.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import { rel } from '../../ucwa/vocabulary.ts';
import { NotEffectiveError } from '../attempt/not-effective.ts';
import type { DesiredRing, RingState } from '../model/desired-ring.ts';
import { isContactRung, type RingReading, readContact, readRingState } from './read-ring-state.ts';

/** What the tries of one attempt have in common: each begins by reading, so that none repeats what was done. */
export interface Progress {
  /** What was found before anything was written; undefined where an earlier attempt may have written. */
  previous: RingState | undefined;
  /** A write was sent, by an earlier attempt or in this one, whatever became of it. */
  mayHaveWritten: boolean;
  /** A person's own target for unanswered calls, which turning off takes away and which is then to be set again. */
  unanswered: RingState['unanswered'];
}

/** What applying a desired takes from outside. */
export interface ApplyParts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Records what is about to be taken away and must be set again. Throws where nothing may be written any more. */
  readonly recordUnansweredToRestore: (unanswered: NonNullable<RingState['unanswered']>) => Promise<void>;
}

export interface Applied {
  readonly outcome: 'applied' | 'unchanged';
  readonly verified: boolean;
}

/** How long a setting that does not show at once is given before it is read once more. */
const secondLookMs = 1_000;

/**
 * Makes a desired so and proves it. May be called again after any failure: it reads first, and what is as desired is not
 * written again. Throws {@link NotEffectiveError} where the server said yes and reading back says no.
 */
export async function applyRing(
  session: UcwaSession,
  desired: DesiredRing,
  progress: Progress,
  parts: ApplyParts,
): Promise<Applied> {
  const found = await readRingState(session);
  progress.mayHaveWritten ||= session.write !== 'none';
  if (!progress.mayHaveWritten) progress.previous = found.state;
  if (desired.ring === 'off') progress.unanswered ??= found.state.unanswered;
  if (isAllAsDesired(found, desired, progress)) {
    return { outcome: progress.mayHaveWritten ? 'applied' : 'unchanged', verified: true };
  }
  try {
    await write(session, found, desired, progress, parts);
  } finally {
    progress.mayHaveWritten ||= session.write !== 'none';
  }
  return { outcome: 'applied', verified: await prove(session, desired, progress, parts) };
}

/** Tells whether a desired would change anything, and that the server offers to. Writes nothing. */
export async function rehearseRing(
  session: UcwaSession,
  desired: DesiredRing,
): Promise<{ would: 'apply' | 'nothing'; previous: RingState }> {
  const found = await readRingState(session);
  const progress = { previous: undefined, mayHaveWritten: false, unanswered: undefined };
  if (isAllAsDesired(found, desired, progress)) return { would: 'nothing', previous: found.state };
  session.requireWritable(found.settings, found.ring, desired.ring);
  return { would: 'apply', previous: found.state };
}

async function write(
  session: UcwaSession,
  found: RingReading,
  desired: DesiredRing,
  progress: Progress,
  parts: ApplyParts,
): Promise<void> {
  const { unanswered } = progress;
  const turnsOff = desired.ring === 'off' && found.settings.active === 'ring';
  const mustSetUnanswered = turnsOff || isUnansweredLost(found, progress);
  if (turnsOff && unanswered?.target !== undefined) await parts.recordUnansweredToRestore(unanswered);
  if (!isRingAsDesired(found, desired, progress)) await writeRing(session, found, desired);
  if (mustSetUnanswered && unanswered?.target !== undefined && found.unanswered !== undefined) {
    await session.sendUnansweredTo(found.unanswered, unanswered.target, unanswered.ringDelaySeconds);
  }
}

async function writeRing(
  session: UcwaSession,
  { settings, ring }: RingReading,
  desired: DesiredRing,
): Promise<void> {
  if (desired.ring === 'off') await session.turnOff(settings);
  else if (desired.ring === 'contact') await session.ringContact(ring, desired.target);
  else await session.ringGroup(ring, desired.ring, desired.ringDelaySeconds);
}

function isAllAsDesired(found: RingReading, desired: DesiredRing, progress: Progress): boolean {
  return isRingAsDesired(found, desired, progress) && !isUnansweredLost(found, progress);
}

/**
 * `unchanged` asks for more than proof does: the contact's own address must be the target. Once a write was sent, a
 * number among those of a person is proof enough that it took effect.
 */
function isRingAsDesired(found: RingReading, desired: DesiredRing, { mayHaveWritten }: Progress): boolean {
  if (desired.ring === 'off') return found.settings.active !== 'ring';
  const likeness = compareRing(found, desired);
  return likeness === 'same' || (mayHaveWritten && likeness === 'among-numbers');
}

/** How what rings stands to what is desired to ring. */
function compareRing(
  { settings, ring, contact }: Pick<RingReading, 'settings' | 'ring' | 'contact'>,
  desired: Exclude<DesiredRing, { ring: 'off' }>,
): Likeness {
  if (settings.active !== 'ring' || ring.target !== desired.ring) return 'other';
  if (desired.ring === 'contact')
    return contact === undefined ? 'untold' : compareContact(contact, desired.target);
  const { ringDelaySeconds } = desired;
  return ringDelaySeconds === undefined || ring.ringDelaySeconds === ringDelaySeconds ? 'same' : 'other';
}

/** A server that does not tell of unanswered calls cannot be asked to lead them anywhere. */
function isUnansweredLost(found: RingReading, { unanswered }: Progress): boolean {
  if (unanswered?.target === undefined || found.unanswered === undefined) return false;
  return found.unanswered.target !== 'contact';
}

/** Reads back, once more after a second where it does not show. Answers whether the target itself was seen. */
async function prove(
  session: UcwaSession,
  desired: DesiredRing,
  progress: Progress,
  { clock, signal }: ApplyParts,
): Promise<boolean> {
  const first = await lookBack(session, desired, progress);
  if (first !== 'not-shown') return first === 'shown';
  await clock.sleep(secondLookMs, signal);
  const second = await lookBack(session, desired, progress);
  if (second !== 'not-shown') return second === 'shown';
  throw new NotEffectiveError(
    desired.ring === 'off'
      ? 'UCWA accepted the change, but reading back shows that simultaneous ring is still on.'
      : 'UCWA accepted the change, but reading back shows another setting.',
  );
}

async function lookBack(
  session: UcwaSession,
  desired: DesiredRing,
  progress: Progress,
): Promise<'shown' | 'untold' | 'not-shown'> {
  const settings = await session.readSettings('read-back');
  if (!(await isUnansweredShown(session, settings, progress))) return 'not-shown';
  if (desired.ring === 'off') return settings.active === 'ring' ? 'not-shown' : 'shown';
  const ring = await session.readTarget(settings, rel.simultaneousRingSettings, 'read-back');
  const isContact = desired.ring === 'contact' && isContactRung(settings, ring);
  const contact = isContact ? await readContact(session, ring) : undefined;
  const likeness = compareRing({ settings, ring, contact }, desired);
  if (likeness === 'other') return 'not-shown';
  return likeness === 'untold' ? 'untold' : 'shown';
}

async function isUnansweredShown(
  session: UcwaSession,
  settings: ForwardingSettings,
  { unanswered }: Progress,
): Promise<boolean> {
  if (unanswered?.target === undefined) return true;
  const shown = await session.readTargetIfAny(settings, rel.unansweredCallSettings, 'read-back');
  return shown === undefined || shown.target === 'contact';
}
