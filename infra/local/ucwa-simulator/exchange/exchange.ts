import type { IncomingHttpHeaders } from 'node:http';
import type { Application, UserRecord } from '../state/records.ts';
import type { Origin, Simulation } from '../state/simulation.ts';
import type { Ticket } from '../state/tokens.ts';
import type { Answer } from './answer.ts';

/** A request's body, parsed. */
export type Input =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'object'; readonly value: Readonly<Record<string, unknown>> };

/** One request with all that it refers to, before any check. */
export interface Exchange {
  readonly simulation: Simulation;
  /** The server that received it. */
  readonly origin: Origin;
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly path: string;
  /** Without `?`, byte for byte. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body was longer than a server reads. */
  readonly tooLarge: boolean;
  /** Number of requests in progress at the server when this one arrived, itself included. */
  readonly atOnce: number;
  readonly input: Input;
  readonly ticket: Ticket | undefined;
  readonly user: UserRecord | undefined;
  readonly application: Application | undefined;
  /** Below the application's own path: `/me/callForwardingSettings`. */
  readonly resource: string;
}

/** An exchange with a valid token. */
export interface SignedIn extends Exchange {
  readonly user: UserRecord;
}

/** An exchange with a valid token and an application of its user. */
export interface InApplication extends SignedIn {
  readonly application: Application;
}

export type Handler<E extends Exchange> = (exchange: E) => Answer;

/** Splits a request target into path and query; a leading double slash counts as one. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  return { path: path.startsWith('//') ? path.slice(1) : path, query };
}

/** Parses a body: a JSON object, `none` when it is empty, `malformed` otherwise. */
export function readInput(body: string): Input {
  if (body === '') return { kind: 'none' };
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? { kind: 'object', value } : { kind: 'malformed' };
  } catch {
    return { kind: 'malformed' };
  }
}

/** Returns a parameter of the query, decoded like a form: an unencoded `+` is a space. */
export function queryParameter(query: string, name: string): string | undefined {
  if (!query.includes(`${name}=`)) return undefined;
  return new URLSearchParams(query).get(name) ?? undefined;
}

/** Returns a property of the body; undefined when there is no JSON object. */
export function bodyProperty(input: Input, name: string): unknown {
  return input.kind === 'object' ? input.value[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True when the request has a token of another pool. */
export function hasForeignToken(exchange: Exchange): boolean {
  return exchange.ticket !== undefined && !exchange.ticket.pools.includes(exchange.origin.index);
}
