import type { Clock } from '../../runtime/clock.ts';
import { compareContact, type Likeness } from '../../ucwa/contact.ts';
import type { ForwardingSettings } from '../../ucwa/forwarding-settings.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import { rel } from '../../ucwa/vocabulary.ts';
import { NotEffectiveError } from '../attempt/not-effective.ts';
import type { Setting, Wish } from '../model/desired-ring.ts';
import { type FoundSetting, findSetting, isContactRung, readContact } from './read-ring-state.ts';

/** What the tries of one attempt have in common: each begins by reading, so that none repeats what was done. */
export interface Progress {
  /** What was found before anything was written; undefined where an earlier attempt may have written. */
  previous: Setting | undefined;
  /** A write was sent, by an earlier attempt or in this one, whatever became of it. */
  mayHaveWritten: boolean;
  /** A person's own target for unanswered calls, which turning off takes away and which is then to be set again. */
  unanswered: Setting['unanswered'];
}

/** What applying a wish takes from outside. */
export interface ApplyParts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Records what is about to be taken away and must be set again. Throws where nothing may be written any more. */
  readonly recordTakenAway: (unanswered: NonNullable<Setting['unanswered']>) => Promise<void>;
}

export interface Applied {
  readonly outcome: 'applied' | 'unchanged';
  readonly verified: boolean;
}

/** How long a setting that does not show at once is given before it is read once more. */
const secondLookMs = 1_000;

/**
 * Makes a wish so and proves it. May be called again after any failure: it reads first, and what is as wished is not
 * written again. Throws {@link NotEffectiveError} where the server said yes and reading back says no.
 */
export async function applyWish(
  session: UcwaSession,
  wish: Wish,
  progress: Progress,
  parts: ApplyParts,
): Promise<Applied> {
  const found = await findSetting(session);
  progress.mayHaveWritten ||= session.write !== 'none';
  if (!progress.mayHaveWritten) progress.previous = found.setting;
  if (wish.ring === 'off') progress.unanswered ??= found.setting.unanswered;
  if (isAllAsWished(found, wish, progress)) {
    return { outcome: progress.mayHaveWritten ? 'applied' : 'unchanged', verified: true };
  }
  try {
    await write(session, found, wish, progress, parts);
  } finally {
    progress.mayHaveWritten ||= session.write !== 'none';
  }
  return { outcome: 'applied', verified: await prove(session, wish, progress, parts) };
}

/** Tells whether a wish would change anything, and that the server offers to. Writes nothing. */
export async function rehearseWish(
  session: UcwaSession,
  wish: Wish,
): Promise<{ would: 'apply' | 'nothing'; previous: Setting }> {
  const found = await findSetting(session);
  const progress = { previous: undefined, mayHaveWritten: false, unanswered: undefined };
  if (isAllAsWished(found, wish, progress)) return { would: 'nothing', previous: found.setting };
  session.requireWritable(found.settings, found.ring, wish.ring);
  return { would: 'apply', previous: found.setting };
}

async function write(
  session: UcwaSession,
  found: FoundSetting,
  wish: Wish,
  progress: Progress,
  parts: ApplyParts,
): Promise<void> {
  const { unanswered } = progress;
  const turnsOff = wish.ring === 'off' && found.settings.active === 'ring';
  const mustSetUnanswered = turnsOff || isUnansweredLost(found, progress);
  if (turnsOff && unanswered?.target !== undefined) await parts.recordTakenAway(unanswered);
  if (!isRingAsWished(found, wish, progress)) await writeRing(session, found, wish);
  if (mustSetUnanswered && unanswered?.target !== undefined && found.unanswered !== undefined) {
    await session.sendUnansweredTo(found.unanswered, unanswered.target, unanswered.ringDelaySeconds);
  }
}

async function writeRing(session: UcwaSession, { settings, ring }: FoundSetting, wish: Wish): Promise<void> {
  if (wish.ring === 'off') await session.turnOff(settings);
  else if (wish.ring === 'contact') await session.ringContact(ring, wish.target);
  else await session.ringGroup(ring, wish.ring, wish.ringDelaySeconds);
}

function isAllAsWished(found: FoundSetting, wish: Wish, progress: Progress): boolean {
  return isRingAsWished(found, wish, progress) && !isUnansweredLost(found, progress);
}

/**
 * `unchanged` asks for more than proof does: the contact's own address must be the target. Once a write was sent, a
 * number among those of a person is proof enough that it took effect.
 */
function isRingAsWished(found: FoundSetting, wish: Wish, { mayHaveWritten }: Progress): boolean {
  if (wish.ring === 'off') return found.settings.active !== 'ring';
  const likeness = compareRing(found, wish);
  return likeness === 'same' || (mayHaveWritten && likeness === 'among-numbers');
}

/** How what rings stands to what is wished to ring. */
function compareRing(
  { settings, ring, contact }: Pick<FoundSetting, 'settings' | 'ring' | 'contact'>,
  wish: Exclude<Wish, { ring: 'off' }>,
): Likeness {
  if (settings.active !== 'ring' || ring.target !== wish.ring) return 'other';
  if (wish.ring === 'contact') return contact === undefined ? 'untold' : compareContact(contact, wish.target);
  const { ringDelaySeconds } = wish;
  return ringDelaySeconds === undefined || ring.ringDelaySeconds === ringDelaySeconds ? 'same' : 'other';
}

/** A server that does not tell of unanswered calls cannot be asked to lead them anywhere. */
function isUnansweredLost(found: FoundSetting, { unanswered }: Progress): boolean {
  if (unanswered?.target === undefined || found.unanswered === undefined) return false;
  return found.unanswered.target !== 'contact';
}

/** Reads back, once more after a second where it does not show. Answers whether the target itself was seen. */
async function prove(
  session: UcwaSession,
  wish: Wish,
  progress: Progress,
  { clock, signal }: ApplyParts,
): Promise<boolean> {
  const first = await lookBack(session, wish, progress);
  if (first !== 'not-shown') return first === 'shown';
  await clock.sleep(secondLookMs, signal);
  const second = await lookBack(session, wish, progress);
  if (second !== 'not-shown') return second === 'shown';
  throw new NotEffectiveError(
    wish.ring === 'off'
      ? 'UCWA accepted the change, but reading back shows that simultaneous ring is still on.'
      : 'UCWA accepted the change, but reading back shows another setting.',
  );
}

async function lookBack(
  session: UcwaSession,
  wish: Wish,
  progress: Progress,
): Promise<'shown' | 'untold' | 'not-shown'> {
  const settings = await session.readSettings('read-back');
  if (!(await isUnansweredShown(session, settings, progress))) return 'not-shown';
  if (wish.ring === 'off') return settings.active === 'ring' ? 'not-shown' : 'shown';
  const ring = await session.readTarget(settings, rel.simultaneousRingSettings, 'read-back');
  const isContact = wish.ring === 'contact' && isContactRung(settings, ring);
  const contact = isContact ? await readContact(session, ring) : undefined;
  const likeness = compareRing({ settings, ring, contact }, wish);
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
