import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { Log, RingEvent } from '../ring/ports/events.ts';
import { ContinuationUnknownError } from '../ring/ports/ledger.ts';
import { StorageUnavailableError } from '../ring/ports/storage-error.ts';
import { correlationIdOf } from './correlation.ts';
import { problem, unexpectedProblem } from './problem.ts';
import { mistakesAnswer } from './response.ts';

/** What a handler is given for one call, whatever the settings. */
export interface BareCall {
  readonly request: HttpRequest;
  readonly log: Log;
  readonly correlationId: string;
}

/** What a handler is given for one call. */
export interface Call<App> extends BareCall {
  readonly app: App;
}

type Wired<App> =
  | { readonly app: App }
  | { readonly problems: readonly { setting: string; detail: string }[] };

/** What serving takes: the application, and who waits for the work when the instance stops. */
export interface Serving<App> {
  readonly getApp: () => Promise<Wired<App>>;
  readonly track: <T>(work: Promise<T>) => Promise<T>;
}

/**
 * Makes a handler of the host from one of ours: gives it the application, or answers `misconfigured` with every
 * setting named; whatever it throws becomes a problem.
 */
export function serve<App>(
  { getApp, track }: Serving<App>,
  handle: (call: Call<App>) => Promise<HttpResponseInit>,
): HttpHandler {
  return serveBare((call) => track(answer(call)));

  async function answer(call: BareCall): Promise<HttpResponseInit> {
    const wired = await getApp();
    if ('problems' in wired) return misconfigured(wired.problems, call.correlationId);
    return await handle({ ...call, app: wired.app });
  }
}

/** Makes a handler of the host from one that needs no application; whatever it throws becomes a problem. */
export function serveBare(handle: (call: BareCall) => Promise<HttpResponseInit>): HttpHandler {
  return async (request, context) => {
    const correlationId = correlationIdOf(request.headers);
    const log = logTo(context);
    try {
      return await handle({ request, log, correlationId });
    } catch (error) {
      return unforeseen(error, correlationId, log);
    }
  };
}

/** A log of one invocation: an event a line, as JSON. */
export function logTo(context: InvocationContext): Log {
  const write = {
    info: (line: string) => context.info(line),
    warn: (line: string) => context.warn(line),
    error: (line: string) => context.error(line),
  };
  return ({ level, ...event }: RingEvent) => write[level](JSON.stringify(event));
}

function misconfigured(
  problems: readonly { setting: string; detail: string }[],
  correlationId: string,
): HttpResponseInit {
  const detail = problems.map(({ setting, detail: what }) => `${setting} ${what}`).join(' ');
  return problem('misconfigured', { detail, correlationId, retryAfterSeconds: 60 });
}

function unforeseen(error: unknown, correlationId: string, log: Log): HttpResponseInit {
  if (error instanceof StorageUnavailableError) {
    log({ event: 'storage-unavailable', level: 'error', correlationId, detail: error.message });
    return problem('storage-unavailable', { detail: error.message, correlationId, retryAfterSeconds: 30 });
  }
  if (error instanceof ContinuationUnknownError) {
    const mistake = { pointer: '/continuation', detail: error.message, code: 'invalid-request' } as const;
    return mistakesAnswer([mistake], correlationId);
  }
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : 'no error';
  const stack = error instanceof Error ? error.stack : undefined;
  log({ event: 'unexpected-error', level: 'error', correlationId, detail, stack });
  return unexpectedProblem(correlationId);
}
