import type { Application } from '../state/records.ts';
import type { Origin } from '../state/simulation.ts';
import type { Variants } from '../types.ts';
import type { Exchange } from './exchange.ts';
import { applications, people } from './paths.ts';

/** Returns the href of a link in the response to `exchange`: absolute for other origins, in the form of the variant for its own. */
export function hrefTo(exchange: Exchange, origin: Origin, path: string): string {
  if (origin !== exchange.origin) return origin.url + path;
  const form = exchange.simulation.configuration.variants.hrefs;
  if (form === 'relative' || path === '/') return path;
  return form === 'absolute' ? origin.url + path : `/${path}`;
}

/** Returns the href of an application, or of a resource below it. */
export function applicationHref(exchange: Exchange, application: Application, resource: string): string {
  const query = serverQuery(application, resource, exchange.simulation.configuration.variants);
  const path = `${applications}/${application.id}${resource}`;
  return hrefTo(exchange, exchange.origin, query === '' ? path : `${path}?${query}`);
}

/**
 * Returns the query that a resource's link carries. A URL parser leaves it unchanged, but serialising its parameters again
 * does not, because it has lower-case escapes and an unencoded `=`.
 */
export function serverQuery(application: Application, resource: string, variants: Variants): string {
  if (!variants.linkQueries) return '';
  if (resource === '') return `instanceId=${application.nonce}%2d0==`;
  if (resource.startsWith(people)) {
    return `displayName=Anne+M%c3%bcller&participantHash=${application.nonce}%2b${resource.slice(people.length)}==`;
  }
  return `context=${application.nonce}%2f${resource.length}==`;
}

/** True when a request sends the link's query back byte for byte; the client may add parameters on either side. */
export function keepsQuery(query: string, expected: string): boolean {
  if (expected === '' || query === expected) return true;
  return query.startsWith(`${expected}&`) || query.endsWith(`&${expected}`);
}
