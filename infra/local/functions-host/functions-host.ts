import { FunctionApp } from './app/function-app.ts';
import {
  defineFunction,
  type FunctionDefinition,
  type HttpFunction,
  type QueueFunction,
} from './app/function-definition.ts';
import { type HostSettings, readHostJson } from './app/host-json.ts';
import { type Invoke, Invoker } from './app/invocation.ts';
import { loadApp } from './app/load-app.ts';
import { HttpListener, prefixRoute } from './http/http-listener.ts';
import { poisonQueueOf } from './queue/poison-queue.ts';
import { connectQueueService } from './queue/queue-connection.ts';
import { QueueListener } from './queue/queue-listener.ts';
import { type HostClock, systemClock } from './runtime/clock.ts';
import { describeError, type LogEntry } from './runtime/log.ts';
import { WorkTracker } from './runtime/work-tracker.ts';
import { type StopReason, shutDown } from './shutdown.ts';
import { TimerListener } from './timer/timer-listener.ts';

export { HostConfigurationError } from './app/configuration-error.ts';
export type { HostClock } from './runtime/clock.ts';
export type { LogEntry, LogLevel } from './runtime/log.ts';
export type { StopReason } from './shutdown.ts';

export interface FunctionsHostOptions {
  /** The folder with `host.json` and a `package.json` whose `main` matches the built entry points. */
  readonly appDirectory: string;
  /** 0 is any free port. */
  readonly port: number;
  /** Source of connections and `%SETTING%`s; the app itself reads `process.env`. */
  readonly environment: NodeJS.ProcessEnv;
  readonly log: (entry: LogEntry) => void;
  /** Length of a message's lease, which is renewed after half of it; default 600, as in the real host. */
  readonly leaseSeconds?: number;
  /** The longest delay between two polls of an empty queue, if host.json does not set a shorter one; default 250. */
  readonly pollingIntervalMs?: number;
  readonly clock?: HostClock;
}

/** A loaded function; `route` includes the prefix of host.json, as in `api/bulk/{batch}`. */
export interface FunctionDescription {
  readonly name: string;
  readonly trigger: 'http' | 'queue' | 'timer';
  readonly route?: string;
  readonly methods?: readonly string[];
  readonly queue?: string;
  readonly authLevel?: string;
}

/**
 * Runs a built functions app on this machine as the Azure Functions host and its Node worker do: HTTP on loopback, storage
 * queues and timers, through the app's own `@azure/functions`. A host is started once, and a process can load an app folder
 * only once.
 */
export class FunctionsHost {
  readonly #options: FunctionsHostOptions;
  readonly #clock: HostClock;
  readonly #app: FunctionApp;
  readonly #http: HttpListener;
  readonly #tracker = new WorkTracker();
  readonly #hurry = new AbortController();
  #definitions: readonly FunctionDefinition[] = [];
  #queues: readonly QueueListener[] = [];
  #timers: readonly TimerListener[] = [];
  #routePrefix = '';
  #port: number | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: FunctionsHostOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#app = new FunctionApp(options.log);
    this.#http = new HttpListener({ tracker: this.#tracker, log: options.log });
  }

  /**
   * Loads the app and begins to serve it. Rejects with a `HostConfigurationError` for an app folder or a function that
   * cannot be served, with Node's `EADDRINUSE` error, which has `code` and `port`, when the port is in use, and with the error
   * of an app that throws. A queue without configured storage is logged and not served, as in the real host.
   */
  async start(): Promise<void> {
    const settings = readHostJson(this.#options.appDirectory);
    this.#routePrefix = settings.routePrefix;
    this.#port = await this.#http.listen(this.#options.port);
    try {
      await this.#load();
      await this.#serve(settings);
    } catch (error) {
      this.#http.stopAccepting();
      this.#http.close();
      throw error;
    }
  }

  /** Such as `http://127.0.0.1:7071`; throws before the start. */
  get url(): string {
    if (this.#port === undefined) throw new Error('The functions host has no address yet: start it first.');
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The functions that the app registered, sorted by name. */
  get functions(): readonly FunctionDescription[] {
    return this.#definitions.map((definition) => describe(definition, this.#routePrefix));
  }

  /**
   * Stops the host. It ends within five seconds after `interrupt`, within fifteen after `restart`; `drain` waits for every
   * function. A second call waits for the first, which an `interrupt` cuts short. A function that is still running at the end
   * is not aborted: the process has to exit.
   */
  stop({ reason }: { reason: StopReason }): Promise<void> {
    if (reason === 'interrupt') this.#hurry.abort();
    this.#stopped ??= this.#stop(reason);
    return this.#stopped;
  }

  async #stop(reason: StopReason): Promise<void> {
    this.#logInformation(`Stopping the host (${reason}).`);
    const running = {
      app: this.#app,
      http: this.#http,
      queues: this.#queues,
      timers: this.#timers,
      tracker: this.#tracker,
      clock: this.#clock,
      log: this.#options.log,
    };
    await shutDown(running, reason, this.#hurry.signal);
    this.#logInformation('The host has stopped.');
  }

  async #load(): Promise<void> {
    const { appDirectory, environment } = this.#options;
    await loadApp(this.#app, appDirectory);
    const { registrations } = this.#app;
    for (const model of new Set(registrations.map((registration) => registration.model))) {
      const capabilities = await model.getCapabilities?.({});
      if (capabilities?.['HttpUri'])
        throw new Error('The app enables HTTP streaming, which this host does not support.');
    }
    this.#definitions = registrations
      .map((registration) => defineFunction(registration, environment))
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  }

  async #serve({ routePrefix, functionTimeoutMs, queues }: HostSettings): Promise<void> {
    const { log } = this.#options;
    const [app, tracker, clock] = [this.#app, this.#tracker, this.#clock];
    const invoker = new Invoker({ app, timeoutMs: functionTimeoutMs, clock, log });
    const invoke: Invoke = (definition, input) => invoker.invoke(definition, input);
    this.#timers = this.#definitions
      .filter((definition) => definition.trigger === 'timer')
      .map((definition) => new TimerListener({ definition, invoke, tracker, clock }));
    const listeners = this.#definitions
      .filter((definition) => definition.trigger === 'queue')
      .map((definition) => this.#createQueueListener(definition, invoke, queues));
    this.#queues = (await Promise.all(listeners)).filter((listener) => listener !== undefined);
    const functions = this.#definitions.filter(
      (definition): definition is HttpFunction => definition.trigger === 'http',
    );
    this.#http.serve({ functions, routePrefix, invoke, runTimer: (name) => this.#runTimer(name) });
    for (const listener of [...this.#queues, ...this.#timers]) listener.start();
    this.#logInformation(`Host started: ${this.#definitions.length} functions on ${this.url}.`);
  }

  async #createQueueListener(
    definition: QueueFunction,
    invoke: Invoke,
    settings: HostSettings['queues'],
  ): Promise<QueueListener | undefined> {
    const { environment, log, leaseSeconds = 600, pollingIntervalMs = 250 } = this.#options;
    try {
      const service = await connectQueueService(definition.connection, environment);
      const queue = service.getQueueClient(definition.queue);
      const poison = poisonQueueOf(service, definition.queue);
      const limits = { settings, leaseSeconds, pollingIntervalMs };
      const deps = { invoke, tracker: this.#tracker, clock: this.#clock, log };
      return new QueueListener({ definition, queue, poison, ...limits, ...deps });
    } catch (error) {
      const message = `The '${definition.name}' function is in error: ${describeError(error)}`;
      log({ level: 'error', category: 'Host', message, functionName: definition.name });
      return undefined;
    }
  }

  #runTimer(name: string): boolean {
    const timer = this.#timers.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    timer?.runNow();
    return timer !== undefined;
  }

  #logInformation(message: string): void {
    this.#options.log({ level: 'information', category: 'Host', message });
  }
}

function describe(definition: FunctionDefinition, routePrefix: string): FunctionDescription {
  const { name, trigger } = definition;
  if (trigger === 'queue') return { name, trigger, queue: definition.queue };
  if (trigger === 'timer') return { name, trigger };
  const { methods, authLevel } = definition;
  return { name, trigger, route: prefixRoute(routePrefix, definition.route), methods, authLevel };
}
