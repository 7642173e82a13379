import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { Invocation } from '../ring/ports/deps.ts';
import { type Log, unexpectedError } from '../ring/ports/events.ts';
import { ContinuationUnknownError } from '../ring/ports/ledger.ts';
import { isStorageMisconfigured, StorageUnavailableError } from '../ring/ports/storage-error.ts';
import { createInvocationLog } from '../runtime/invocation-log.ts';
import type { Result } from '../runtime/result.ts';
import { correlationIdOf } from './correlation.ts';
import { problem, unexpectedProblem } from './problem.ts';
import { issuesResponse } from './response.ts';

/** One call of a route that works even while settings are missing or wrong. */
export interface BareCall {
  readonly request: HttpRequest;
  readonly log: Log;
  readonly correlationId: string;
}

/** One call of a route that needs the app. */
export interface Call<App> extends Omit<BareCall, 'log'> {
  readonly app: App;
  readonly invocation: Invocation;
}

/** A setting that is missing or wrong. */
interface SettingProblem {
  readonly setting: string;
  readonly detail: string;
}

/** The instance that serves: its app, the tracking of its work, and the signal that it is about to stop. */
export interface Instance<App> {
  readonly getApp: () => Promise<Result<App, readonly SettingProblem[]>>;
  readonly track: <T>(work: Promise<T>) => Promise<T>;
  readonly stopping: AbortSignal;
}

/**
 * Makes a handler for the host. It passes the app on, or responds `misconfigured` and names every setting that is wrong;
 * whatever `handle` throws becomes a problem.
 */
export function serve<App>(
  { getApp, track, stopping }: Instance<App>,
  handle: (call: Call<App>) => Promise<HttpResponseInit>,
): HttpHandler {
  return serveBare((call) => track(respond(call)));

  async function respond({ request, log, correlationId }: BareCall): Promise<HttpResponseInit> {
    const app = await getApp();
    if (!app.ok) return misconfigured(app.error, correlationId);
    const invocation: Invocation = { log, correlationId, signal: stopping, priority: 'caller' };
    return await handle({ request, correlationId, app: app.value, invocation });
  }
}

/** Makes a handler for the host that needs no app; whatever `handle` throws becomes a problem. */
export function serveBare(handle: (call: BareCall) => Promise<HttpResponseInit>): HttpHandler {
  return async (request, context) => {
    const correlationId = correlationIdOf(request.headers);
    const log = logTo(context);
    try {
      return await handle({ request, log, correlationId });
    } catch (error) {
      return problemOf(error, correlationId, log);
    }
  };
}

/** Returns the log of one invocation. */
export function logTo(context: InvocationContext): Log {
  return createInvocationLog(context);
}

function misconfigured(problems: readonly SettingProblem[], correlationId: string): HttpResponseInit {
  const detail = problems.map(({ setting, detail: what }) => `${setting} ${what}`).join(' ');
  return problem('misconfigured', { detail, correlationId, retryAfterSeconds: 60 });
}

function problemOf(error: unknown, correlationId: string, log: Log): HttpResponseInit {
  if (error instanceof StorageUnavailableError) {
    log({ event: 'storage-unavailable', level: 'error', correlationId, detail: error.message });
    const code = isStorageMisconfigured(error) ? 'misconfigured' : 'storage-unavailable';
    return problem(code, { detail: error.message, correlationId, retryAfterSeconds: 30 });
  }
  if (error instanceof ContinuationUnknownError) {
    const issue = { pointer: '/continuation', detail: error.message, code: 'invalid-request' } as const;
    return issuesResponse([issue], correlationId);
  }
  log(unexpectedError(error, correlationId));
  return unexpectedProblem(correlationId);
}
