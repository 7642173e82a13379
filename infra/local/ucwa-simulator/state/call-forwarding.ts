import type { CallForwardingState } from '../types.ts';

/** Seconds until an unanswered call goes on, where nobody chose otherwise. */
const defaultUnansweredDelay = 20;

const initialState: CallForwardingState = Object.freeze({
  activePeriod: 'Always',
  activeSetting: 'None',
  immediateForward: Object.freeze({ target: 'None' }),
  simultaneousRing: Object.freeze({ target: 'None', ringDelay: 0 }),
  unanswered: Object.freeze({ target: 'Voicemail', ringDelay: defaultUnansweredDelay }),
});

/** The state of a person who never set anything, with `parts` in place of the defaults; never changed in place. */
export function stateOf(parts?: Partial<CallForwardingState>): CallForwardingState {
  return parts === undefined ? initialState : { ...initialState, ...parts };
}

/** A copy that its owner may change. */
export function copyOf(state: CallForwardingState): CallForwardingState {
  return {
    ...state,
    immediateForward: { ...state.immediateForward },
    simultaneousRing: { ...state.simultaneousRing },
    unanswered: { ...state.unanswered },
  };
}

/** Rings a number or contact too; one setting is active at a time, so an immediate forward ends. */
export function ringContact(state: CallForwardingState, contact: string): CallForwardingState {
  return {
    ...state,
    activeSetting: 'SimultaneousRing',
    immediateForward: { target: 'None' },
    simultaneousRing: { target: 'Contact', ringDelay: 0, contact },
  };
}

/** Rings the delegates or the team too, `ringDelay` seconds later. */
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

/** Forwards every call at once; ends ringing simultaneously. */
export function forwardTo(
  state: CallForwardingState,
  immediateForward: CallForwardingState['immediateForward'],
): CallForwardingState {
  return {
    ...state,
    activeSetting: 'ImmediateForward',
    immediateForward,
    simultaneousRing: { target: 'None', ringDelay: 0 },
  };
}

/** Says where calls go that nobody answers; a delay not given stays as it was. */
export function sendUnansweredTo(
  state: CallForwardingState,
  target: 'Contact' | 'Voicemail',
  given: { ringDelay?: number | undefined; contact?: string | undefined },
): CallForwardingState {
  const ringDelay = given.ringDelay ?? state.unanswered.ringDelay;
  const contact = given.contact === undefined ? {} : { contact: given.contact };
  return { ...state, unanswered: { target, ringDelay, ...contact } };
}

/** Unanswered calls go to voicemail again, after the default delay. */
export function resetUnanswered(state: CallForwardingState): CallForwardingState {
  return { ...state, unanswered: initialState.unanswered };
}

/** Calls ring the work number only, and a person's own target for unanswered calls is lost. */
export function turnOff(state: CallForwardingState, rememberTarget: boolean): CallForwardingState {
  const off: CallForwardingState = { ...resetUnanswered(state), activeSetting: 'None' };
  if (rememberTarget) return off;
  return {
    ...off,
    immediateForward: initialState.immediateForward,
    simultaneousRing: initialState.simultaneousRing,
  };
}
