import { type Answer, jsonAnswer } from '../exchange/answer.ts';
import { bodyProperty, type InApplication } from '../exchange/exchange.ts';
import { refusals } from '../representations/errors.ts';
import { passThroughName, passThroughValue, type Representation } from '../representations/representation.ts';
import {
  etagOf,
  immediateForwardRepresentation,
  settingsRepresentation,
  simultaneousRingRepresentation,
  unansweredCallRepresentation,
} from '../representations/settings.ts';
import { readState, writeState } from '../state/users.ts';
import type { CallForwardingState } from '../types.ts';
import { refuse, refuseBody, refuseParameter } from './refusals.ts';

type Represent = (exchange: InApplication, state: CallForwardingState) => Representation;
type Change = (exchange: InApplication) => CallForwardingState | { readonly invalid: string };

export const readSettings = reading(settingsRepresentation);
export const readImmediateForward = reading(immediateForwardRepresentation);
export const readSimultaneousRing = reading(simultaneousRingRepresentation);
export const readUnansweredCalls = reading(unansweredCallRepresentation);
export const putSettings = putting(changeSettings);
export const putSimultaneousRing = putting(changeSimultaneousRing);
export const putUnansweredCalls = putting(changeUnansweredCalls);

function reading(represent: Represent): (exchange: InApplication) => Answer {
  return (exchange) => {
    const { user, resource, simulation } = exchange;
    const { variants } = simulation.configuration;
    const state = readState(user, resource, variants.readBackDelayReads);
    const headers = variants.etag === 'header' ? { ETag: `"${etagOf(user)}"` } : {};
    return jsonAnswer(200, represent(exchange, state), variants, headers);
  };
}

/** Makes the handler of a PUT, which must send the etag and every property, unknown ones included. */
function putting(change: Change): (exchange: InApplication) => Answer {
  return (exchange) => {
    const { user, simulation, input } = exchange;
    const { variants } = simulation.configuration;
    const badBody = refuseBody(exchange);
    if (badBody) return badBody;
    const ifMatch = exchange.headers['if-match'];
    if (ifMatch === undefined || !isQuoted(ifMatch)) return refuse(exchange, refusals.preconditionRequired);
    if (ifMatch !== '*' && ifMatch !== `"${etagOf(user)}"`) {
      return refuse(exchange, refusals.preconditionFailed);
    }
    if (variants.unknownProperties && bodyProperty(input, passThroughName) !== passThroughValue) {
      return refuseParameter(exchange, passThroughName, 'missing');
    }
    const changed = change(exchange);
    if ('invalid' in changed)
      return refuseParameter(exchange, changed.invalid, 'not a value of this property');
    writeState(user, changed, variants.readBackDelayReads);
    return { status: 200 };
  };
}

/** Real servers ask for a condition where the etag has no quotes. */
function isQuoted(ifMatch: string): boolean {
  return ifMatch === '*' || /^".*"$/.test(ifMatch);
}

function changeSettings({ input, user }: InApplication): ReturnType<Change> {
  const activePeriod = bodyProperty(input, 'activePeriod') ?? user.state.activePeriod;
  const activeSetting = bodyProperty(input, 'activeSetting') ?? user.state.activeSetting;
  if (activePeriod !== 'Always' && activePeriod !== 'Workhours') return { invalid: 'activePeriod' };
  const isKnown =
    activeSetting === 'None' || activeSetting === 'ImmediateForward' || activeSetting === 'SimultaneousRing';
  return isKnown ? { ...user.state, activePeriod, activeSetting } : { invalid: 'activeSetting' };
}

function changeSimultaneousRing({ input, user }: InApplication): ReturnType<Change> {
  const before = user.state.simultaneousRing;
  const target = bodyProperty(input, 'target') ?? before.target;
  const ringDelay = bodyProperty(input, 'ringDelay') ?? before.ringDelay;
  if (typeof ringDelay !== 'number' || !(ringDelay >= 0 && ringDelay <= 55)) return { invalid: 'ringDelay' };
  if (target === 'None') {
    const activeSetting = user.state.activeSetting === 'SimultaneousRing' ? 'None' : user.state.activeSetting;
    return { ...user.state, activeSetting, simultaneousRing: { target, ringDelay } };
  }
  const isPossible =
    target === 'Delegates' || target === 'Team' || (target === 'Contact' && before.contact !== undefined);
  if (!isPossible) return { invalid: 'target' };
  const contact = target === 'Contact' && before.contact !== undefined ? { contact: before.contact } : {};
  return {
    ...user.state,
    activeSetting: 'SimultaneousRing',
    simultaneousRing: { target, ringDelay, ...contact },
  };
}

/** A PUT names nobody: only a POST carries an address. */
function changeUnansweredCalls({ input, user }: InApplication): ReturnType<Change> {
  const before = user.state.unanswered;
  const target = bodyProperty(input, 'target') ?? before.target;
  const ringDelay = bodyProperty(input, 'ringDelay') ?? before.ringDelay;
  if (typeof ringDelay !== 'number' || !(ringDelay >= 5 && ringDelay <= 60)) return { invalid: 'ringDelay' };
  if (target === 'Contact' && before.contact !== undefined) {
    return { ...user.state, unanswered: { target, ringDelay, contact: before.contact } };
  }
  if (target !== 'None' && target !== 'Voicemail') return { invalid: 'target' };
  return { ...user.state, unanswered: { target, ringDelay } };
}
