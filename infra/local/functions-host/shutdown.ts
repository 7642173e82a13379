import type { FunctionApp } from './app/function-app.ts';
import type { HttpListener } from './http/http-listener.ts';
import type { QueueListener } from './queue/queue-listener.ts';
import { type HostClock, settlesWithin } from './runtime/clock.ts';
import { describeError, type LogSink } from './runtime/log.ts';
import type { WorkTracker } from './runtime/work-tracker.ts';
import type { TimerListener } from './timer/timer-listener.ts';

/** Why a host stops: `interrupt` is Ctrl-C, `restart` Azure's restart (SIGTERM), `drain` Azure's scale-in. */
export type StopReason = 'interrupt' | 'restart' | 'drain';

/** The running parts of a host that a shutdown ends. */
export interface RunningHost {
  readonly app: FunctionApp;
  readonly http: HttpListener;
  readonly queues: readonly QueueListener[];
  readonly timers: readonly TimerListener[];
  readonly tracker: WorkTracker;
  readonly clock: HostClock;
  readonly log: LogSink;
}

// How long functions may continue before the app is notified. The real host waits ten seconds at a restart; a scale-in waits
// for every function, up to its time limit.
const graceMs: Record<StopReason, number> = {
  interrupt: 0,
  restart: 10_000,
  drain: Number.POSITIVE_INFINITY,
};

// The worker's grace period for the `appTerminate` hooks.
const hooksLimitMs = 5000;

/**
 * Accepts no new work, waits for the functions in progress, runs the `appTerminate` hooks, and closes every connection.
 * Messages whose functions are still running when the hooks begin keep their lease. `hurry` ends the first wait.
 */
export async function shutDown(host: RunningHost, reason: StopReason, hurry: AbortSignal): Promise<void> {
  const { http, queues, timers, tracker, clock } = host;
  http.stopAccepting();
  for (const listener of [...queues, ...timers]) listener.stop();
  if (graceMs[reason] > 0) await settlesWithin(tracker.idle(), graceMs[reason], clock, hurry);
  for (const queue of queues) queue.abandon();
  await runTerminateHooks(host);
  http.close();
}

async function runTerminateHooks({ app, queues, clock, log }: RunningHost): Promise<void> {
  const { appLevelHookData: hookData, appHookData } = app;
  const hooks = app.runHooks('appTerminate', { hookData, appHookData }).catch((error: unknown) => {
    log({
      level: 'error',
      category: 'Host',
      message: `An appTerminate hook failed: ${describeError(error)}`,
    });
  });
  const polls = queues.map(({ polling }) => polling);
  if (await settlesWithin(Promise.all([hooks, ...polls]), hooksLimitMs, clock)) return;
  log({
    level: 'warning',
    category: 'Host',
    message: `The appTerminate hooks took more than ${hooksLimitMs} ms; the host does not wait for them any longer.`,
  });
}
