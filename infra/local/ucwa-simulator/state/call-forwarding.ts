import type { CallForwardingState } from '../types.ts';

/** Default seconds until an unanswered call is forwarded. */
const defaultUnansweredDelay = 20;

const initialState: CallForwardingState = Object.freeze({
  activePeriod: 'Always',
  activeSetting: 'None',
  immediateForward: Object.freeze({ target: 'None' }),
  simultaneousRing: Object.freeze({ target: 'None', ringDelay: 0 }),
  unanswered: Object.freeze({ target: 'Voicemail', ringDelay: defaultUnansweredDelay }),
});

/** Returns the state of a user who never changed a setting, with the properties of `given` in place of defaults. It is shared: never mutate it. */
export function stateOf(given?: Partial<CallForwardingState>): CallForwardingState {
  return given === undefined ? initialState : { ...initialState, ...given };
}

/** Returns a copy that the caller may mutate. */
export function copyOf(state: CallForwardingState): CallForwardingState {
  return {
    ...state,
    immediateForward: { ...state.immediateForward },
    simultaneousRing: { ...state.simultaneousRing },
    unanswered: { ...state.unanswered },
  };
}

/** Rings a number or contact as well. Only one setting is active at a time, so an immediate forward ends. */
export function ringContact(state: CallForwardingState, contact: string): CallForwardingState {
  return {
    ...state,
    activeSetting: 'SimultaneousRing',
    immediateForward: { target: 'None' },
    simultaneousRing: { target: 'Contact', ringDelay: 0, contact },
  };
}

/** Rings the delegates or the team as well, `ringDelay` seconds later. */
export function ringGroup(
  state: CallForwardingState,
  target: 'Delegates' | 'Team',
  ringDelay = 0,
): CallForwardingState {
  return {
    ...state,
    activeSetting: 'SimultaneousRing',
    immediateForward: { target: 'None' },
    simultaneousRing: { target, ringDelay },
  };
}

/** Forwards every call at once, which ends a simultaneous ring. A shared target is that of unanswered calls too. */
export function forwardTo(
  state: CallForwardingState,
  immediateForward: CallForwardingState['immediateForward'],
  isShared: boolean,
): CallForwardingState {
  const { contact } = immediateForward;
  const { unanswered } = state;
  const isMoved = isShared && contact !== undefined && unanswered.target === 'Contact';
  return {
    ...state,
    activeSetting: 'ImmediateForward',
    immediateForward,
    simultaneousRing: { target: 'None', ringDelay: 0 },
    unanswered: isMoved ? { ...unanswered, contact } : unanswered,
  };
}

/** Sets the target of unanswered calls; without a delay the present one stays, or the default one comes back. */
export function sendUnansweredTo(
  state: CallForwardingState,
  target: 'Contact' | 'Voicemail',
  given: { ringDelay?: number | undefined; contact?: string | undefined },
  omitted: 'kept' | 'default',
): CallForwardingState {
  const kept = omitted === 'kept' ? state.unanswered.ringDelay : defaultUnansweredDelay;
  const ringDelay = given.ringDelay ?? kept;
  const contact = given.contact === undefined ? {} : { contact: given.contact };
  return { ...state, unanswered: { target, ringDelay, ...contact } };
}

/** Sends unanswered calls to voicemail after the default delay. */
export function resetUnanswered(state: CallForwardingState): CallForwardingState {
  return { ...state, unanswered: initialState.unanswered };
}

/** Turns forwarding and simultaneous ring off, which also resets the target of unanswered calls, as real servers do. */
export function turnOff(state: CallForwardingState, rememberTarget: boolean): CallForwardingState {
  const off: CallForwardingState = { ...resetUnanswered(state), activeSetting: 'None' };
  if (rememberTarget) return off;
  return {
    ...off,
    immediateForward: initialState.immediateForward,
    simultaneousRing: initialState.simultaneousRing,
  };
}
