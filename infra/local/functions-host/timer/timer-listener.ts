import type { TimerFunction } from '../app/function-definition.ts';
import { calledByHost, type Invoke } from '../app/invocation.ts';
import type { HostClock } from '../runtime/clock.ts';
import type { WorkTracker } from '../runtime/work-tracker.ts';
import { Ncrontab } from './ncrontab.ts';

interface ScheduleStatus {
  readonly last: number | undefined;
  readonly next: number;
  readonly lastUpdated: number | undefined;
}

/**
 * Runs a function on its schedule, one run at a time, as the real extension does
 * (https://github.com/Azure/azure-webjobs-sdk-extensions/blob/dev/src/WebJobs.Extensions/Extensions/Timers). It stores no
 * state outside its process, so that no run is ever past due.
 */
export class TimerListener {
  readonly #definition: TimerFunction;
  readonly #schedule: Ncrontab;
  readonly #invoke: Invoke;
  readonly #tracker: WorkTracker;
  readonly #clock: HostClock;
  readonly #stopped = new AbortController();
  #status: ScheduleStatus;
  #lastRun: Promise<unknown> = Promise.resolve();

  /** Throws a `HostConfigurationError` for an invalid schedule. */
  constructor(options: {
    definition: TimerFunction;
    invoke: Invoke;
    tracker: WorkTracker;
    clock: HostClock;
  }) {
    this.#definition = options.definition;
    this.#schedule = new Ncrontab(options.definition.schedule);
    this.#invoke = options.invoke;
    this.#tracker = options.tracker;
    this.#clock = options.clock;
    this.#status = {
      last: undefined,
      next: this.#schedule.next(this.#clock.nowMs()),
      lastUpdated: undefined,
    };
  }

  get name(): string {
    return this.#definition.name;
  }

  /** Begins the schedule, with an immediate run for a function with `runOnStartup`. */
  start(): void {
    this.#tracker.track(this.#keepSchedule());
  }

  /** Ends the schedule; a run in progress continues. */
  stop(): void {
    this.#stopped.abort();
  }

  /** Begins a run after any run in progress, without a change to the schedule. */
  runNow(): void {
    void this.#run(calledByHost);
  }

  async #keepSchedule(): Promise<void> {
    if (this.#definition.runOnStartup)
      await this.#fire(this.#clock.nowMs(), 'UnscheduledInvocationReason: RunOnStartup');
    while (await this.#sleepUntil(this.#status.next)) {
      // A clock may wake a moment early, so that the next time is computed from the scheduled one.
      await this.#fire(Math.max(this.#clock.nowMs(), this.#status.next));
    }
  }

  async #fire(at: number, details?: string): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    await this.#run(
      `Timer fired at ${toNetTime(this.#clock.nowMs())}`,
      details && `Trigger Details: ${details}`,
    );
    this.#status = { last: at, next: this.#schedule.next(at), lastUpdated: at };
  }

  #run(reason: string, details?: string): Promise<unknown> {
    const run = this.#lastRun.then(() =>
      this.#invoke(this.#definition, {
        data: { json: JSON.stringify(this.#describe()) },
        reason,
        ...(details && { details }),
      }),
    );
    this.#lastRun = run;
    this.#tracker.track(run);
    return run;
  }

  // The TimerInfo as .NET serialises it: no status without a monitor, and for schedules more frequent than a minute.
  #describe(): object {
    const { last, next, lastUpdated } = this.#status;
    const isFrequent = this.#schedule.next(next) - next < 60_000;
    const status = { Last: toNetTime(last), Next: toNetTime(next), LastUpdated: toNetTime(lastUpdated) };
    const isMonitored = this.#definition.useMonitor && !isFrequent;
    return {
      Schedule: { AdjustForDST: true },
      ScheduleStatus: isMonitored ? status : null,
      IsPastDue: false,
    };
  }

  async #sleepUntil(time: number): Promise<boolean> {
    const { signal } = this.#stopped;
    try {
      for (let now = this.#clock.nowMs(); now < time; now = this.#clock.nowMs()) {
        await this.#clock.sleep(time - now, signal);
      }
    } catch {
      // Stopped: the signal says so.
    }
    return !signal.aborted;
  }
}

function toNetTime(time: number | undefined): string {
  if (time === undefined) return '0001-01-01T00:00:00+00:00';
  return Number.isFinite(time)
    ? new Date(time).toISOString().replace(/(?:\.000)?Z$/, '+00:00')
    : '9999-12-31T23:59:59.9999999+00:00';
}
