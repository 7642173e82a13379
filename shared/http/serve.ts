import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { Invocation } from '../ring/ports/deps.ts';
import { type Log, unexpectedError } from '../ring/ports/events.ts';
import { ContinuationUnknownError } from '../ring/ports/ledger.ts';
import { isStorageMisconfigured, StorageUnavailableError } from '../ring/ports/storage-error.ts';
import type { Clock } from '../runtime/clock.ts';
import { createInvocationLog } from '../runtime/invocation-log.ts';
import { type Result, success } from '../runtime/result.ts';
import type { Access } from './callers/access.ts';
import type { Caller } from './callers/caller.ts';
import type { CallerRefusal, CheckCaller, EntraCallers } from './callers/check-caller.ts';
import { callerRefused } from './callers/refusal.ts';
import { correlationIdOf } from './correlation.ts';
import { problem, unexpectedProblem } from './problem.ts';
import { issuesResponse } from './response.ts';

/** One call of a route that works even while settings are missing or wrong. */
export interface BareCall {
  readonly request: HttpRequest;
  readonly log: Log;
  readonly correlationId: string;
  /** Who calls; undefined with function keys, and on anonymous routes. */
  readonly caller: Caller | undefined;
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

/** What decides who may call: a tenant, or function keys where there is none. */
export interface CallerInstance {
  readonly entra: EntraCallers | undefined;
  readonly clock: Clock;
}

/** The instance that serves: its app, the tracking of its work, and the signal that it is about to stop. */
export interface Instance<App> extends CallerInstance {
  readonly getApp: () => Promise<Result<App, readonly SettingProblem[]>>;
  readonly track: <T>(work: Promise<T>) => Promise<T>;
  readonly stopping: AbortSignal;
}

/** What the host needs to know of a route, besides its name and methods. */
export interface Route {
  readonly authLevel: 'anonymous' | 'function';
  readonly handler: HttpHandler;
}

/**
 * Makes a route for the host. It checks who calls, passes the app on, or responds `misconfigured` and names every setting that is
 * wrong; whatever `handle` throws becomes a problem.
 */
export function serve<App>(
  instance: Instance<App>,
  access: Access,
  handle: (call: Call<App>) => Promise<HttpResponseInit>,
): Route {
  const { getApp, track, stopping } = instance;
  return serveBare(instance, access, (call) => track(respond(call)));

  async function respond({ request, log, correlationId, caller }: BareCall): Promise<HttpResponseInit> {
    const app = await getApp();
    if (!app.ok) return misconfigured(app.error, correlationId);
    const by = caller?.id;
    const invocation: Invocation = { log, correlationId, signal: stopping, priority: 'caller', by };
    return await handle({ request, correlationId, caller, app: app.value, invocation });
  }
}

/** Makes a route for the host that needs no app; it checks who calls, and whatever `handle` throws becomes a problem. */
export function serveBare(
  instance: CallerInstance,
  access: Access,
  handle: (call: BareCall) => Promise<HttpResponseInit>,
): Route {
  return { authLevel: authLevelOf(instance, access), handler: respond };

  async function respond(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
    const correlationId = correlationIdOf(request.headers);
    const log = logTo(context);
    try {
      const caller = await identifyCaller(instance, access, request, log);
      if (!caller.ok) return callerRefused(caller.error, correlationId);
      return await handle({ request, log, correlationId, caller: caller.value });
    } catch (error) {
      return problemOf(error, correlationId, log);
    }
  }
}

/**
 * Returns how the platform is to check callers. It lets everybody through only where the tenant's tokens are checked here. Throws
 * where a route does not say what it asks of callers.
 */
function authLevelOf({ entra }: CallerInstance, access: Access): Route['authLevel'] {
  if (access === 'anonymous') return 'anonymous';
  if (access?.needs === undefined) throw new Error('A route does not say what its callers must be allowed.');
  return entra === undefined ? 'function' : 'anonymous';
}

async function identifyCaller(
  { entra, clock }: CallerInstance,
  access: Access,
  request: HttpRequest,
  log: Log,
): Promise<Result<Caller | undefined, CallerRefusal>> {
  if (access === 'anonymous' || entra === undefined) return success(undefined);
  const check = await callerCheckOf(entra, clock, log);
  return await check(request, access);
}

/** One check, with one cache of keys, for all routes of an instance. */
const checks = new WeakMap<EntraCallers, Promise<CheckCaller>>();

function callerCheckOf(entra: EntraCallers, clock: Clock, log: Log): Promise<CheckCaller> {
  const known = checks.get(entra);
  if (known !== undefined) return known;
  const onKeysFailure = (reason: string) =>
    log({ event: 'tenant-keys-unavailable', level: 'error', detail: reason });
  // The library of tokens is loaded only where it is needed, so that a cold start with keys does not wait for it.
  const check = import('./callers/check-caller.ts').then(({ createCallerCheck }) =>
    createCallerCheck(entra, { clock, fetch, onKeysFailure }),
  );
  checks.set(entra, check);
  return check;
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
