import type { Application } from '../state/applications.ts';
import type { Origin } from '../state/simulation.ts';
import type { Variants } from '../types.ts';
import type { Exchange } from './exchange.ts';
import { applications, people } from './paths.ts';

/** Writes a link that stands in an answer of `exchange`: absolute to other origins, as the variant says to its own. */
export function hrefTo(exchange: Exchange, origin: Origin, path: string): string {
  if (origin !== exchange.origin) return origin.url + path;
  const form = exchange.world.configuration.variants.hrefs;
  if (form === 'relative' || path === '/') return path;
  return form === 'absolute' ? origin.url + path : `/${path}`;
}

/** Writes a link to an application or to a resource below it. */
export function applicationHref(exchange: Exchange, application: Application, resource: string): string {
  const query = serverQuery(application, resource, exchange.world.configuration.variants);
  const path = `${applications}/${application.id}${resource}`;
  return hrefTo(exchange, exchange.origin, query === '' ? path : `${path}?${query}`);
}

/**
 * The query that a resource's link carries. Its letters are such that a URL parser leaves them as they are and
 * writing the parameters anew does not: lower-case escapes, a bare `=`.
 */
export function serverQuery(application: Application, resource: string, variants: Variants): string {
  if (!variants.linkQueries) return '';
  if (resource === '') return `instanceId=${application.nonce}%2d0==`;
  if (resource.startsWith(people)) {
    return `displayName=Anne+M%c3%bcller&participantHash=${application.nonce}%2b${resource.slice(people.length)}==`;
  }
  return `context=${application.nonce}%2f${resource.length}==`;
}

/** Whether a request brings the server's query back byte for byte; a client's parameters may stand on either side. */
export function keepsQuery(query: string, expected: string): boolean {
  if (expected === '' || query === expected) return true;
  return query.startsWith(`${expected}&`) || query.endsWith(`&${expected}`);
}
