import { type Answer, htmlAnswer } from '../exchange/answer.ts';
import { type Exchange, hasForeignToken, type InApplication, type SignedIn } from '../exchange/exchange.ts';
import { keepsQuery, serverQuery } from '../exchange/links.ts';
import { unauthorized } from '../representations/challenge.ts';
import { errorAnswer, invalidParameters, refusals } from '../representations/errors.ts';
import type { StatusAnswer } from '../types.ts';

/** The newest revision that any resource has. */
const newestRevision = 2;

/** Refuses a request that a web server or UCWA refuses whatever resource it is for. */
export function refuseRequest(exchange: Exchange): Answer | undefined {
  const { headers, method, origin } = exchange;
  const hasLength = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  if ((method === 'POST' || method === 'PUT') && !hasLength) return htmlAnswer(411, 'Length Required');
  if (exchange.tooLarge) return refuse(exchange, refusals.entityTooLarge);
  const intendedOrigin = headers['x-ms-origin'];
  if (intendedOrigin !== undefined && intendedOrigin !== origin.url) {
    return htmlAnswer(403, 'Forbidden', diagnostics(28070, 'The origin is not allowed.'));
  }
  if (Number(headers['x-ms-requiresminresourceversion'] ?? 0) > newestRevision) {
    return refuse(exchange, refusals.versionNotSupported);
  }
  return undefined;
}

/** Refuses a token that is missing, expired or for another pool. */
export function refuseToken(exchange: Exchange): Answer | undefined {
  const { ticket, origin, user, simulation } = exchange;
  if (ticket && hasForeignToken(exchange)) return foreignTokenAnswer();
  if (!ticket?.isValid || !user) return unauthorized(simulation, origin);
  if (ticket.lacksScope) return htmlAnswer(403, 'Forbidden', diagnostics(28077, 'The token lacks a scope.'));
  return undefined;
}

/** Returns the page with 500 that real servers return for a token of another pool. */
export function foreignTokenAnswer(): Answer {
  return htmlAnswer(500, 'Internal server error', diagnostics(28032, 'The web ticket is invalid.'));
}

/** Refuses an application that is gone or belongs to another user, and a link whose query was changed. */
export function refuseApplication(exchange: Exchange): Answer | undefined {
  const { application, user, simulation, origin } = exchange;
  if (!application || application.user !== user || application.pool !== origin.index) {
    return refuse(exchange, refusals.applicationNotFound);
  }
  if (simulation.applications.isExpired(application)) return refuse(exchange, refusals.inactiveApplication);
  simulation.applications.touch(application);
  const expected = serverQuery(application, exchange.resource, simulation.configuration.variants);
  return keepsQuery(exchange.query, expected) ? undefined : refuse(exchange, refusals.resourceNotFound);
}

/** Refuses a body that is not a JSON object, or whose content type is not JSON. */
export function refuseBody(exchange: Exchange): Answer | undefined {
  const type = exchange.headers['content-type'];
  if (type === undefined && exchange.input.kind === 'none') return undefined;
  if (!/^application\/json\s*(;|$)/i.test(type ?? '')) return refuse(exchange, refusals.unsupportedMediaType);
  return exchange.input.kind === 'object' ? undefined : refuse(exchange, refusals.deserializationFailure);
}

/** Returns the response of an error to this exchange. */
export function refuse(exchange: Exchange, error: StatusAnswer): Answer {
  return errorAnswer(error, exchange.simulation.configuration.variants);
}

/** Returns the response for one invalid parameter. */
export function refuseParameter(exchange: Exchange, name: string, reason: string): Answer {
  return refuse(exchange, invalidParameters({ name, reason }));
}

export function isSignedIn(exchange: Exchange): exchange is SignedIn {
  return exchange.user !== undefined;
}

export function isInApplication(exchange: Exchange): exchange is InApplication {
  return exchange.user !== undefined && exchange.application !== undefined;
}

function diagnostics(number: number, reason: string): Record<string, string> {
  return { 'X-Ms-diagnostics': `${number};source="simulator";reason="${reason}"` };
}
