import { canonicalTarget } from '../../ucwa/contact.ts';
import type { Period } from '../../ucwa/forwarding-settings.ts';
import { isGroupRing } from '../../ucwa/vocabulary.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import type { FoundState } from '../model/ring-state.ts';
import type { RingReading } from './read-ring-state.ts';

/** A part of the settings that an undo puts back. */
export type SettingPart = 'active period' | 'target for unanswered calls' | 'ring or forward';

/** One write of an undo. */
export type RestoreStep =
  | { readonly kind: 'set-period'; readonly period: Period }
  /** An immediate forward is on, which refuses targets for unanswered calls. */
  | { readonly kind: 'turn-off' }
  | { readonly kind: 'send-unanswered'; readonly to: UnansweredBefore }
  | { readonly kind: 'set-main' };

/** Where unanswered calls went before. */
export type UnansweredBefore =
  | { readonly to: 'contact'; readonly text: string; readonly ringDelaySeconds?: number | undefined }
  | { readonly to: 'voicemail' | 'none'; readonly ringDelaySeconds?: number | undefined };

/** Returns the part that a step puts back. */
export function partOf({ kind }: RestoreStep): SettingPart {
  if (kind === 'set-period') return 'active period';
  return kind === 'send-unanswered' ? 'target for unanswered calls' : 'ring or forward';
}

/**
 * Returns the writes that lead from the state found to the one before, in the order that UCWA needs: the period first, since
 * its PUT writes the active setting too; then unanswered calls, which no POST can direct while an immediate forward is on; and
 * the ring or the forward last, which may share its target with them. Parts in `given` are left as they are.
 */
export function planRestore(
  found: RingReading,
  before: FoundState,
  given: ReadonlySet<SettingPart>,
): readonly RestoreStep[] {
  const period = before.activePeriod ?? 'always';
  const isPeriodRestored = found.settings.period === undefined || found.settings.period === period;
  const unanswered = unansweredIn(before);
  const isUnansweredRestored =
    given.has('target for unanswered calls') || unanswered === undefined || isShown(unanswered, found);
  const isMainRestored = isMainShown(found, before);
  const mustLeaveForward = !isUnansweredRestored && found.settings.active === 'forward';
  const mustTurnOff = mustLeaveForward || (!isMainRestored && isNothingOn(before));
  return [
    ...(isPeriodRestored || given.has('active period') ? [] : [{ kind: 'set-period', period } as const]),
    ...(mustTurnOff ? [{ kind: 'turn-off' } as const] : []),
    ...(isUnansweredRestored ? [] : [{ kind: 'send-unanswered', to: unanswered } as const]),
    ...((isMainRestored && !mustTurnOff) || isNothingOn(before) ? [] : [{ kind: 'set-main' } as const]),
  ];
}

/** True where neither a ring nor a forward was on. */
function isNothingOn({ ring, forwarding }: FoundState): boolean {
  return ring === 'off' && forwarding === undefined;
}

/** True where a ring or forward was on and nothing tells to whom, so that it cannot be set again. */
export function isTargetUnknown({ ring, target, forwarding }: FoundState): boolean {
  if (forwarding !== undefined) return forwarding.target === undefined;
  return ring === 'contact' && target === undefined;
}

/** Returns the request that would ask for the ring of a state; undefined where its target is none that can be asked for. */
export function desiredAs({
  ring,
  target,
  ringDelaySeconds,
  activePeriod,
}: FoundState): DesiredRing | undefined {
  if (ring === 'off') return { ring };
  const period = activePeriod === undefined ? {} : { activePeriod };
  if (isGroupRing(ring)) {
    return { ring, ...(ringDelaySeconds === undefined ? {} : { ringDelaySeconds }), ...period };
  }
  const known = target === undefined ? undefined : canonicalTarget(target);
  return known === undefined ? undefined : { ring, target: known, ...period };
}

/** True where the ring or forward that was on before is on, with its target and delay. */
export function isMainShown({ settings, state }: RingReading, before: FoundState): boolean {
  if (before.forwarding !== undefined) {
    return settings.active === 'forward' && state.forwarding?.target === before.forwarding.target;
  }
  if (before.ring === 'off') return settings.active === 'none';
  if (settings.active !== 'ring' || state.ring !== before.ring) return false;
  if (!isGroupRing(before.ring)) return state.target === before.target;
  return isSameDelay(before.ringDelaySeconds, state.ringDelaySeconds);
}

/** Returns where unanswered calls went; undefined where the server did not say. */
export function unansweredIn({
  unanswered,
  unansweredDefault,
  asWritten,
}: FoundState): UnansweredBefore | undefined {
  if (unanswered === undefined) return unansweredDefault;
  const text = asWritten?.unanswered ?? unanswered.target;
  if (text === undefined) return undefined;
  return { to: 'contact', text, ringDelaySeconds: unanswered.ringDelaySeconds };
}

/** True where unanswered calls go to the same place in both states, after the same delay. */
export function isSameUnanswered(a: FoundState, b: FoundState): boolean {
  const before = unansweredIn(a);
  return before === undefined || isSame(before, unansweredIn(b));
}

/** Returns a state in which unanswered calls go where they go in another one. */
export function withUnansweredOf(state: FoundState, other: FoundState): FoundState {
  const { unanswered: _target, unansweredDefault: _default, asWritten, ...others } = state;
  const { unanswered: _text, ...texts } = asWritten ?? {};
  const text = other.asWritten?.unanswered;
  const written = { ...texts, ...(text === undefined ? {} : { unanswered: text }) };
  return {
    ...others,
    ...(other.unanswered === undefined ? {} : { unanswered: other.unanswered }),
    ...(other.unansweredDefault === undefined ? {} : { unansweredDefault: other.unansweredDefault }),
    ...(Object.keys(written).length === 0 ? {} : { asWritten: written }),
  };
}

function isShown(before: UnansweredBefore, { state }: RingReading): boolean {
  return isSame(before, unansweredIn(state));
}

function isSame(before: UnansweredBefore, now: UnansweredBefore | undefined): boolean {
  if (now === undefined || now.to !== before.to) return false;
  if (now.to === 'contact' && before.to === 'contact' && now.text !== before.text) return false;
  return before.to === 'none' || isSameDelay(before.ringDelaySeconds, now.ringDelaySeconds);
}

function isSameDelay(before: number | undefined, now: number | undefined): boolean {
  return before === undefined || now === undefined || before === now;
}

/**
 * True where the target for unanswered calls differs from the one before because the user has chosen since: a ring leaves it
 * as it is, unless it ended an immediate forward, with which it may share its target.
 */
export function isChosenSince(found: RingReading, before: FoundState, { ring }: DesiredRing): boolean {
  const wanted = unansweredIn(before);
  if (wanted === undefined || isShown(wanted, found)) return false;
  const isOwnTarget = found.state.unanswered !== undefined;
  return isOwnTarget || (ring !== 'off' && before.forwarding === undefined);
}
