import { type Answer, jsonAnswer, noContent } from '../exchange/answer.ts';
import { bodyProperty, type InApplication, type SignedIn } from '../exchange/exchange.ts';
import { applicationHref } from '../exchange/links.ts';
import * as paths from '../exchange/paths.ts';
import { applicationRepresentation, meRepresentation } from '../representations/application.ts';
import { contactProperties } from '../representations/contact.ts';
import { invalidParameters, refusals } from '../representations/errors.ts';
import { resourceAnswer } from '../representations/representation.ts';
import { contactUriOf } from '../representations/settings.ts';
import type { ApplicationRequest } from '../state/records.ts';
import type { InvalidParameter } from '../types.ts';
import { refuse, refuseBody } from './refusals.ts';

const longestField = 100;

/** Returns a new application, or the known one for a request with the same fields. */
export function createApplication(exchange: SignedIn): Answer {
  const { simulation, user, origin } = exchange;
  const badBody = refuseBody(exchange);
  if (badBody) return badBody;
  const invalid: InvalidParameter[] = [];
  const request: ApplicationRequest = {
    culture: readField(exchange, 'culture', invalid),
    endpointId: readField(exchange, 'endpointId', invalid),
    userAgent: readField(exchange, 'userAgent', invalid),
  };
  if (invalid.length > 0) return refuse(exchange, invalidParameters(...invalid));
  if (user.pool !== origin.index) return refuse(exchange, refusals.forbidden);
  const opened = simulation.applications.open(user, origin.index, request);
  if (!opened) return refuse(exchange, refusals.tooManyApplications);
  const body = applicationRepresentation(exchange, opened.application);
  return jsonAnswer(opened.created ? 201 : 200, body, simulation.configuration.variants);
}

export function readApplication(exchange: InApplication): Answer {
  const body = applicationRepresentation(exchange, exchange.application);
  return jsonAnswer(200, body, exchange.simulation.configuration.variants);
}

export function deleteApplication(exchange: InApplication): Answer {
  exchange.simulation.applications.delete(exchange.application);
  return noContent;
}

export function readMe(exchange: InApplication): Answer {
  const body = meRepresentation(exchange, exchange.application);
  return jsonAnswer(200, body, exchange.simulation.configuration.variants);
}

/** Returns the contact that a link of the settings named. */
export function readContact(exchange: InApplication): Answer {
  const { variants } = exchange.simulation.configuration;
  if (variants.numberForm === 'forbidden') return refuse(exchange, refusals.forbidden);
  const uri = contactUriOf(exchange, exchange.resource.slice(paths.people.length));
  if (uri === undefined) return refuse(exchange, refusals.resourceNotFound);
  const [, domain = 'contoso.com'] = exchange.user.profile.sip.split('@');
  const self = applicationHref(exchange, exchange.application, exchange.resource);
  const properties = contactProperties(uri, variants.numberForm, domain);
  return resourceAnswer({ rel: 'contact', properties, links: { self } }, variants);
}

function readField(exchange: SignedIn, name: string, invalid: InvalidParameter[]): string {
  const value = bodyProperty(exchange.input, name);
  if (typeof value === 'string' && value !== '' && value.length <= longestField) return value;
  const reason =
    typeof value === 'string' && value !== '' ? `longer than ${longestField} characters` : 'missing';
  invalid.push({ name, reason });
  return '';
}
