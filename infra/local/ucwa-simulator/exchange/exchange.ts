import type { IncomingHttpHeaders } from 'node:http';
import type { Application } from '../state/applications.ts';
import type { Origin, World } from '../state/simulation.ts';
import type { Ticket } from '../state/tokens.ts';
import type { UserRecord } from '../state/users.ts';
import type { Answer } from './answer.ts';

/** A body as it could be read. */
export type Input =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'object'; readonly value: Readonly<Record<string, unknown>> };

/** One request, as far as it could be understood before anything was decided. */
export interface Exchange {
  readonly world: World;
  /** Where it came in. */
  readonly origin: Origin;
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly path: string;
  /** Without `?`, byte for byte. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** There was more of the body than a server reads. */
  readonly tooLarge: boolean;
  /** How many requests the server had at work when this one came, which is one of them. */
  readonly atOnce: number;
  readonly input: Input;
  readonly ticket: Ticket | undefined;
  readonly user: UserRecord | undefined;
  readonly application: Application | undefined;
  /** Below the application's own path: `/me/callForwardingSettings`. */
  readonly resource: string;
}

/** An exchange that passed the gate of what needs a token. */
export interface SignedIn extends Exchange {
  readonly user: UserRecord;
}

/** An exchange that passed the gate of what lies below an application. */
export interface InApplication extends SignedIn {
  readonly application: Application;
}

export type Handler<E extends Exchange> = (exchange: E) => Answer;

/** Splits a request target; a doubled slash at its beginning is a path of this origin all the same. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  return { path: path.startsWith('//') ? path.slice(1) : path, query };
}

/** Reads a JSON object; anything else is malformed, nothing is nothing. */
export function readInput(body: string): Input {
  if (body === '') return { kind: 'none' };
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? { kind: 'object', value } : { kind: 'malformed' };
  } catch {
    return { kind: 'malformed' };
  }
}

/** A parameter of the query, decoded as a form is: a bare `+` is a space. */
export function queryParameter(query: string, name: string): string | undefined {
  if (!query.includes(`${name}=`)) return undefined;
  return new URLSearchParams(query).get(name) ?? undefined;
}

/** A property of the body. */
export function bodyProperty(input: Input, name: string): unknown {
  return input.kind === 'object' ? input.value[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the token that came along belongs to another pool. */
export function isForeign(exchange: Exchange): boolean {
  return exchange.ticket !== undefined && exchange.ticket.pool !== exchange.origin.index;
}
