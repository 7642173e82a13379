import type { CallForwardingState } from '../ucwa-simulator/simulator.ts';
import type { BatchOutcome, ToldSettings } from './batch.ts';

/** A user's settings, as far as they have an effect. */
export interface HeldSettings {
  readonly ring: 'off' | 'contact' | 'delegates' | 'team';
  readonly target?: string;
  /** Only where a group rings. */
  readonly ringDelaySeconds?: number;
  /** Where every call goes at once; absent where there is no such forward. */
  readonly forwardsTo?: string;
  /** Where unanswered calls go: `none`, `voicemail` or a target of the user's own. */
  readonly unansweredTo: string;
  /** Only with a target of the user's own. */
  readonly unansweredDelaySeconds?: number;
  readonly workHoursOnly: boolean;
}

/** Turning off leaves unanswered calls there. */
const afterReset = { unansweredTo: 'voicemail' } as const;

/** Returns the settings that a state of the server amounts to. */
export function heldBy(state: CallForwardingState): HeldSettings {
  const { activeSetting, activePeriod, immediateForward, unanswered } = state;
  return {
    ...ringOf(state),
    ...(activeSetting === 'ImmediateForward' ? { forwardsTo: shownTarget(immediateForward) } : {}),
    unansweredTo: shownTarget(unanswered),
    ...(unanswered.target === 'Contact' ? { unansweredDelaySeconds: unanswered.ringDelay } : {}),
    workHoursOnly: activePeriod === 'Workhours',
  };
}

function ringOf({ activeSetting, simultaneousRing }: CallForwardingState) {
  const { target, contact, ringDelay } = simultaneousRing;
  if (activeSetting !== 'SimultaneousRing' || target === 'None') return { ring: 'off' } as const;
  if (target === 'Contact') return { ring: 'contact', target: contact ?? '' } as const;
  const ring = target === 'Delegates' ? 'delegates' : 'team';
  return { ring, ringDelaySeconds: ringDelay } as const;
}

function shownTarget({ target, contact }: { readonly target: string; readonly contact?: string }): string {
  return target === 'Contact' ? (contact ?? '') : target.toLowerCase();
}

/** Returns the settings as `previous` and GET tell them. */
export function asTold(held: HeldSettings): ToldSettings {
  const { ring, target, ringDelaySeconds, forwardsTo, unansweredTo, unansweredDelaySeconds } = held;
  return {
    ring,
    ...(target === undefined ? {} : { target }),
    ...(ringDelaySeconds === undefined ? {} : { ringDelaySeconds }),
    ...(forwardsTo === undefined ? {} : { forwarding: { target: forwardsTo } }),
    ...(unansweredDelaySeconds === undefined
      ? {}
      : { unanswered: { target: unansweredTo, ringDelaySeconds: unansweredDelaySeconds } }),
    ...(held.workHoursOnly ? { activePeriod: 'workhours' } : {}),
  };
}

/** What a request asks for, and what it was warned of. */
type Asked = Pick<BatchOutcome, 'ring' | 'target' | 'ringDelaySeconds' | 'warnings'>;

/** Whether the settings are what a request asks for. */
export function isAsAsked(held: HeldSettings, { ring, target, ringDelaySeconds }: Asked): boolean {
  if (held.ring !== ring) return false;
  if (ring === 'contact') return held.target === target;
  return ringDelaySeconds === undefined || held.ringDelaySeconds === ringDelaySeconds;
}

/**
 * Returns the settings after a request was applied: the ring that it asks for, and nothing else changed. A target of the
 * user's own for unanswered calls is lost only where turning off was warned of.
 */
export function afterApplying(held: HeldSettings, asked: Asked): HeldSettings {
  const { unansweredTo, unansweredDelaySeconds, workHoursOnly } = held;
  const hasOwnTarget = unansweredDelaySeconds !== undefined;
  const unanswered = { unansweredTo, ...(hasOwnTarget ? { unansweredDelaySeconds } : {}) };
  if (asked.ring === 'off') {
    const isKept = hasOwnTarget && (asked.warnings ?? []).length === 0;
    return { ring: 'off', ...(isKept ? unanswered : afterReset), workHoursOnly };
  }
  return { ...ringAsked(held, asked), ...unanswered, workHoursOnly };
}

function ringAsked(
  held: HeldSettings,
  { ring, target = '', ringDelaySeconds }: Asked,
): Pick<HeldSettings, 'ring' | 'target' | 'ringDelaySeconds'> {
  if (ring !== 'delegates' && ring !== 'team') return { ring: 'contact', target };
  const present = held.ring === ring ? held.ringDelaySeconds : undefined;
  return { ring, ringDelaySeconds: ringDelaySeconds ?? present ?? 0 };
}

/** Returns the settings that a request may leave whose end is not known: it was applied, or broke off after its first write. */
export function whereItMayEnd(held: HeldSettings, asked: Asked): readonly HeldSettings[] {
  const applied = afterApplying(held, asked);
  if (asked.ring !== 'off' || held.ring === 'off') return [held, applied];
  return [held, applied, { ring: 'off', ...afterReset, workHoursOnly: held.workHoursOnly }];
}
