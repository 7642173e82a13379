import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, htmlAnswer } from '../exchange/answer.ts';
import { type Exchange, readInput, splitTarget } from '../exchange/exchange.ts';
import { unauthorized } from '../representations/challenge.ts';
import { errorAnswer, methodNotAllowed, refusals } from '../representations/errors.ts';
import {
  isInApplication,
  isSignedIn,
  refuse,
  refuseApplication,
  refuseRequest,
  refuseToken,
} from '../routes/refusals.ts';
import { locate, type Methods, type Place } from '../routes/table.ts';
import { readEntraTicket } from '../state/entra-ticket.ts';
import type { UserRecord } from '../state/records.ts';
import type { Origin, Simulation } from '../state/simulation.ts';
import type { Step } from '../steps.ts';
import { type Delivery, statusOf } from './delivery.ts';
import { faultDelivery } from './fault-delivery.ts';
import { recordOf } from './record.ts';

/** A request as it was received. */
export interface RawRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly tooLarge: boolean;
  /** Number of requests in progress at the server when this one arrived, itself included. */
  readonly atOnce: number;
  /** True when the pool is already at its capacity. */
  readonly overloaded: boolean;
}

/** Decides the response to a request, applies a pending fault, and records the request. */
export function dispatch(simulation: Simulation, origin: Origin, raw: RawRequest): Delivery {
  const place = locate(origin, splitTarget(raw.target).path);
  const exchange = toExchange(simulation, origin, raw, place);
  const step = stepOf(exchange, place);
  if (step === 'write' && exchange.application) exchange.application.hasReceivedWrite = true;
  const delivery = raw.overloaded ? overload(simulation) : decide(exchange, place, step);
  simulation.log.add(recordOf(exchange, step, place.route?.operation, statusOf(delivery)));
  return delivery;
}

function toExchange(simulation: Simulation, origin: Origin, raw: RawRequest, place: Place): Exchange {
  const { path, query } = splitTarget(raw.target);
  const ticket = readTicket(simulation, origin, raw.headers.authorization);
  const { applicationId, takesForm } = place;
  return {
    ...raw,
    simulation,
    origin,
    path,
    query,
    input: takesForm ? { kind: 'none' } : readInput(raw.body),
    ticket,
    user: takesForm ? readSigner(simulation, raw.body) : ticket && simulation.users.at(ticket.user),
    application: applicationId === undefined ? undefined : simulation.applications.find(applicationId),
    resource: place.resource,
  };
}

function decide(exchange: Exchange, place: Place, step: Step): Delivery {
  const { simulation, origin, method } = exchange;
  const user = exchange.user?.profile.sip;
  const operation = place.route?.operation;
  const strike = simulation.faults.strike({ step, operation, pool: origin.name, user });
  const genuine = () => respond(exchange, place);
  if (!strike) return { how: 'whole', answer: genuine() };
  return faultDelivery(strike, { method, origin, simulation, genuine });
}

function respond(exchange: Exchange, place: Place): Answer {
  const { route } = place;
  if (!route && place.applicationId === undefined) return htmlAnswer(404, 'File or directory not found.');
  const needs = route?.needs ?? 'application';
  const refused =
    refuseRequest(exchange) ??
    (needs === 'nothing' ? undefined : refuseToken(exchange)) ??
    (needs === 'nothing' || needs === 'token' ? undefined : refuseApplication(exchange));
  return refused ?? carryOut(exchange, place);
}

function carryOut(exchange: Exchange, { route }: Place): Answer {
  if (!route) return refuse(exchange, refusals.resourceNotFound);
  if (route.needs === 'nothing') return callMethod(exchange, route.methods);
  if (!isSignedIn(exchange)) return unauthorized(exchange.simulation, exchange.origin);
  if (route.needs === 'token') return callMethod(exchange, route.methods);
  if (!isInApplication(exchange)) return refuse(exchange, refusals.applicationNotFound);
  if (route.needs === 'voice' && exchange.user.profile.enterpriseVoice === false) {
    return refuse(exchange, refusals.forbidden);
  }
  return callMethod(exchange, route.methods);
}

function callMethod<E extends Exchange>(exchange: E, methods: Methods<E>): Answer {
  const method = methods[exchange.method];
  return method ? method.handle(exchange) : refuse(exchange, methodNotAllowed(Object.keys(methods)));
}

function stepOf(exchange: Exchange, { route, applicationId }: Place): Step {
  const needsToken = applicationId !== undefined || (route && route.needs !== 'nothing');
  if (needsToken && exchange.headers.authorization === undefined) return 'challenge';
  const step = route?.methods[exchange.method]?.step ?? 'other';
  return step === 'read' && exchange.application?.hasReceivedWrite ? 'read-back' : step;
}

function overload(simulation: Simulation): Delivery {
  return { how: 'whole', answer: errorAnswer({ status: 503 }, simulation.configuration.variants) };
}

function readTicket(
  simulation: Simulation,
  origin: Origin,
  authorization: string | undefined,
): Exchange['ticket'] {
  if (!authorization?.startsWith('Bearer ')) return undefined;
  const token = authorization.slice(7);
  return simulation.tokens.read(token) ?? readEntraTicket(simulation, origin, token);
}

function readSigner(simulation: Simulation, form: string): UserRecord | undefined {
  const username = new URLSearchParams(form).get('username');
  return username === null ? undefined : simulation.users.signingInAs(username);
}
