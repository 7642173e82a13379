import type { Clock } from '../../runtime/clock.ts';
import type { ForwardingSettings, TargetSetting } from '../../ucwa/forwarding-settings.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import { shownHost } from '../../ucwa/shown-host.ts';
import { rel } from '../../ucwa/vocabulary.ts';
import { NotEffectiveError } from '../attempt/not-effective.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import { compareRing, isProof, periodOf } from './compare-ring.ts';
import type { Progress } from './progress.ts';
import { isContactRung, readContact } from './read-ring-state.ts';

/** How long the server is given to show a setting before it is read once more. */
const secondReadDelayMs = 1_000;

/**
 * Reads back, and once more after a second where something does not show; a period that the ring's own write reset is set
 * once more in between. Returns whether the setting and its target were seen.
 */
export async function prove(
  session: UcwaSession,
  desired: DesiredRing,
  progress: Progress,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<boolean> {
  const first = await readBack(session, desired, progress);
  if (first.ring !== 'not-shown' && first.period !== 'not-shown' && first.isUnansweredShown) {
    return isSeen(first);
  }
  const period = periodOf(desired);
  if (first.period === 'not-shown' && period !== undefined) {
    await session.callForwarding.setPeriod(first.settings, period);
  }
  await clock.sleep(secondReadDelayMs, signal);
  const second = await readBack(session, desired, progress);
  if (second.ring === 'not-shown') throw new NotEffectiveError(describeNotShown(second, second.shown));
  if (second.period === 'not-shown') {
    throw new NotEffectiveError(describeNotShown(second, 'another active period'));
  }
  if (!second.isUnansweredShown)
    progress.unanswered.giveUp('UCWA accepted it, but reading back does not show it');
  return isSeen(second);
}

function isSeen({ ring, period }: ReadBack): boolean {
  return ring === 'shown' && period === 'shown';
}

function describeNotShown({ host }: ReadBack, shown: string): string {
  return `${shownHost(host)} accepted the change, but reading back shows ${shown}.`;
}

/** What reading back says of one part of the settings. */
type Seen = 'shown' | 'unknown' | 'not-shown';

interface ReadBack {
  readonly settings: ForwardingSettings;
  readonly ring: Seen;
  readonly period: Seen;
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
  const period = periodReadBack(settings, desired);
  return { settings, ring, period, isUnansweredShown, host: settings.resource.host, shown };
}

function periodReadBack({ period }: ForwardingSettings, desired: DesiredRing): Seen {
  const wanted = periodOf(desired);
  if (wanted === undefined || period === wanted) return 'shown';
  return period === undefined ? 'unknown' : 'not-shown';
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
  progress.shownAs = match === 'same' ? undefined : contact?.uri;
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
