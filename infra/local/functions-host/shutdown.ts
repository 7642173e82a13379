import type { FunctionApp } from './app/function-app.ts';
import type { HttpListener } from './http/http-listener.ts';
import type { QueueListener } from './queue/queue-listener.ts';
import { type HostClock, settlesWithin } from './runtime/clock.ts';
import { describeError, type LogSink } from './runtime/log.ts';
import type { WorkTracker } from './runtime/work-tracker.ts';
import type { TimerListener } from './timer/timer-listener.ts';

/** Why a host stops: Ctrl-C, Azure's restart (SIGTERM), Azure's scaling in. */
export type StopReason = 'interrupt' | 'restart' | 'drain';

/** What a shutdown has to bring to an end. */
export interface RunningHost {
  readonly app: FunctionApp;
  readonly http: HttpListener;
  readonly queues: readonly QueueListener[];
  readonly timers: readonly TimerListener[];
  readonly tracker: WorkTracker;
  readonly clock: HostClock;
  readonly log: LogSink;
}

// How long functions may go on before the app hears of it. The real host gives its listeners ten seconds at a restart;
// scaling in waits for all that runs, up to their own time limit.
const graceMs: Record<StopReason, number> = {
  interrupt: 0,
  restart: 10_000,
  drain: Number.POSITIVE_INFINITY,
};

// The worker's grace period for the `appTerminate` hooks.
const hooksLimitMs = 5000;

/**
 * Takes no new work, gives what runs its time, then the `appTerminate` hooks theirs, and ends every connection. Messages
 * whose functions have not ended when the hooks begin keep their lease. `hurry` ends the first wait.
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
    message: `The appTerminate hooks took over ${hooksLimitMs} ms and are left alone.`,
  });
}
