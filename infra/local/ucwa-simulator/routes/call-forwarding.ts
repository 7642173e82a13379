import { type Answer, noContent } from '../exchange/answer.ts';
import type { InApplication } from '../exchange/exchange.ts';
import { refusals } from '../representations/errors.ts';
import * as forwarding from '../state/call-forwarding.ts';
import { writeState } from '../state/users.ts';
import type { CallForwardingState, StatusAnswer, Variants } from '../types.ts';
import { readContactTarget, readRingDelay } from './parameters.ts';
import { refuse, refuseBody } from './refusals.ts';

type Outcome = CallForwardingState | { readonly refused: StatusAnswer };
type Change = (exchange: InApplication) => Outcome;

export const simultaneousRingToContact = changing((exchange) => {
  if (exchange.user.profile.simultaneousRing === false) return { refused: refusals.forbidden };
  const target = readContactTarget(exchange);
  return 'refused' in target ? target : forwarding.ringContact(exchange.user.state, target.uri);
});

export const simultaneousRingToDelegates = changing((exchange) => ringGroup(exchange, 'Delegates'));
export const simultaneousRingToTeam = changing((exchange) => ringGroup(exchange, 'Team'));

export const turnOffCallForwarding = changing(({ user, simulation }) =>
  forwarding.turnOff(user.state, simulation.configuration.variants.rememberTarget),
);

export const immediateForwardToContact = changing((exchange) => {
  const target = readContactTarget(exchange);
  if ('refused' in target) return target;
  return forwardTo(exchange, { target: 'Contact', contact: target.uri });
});

export const immediateForwardToDelegates = changing((exchange) => {
  if (exchange.user.profile.delegates === false) return { refused: refuseDelegates(exchange) };
  return forwardTo(exchange, { target: 'Delegates' });
});

export const immediateForwardToVoicemail = changing((exchange) =>
  forwardTo(exchange, { target: 'Voicemail' }),
);

export const unansweredCallToContact = changing((exchange) => {
  if (forwardsAllCalls(exchange)) return { refused: refusals.forbidden };
  const target = readContactTarget(exchange);
  if ('refused' in target) return target;
  const delay = readRingDelay(exchange, 5, 60);
  if ('refused' in delay) return delay;
  const { ringDelay } = delay;
  const given = { ringDelay, contact: target.uri };
  return forwarding.sendUnansweredTo(
    exchange.user.state,
    'Contact',
    given,
    variantsOf(exchange).omittedDelay,
  );
});

export const unansweredCallToVoicemail = changing((exchange) => {
  if (forwardsAllCalls(exchange)) return { refused: refusals.forbidden };
  const delay = readRingDelay(exchange, 5, 60);
  if ('refused' in delay) return delay;
  const { omittedDelay } = variantsOf(exchange);
  return forwarding.sendUnansweredTo(exchange.user.state, 'Voicemail', delay, omittedDelay);
});

export const resetUnansweredCallSettings = changing(({ user }) => forwarding.resetUnanswered(user.state));

/** Makes the handler of a POST: it changes the settings and returns 204, or refuses and changes nothing. */
function changing(change: Change): (exchange: InApplication) => Answer {
  return (exchange) => {
    const badBody = refuseBody(exchange);
    if (badBody) return badBody;
    const outcome = change(exchange);
    if ('refused' in outcome) return refuse(exchange, outcome.refused);
    const { readBackDelayReads, periodAfterPost } = variantsOf(exchange);
    const state = periodAfterPost === 'reset' ? { ...outcome, activePeriod: 'Always' as const } : outcome;
    writeState(exchange.user, state, readBackDelayReads);
    return noContent;
  };
}

function ringGroup(exchange: InApplication, group: 'Delegates' | 'Team'): Outcome {
  const { profile, state } = exchange.user;
  if (profile.simultaneousRing === false) return { refused: refusals.forbidden };
  if (group === 'Delegates' && profile.delegates === false) return { refused: refuseDelegates(exchange) };
  if (group === 'Team' && profile.team === false) return { refused: refusals.noTeam };
  const delay = readRingDelay(exchange, 0, 55);
  return 'refused' in delay ? delay : forwarding.ringGroup(state, group, delay.ringDelay);
}

function forwardsAllCalls(exchange: InApplication): boolean {
  return exchange.user.state.activeSetting === 'ImmediateForward';
}

function forwardTo(
  exchange: InApplication,
  immediateForward: CallForwardingState['immediateForward'],
): CallForwardingState {
  const isShared = variantsOf(exchange).forwardingTarget === 'shared';
  return forwarding.forwardTo(exchange.user.state, immediateForward, isShared);
}

function refuseDelegates(exchange: InApplication): StatusAnswer {
  return variantsOf(exchange).noDelegates === 'conflict' ? refusals.noDelegates : refusals.forbidden;
}

function variantsOf({ simulation }: InApplication): Variants {
  return simulation.configuration.variants;
}
