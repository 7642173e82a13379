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
  refuseForm,
  refuseToken,
} from '../routes/refusals.ts';
import { locate, type Operations, type Place } from '../routes/table.ts';
import type { Origin, World } from '../state/simulation.ts';
import type { UserRecord } from '../state/users.ts';
import type { Step } from '../types.ts';
import { type Delivery, statusOf } from './delivery.ts';
import { faultDelivery } from './fault-delivery.ts';
import { recordOf } from './record.ts';

/** A request as it came over the wire. */
export interface RawRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly tooLarge: boolean;
  /** How many requests the server had at work when this one came, which is one of them. */
  readonly atOnce: number;
  /** The pool has as much to do as it can take. */
  readonly overloaded: boolean;
}

/** Decides how a request is answered, with a fault where one waits for it, and records it. */
export function dispatch(world: World, origin: Origin, raw: RawRequest): Delivery {
  const place = locate(origin, splitTarget(raw.target).path);
  const exchange = understand(world, origin, raw, place);
  const step = stepOf(exchange, place);
  const delivery = raw.overloaded ? overload(world) : decide(exchange, place, step);
  world.log.add(recordOf(exchange, step, statusOf(delivery)));
  return delivery;
}

function understand(world: World, origin: Origin, raw: RawRequest, place: Place): Exchange {
  const { path, query } = splitTarget(raw.target);
  const ticket = readTicket(world, raw.headers.authorization);
  const isForm = place.step === 'token';
  return {
    ...raw,
    world,
    origin,
    path,
    query,
    input: isForm ? { kind: 'none' } : readInput(raw.body),
    ticket,
    user: isForm ? readSigner(world, raw.body) : ticket && world.users.at(ticket.user),
    application: place.applicationId === undefined ? undefined : world.applications.find(place.applicationId),
    resource: place.resource,
  };
}

function decide(exchange: Exchange, place: Place, step: Step): Delivery {
  const { world, origin, method } = exchange;
  const user = exchange.user?.profile.sip;
  const strike = world.faults.strike({ step, pool: origin.name, user });
  const genuine = () => answerTo(exchange, place);
  if (!strike) return { how: 'whole', answer: genuine() };
  return faultDelivery(strike, { method, origin, variants: world.configuration.variants, genuine });
}

function answerTo(exchange: Exchange, place: Place): Answer {
  const { route } = place;
  if (!route && place.applicationId === undefined) return htmlAnswer(404, 'File or directory not found.');
  const needs = route?.needs ?? 'application';
  const refused =
    refuseForm(exchange) ??
    (needs === 'nothing' ? undefined : refuseToken(exchange)) ??
    (needs === 'nothing' || needs === 'token' ? undefined : refuseApplication(exchange));
  return refused ?? carryOut(exchange, place);
}

function carryOut(exchange: Exchange, { route }: Place): Answer {
  if (!route) return refuse(exchange, refusals.resourceNotFound);
  if (route.needs === 'nothing') return operate(exchange, route.operations);
  if (!isSignedIn(exchange)) return unauthorized(exchange.origin, exchange.world.configuration.variants);
  if (route.needs === 'token') return operate(exchange, route.operations);
  if (!isInApplication(exchange)) return refuse(exchange, refusals.applicationNotFound);
  if (route.needs === 'voice' && exchange.user.profile.enterpriseVoice === false) {
    return refuse(exchange, refusals.forbidden);
  }
  return operate(exchange, route.operations);
}

function operate<E extends Exchange>(exchange: E, operations: Operations<E>): Answer {
  const operation = operations[exchange.method];
  return operation ? operation.handle(exchange) : refuse(exchange, methodNotAllowed(Object.keys(operations)));
}

/** What needs a token and comes without one is a step of its own: it asks for the challenge. */
function stepOf(exchange: Exchange, place: Place): Step {
  const needsToken = place.applicationId !== undefined || (place.route && place.route.needs !== 'nothing');
  if (needsToken && exchange.headers.authorization === undefined) return 'challenge';
  return place.route?.operations[exchange.method]?.step ?? 'other';
}

function overload(world: World): Delivery {
  return { how: 'whole', answer: errorAnswer({ status: 503 }, world.configuration.variants) };
}

function readTicket(world: World, authorization: string | undefined): Exchange['ticket'] {
  return authorization?.startsWith('Bearer ') ? world.tokens.read(authorization.slice(7)) : undefined;
}

function readSigner(world: World, form: string): UserRecord | undefined {
  const username = new URLSearchParams(form).get('username');
  return username === null ? undefined : world.users.signingInAs(username);
}
