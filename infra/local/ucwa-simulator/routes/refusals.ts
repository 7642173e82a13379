import { type Answer, htmlAnswer } from '../exchange/answer.ts';
import type { Exchange, InApplication, SignedIn } from '../exchange/exchange.ts';
import { keepsQuery, serverQuery } from '../exchange/links.ts';
import { unauthorized } from '../representations/challenge.ts';
import { errorAnswer, invalidParameters, refusals } from '../representations/errors.ts';
import type { StatusAnswer } from '../types.ts';

/** The newest revision that any resource here has. */
const newestRevision = 2;

/** Refuses what a web server or UCWA refuses before it looks at what is wanted. */
export function refuseForm(exchange: Exchange): Answer | undefined {
  const { headers, method, origin } = exchange;
  const hasLength = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  if ((method === 'POST' || method === 'PUT') && !hasLength) return htmlAnswer(411, 'Length Required');
  if (exchange.tooLarge) return refuse(exchange, refusals.entityTooLarge);
  const madeFor = headers['x-ms-origin'];
  if (madeFor !== undefined && madeFor !== origin.url) {
    return htmlAnswer(403, 'Forbidden', diagnostics(28070, 'The origin is not allowed.'));
  }
  if (Number(headers['x-ms-requiresminresourceversion'] ?? 0) > newestRevision) {
    return refuse(exchange, refusals.versionNotSupported);
  }
  return undefined;
}

/** Refuses a token that is missing, over or not for this pool. */
export function refuseToken(exchange: Exchange): Answer | undefined {
  const { ticket, origin, user, world } = exchange;
  if (ticket && ticket.pool !== origin.index) return wrongPool();
  if (!ticket?.living || !user) return unauthorized(origin, world.configuration.variants);
  return undefined;
}

/** 500 for a token of another pool: the page that real servers give. */
export function wrongPool(): Answer {
  return htmlAnswer(500, 'Internal server error', diagnostics(28032, 'The web ticket is invalid.'));
}

/** Refuses an application that is gone or someone else's, and a link whose query is not as it was given. */
export function refuseApplication(exchange: Exchange): Answer | undefined {
  const { application, user, world, origin } = exchange;
  if (!application || application.user !== user || application.pool !== origin.index) {
    return refuse(exchange, refusals.applicationNotFound);
  }
  if (world.applications.isExpired(application)) return refuse(exchange, refusals.inactiveApplication);
  world.applications.touch(application);
  const expected = serverQuery(application, exchange.resource, world.configuration.variants);
  return keepsQuery(exchange.query, expected) ? undefined : refuse(exchange, refusals.resourceNotFound);
}

/** Refuses a body that is no JSON object or does not say that it is one. */
export function refuseBody(exchange: Exchange): Answer | undefined {
  const type = exchange.headers['content-type'];
  if (type === undefined && exchange.input.kind === 'none') return undefined;
  if (!/^application\/json\s*(;|$)/i.test(type ?? '')) return refuse(exchange, refusals.unsupportedMediaType);
  return exchange.input.kind === 'object' ? undefined : refuse(exchange, refusals.deserializationFailure);
}

/** Writes an error for this exchange. */
export function refuse(exchange: Exchange, error: StatusAnswer): Answer {
  return errorAnswer(error, exchange.world.configuration.variants);
}

/** Says that one parameter is wrong. */
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
