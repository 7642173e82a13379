import type { ModuleHooks } from 'node:module';
import { FunctionApp } from './app/function-app.ts';
import {
  defineFunction,
  type FunctionDefinition,
  type HttpFunction,
  type QueueFunction,
} from './app/function-definition.ts';
import { type HostSettings, readHostJson } from './app/host-json.ts';
import { calledByHost, type Invoke, Invoker } from './app/invocation.ts';
import { followQuery, loadApp } from './app/load-app.ts';
import { runFromAdmin } from './http/admin.ts';
import { HttpListener, prefixRoute } from './http/http-listener.ts';
import { poisonQueueOf } from './queue/poison-queue.ts';
import { connectQueueService } from './queue/queue-connection.ts';
import { QueueListener } from './queue/queue-listener.ts';
import { toTriggerMetadata } from './queue/queue-trigger-data.ts';
import { type HostClock, systemClock } from './runtime/clock.ts';
import { describeError, type LogEntry } from './runtime/log.ts';
import { WorkTracker } from './runtime/work-tracker.ts';
import { type StopReason, shutDown } from './shutdown.ts';
import { TimerListener } from './timer/timer-listener.ts';

export { HostConfigurationError } from './app/host-json.ts';
export type { HostClock } from './runtime/clock.ts';
export type { LogEntry, LogLevel } from './runtime/log.ts';
export type { StopReason } from './shutdown.ts';

export interface FunctionsHostOptions {
  /** The folder with `host.json` and a `package.json` whose `main` matches the built entry points. */
  readonly appDirectory: string;
  /** 0 is any free port. */
  readonly port: number;
  /** Where connections and `%SETTING%`s are looked up; the app itself reads `process.env`. */
  readonly environment: NodeJS.ProcessEnv;
  readonly log: (entry: LogEntry) => void;
  /** Switches function keys on; without them everybody may call every function. */
  readonly functionKeys?: readonly string[];
  /** How long a message stays invisible before its lease is renewed at half; 600 as in the real host. */
  readonly leaseSeconds?: number;
  /** The longest wait between two polls of an empty queue, where host.json allows a longer one; 250. */
  readonly pollingIntervalMs?: number;
  readonly clock?: HostClock;
  /** Such as `?2`: lets a process load an app folder again, whose modules Node would else answer from its cache. */
  readonly moduleQuery?: string;
}

/** What a loaded function is; `route` has the prefix of host.json, as in `api/bulk/{batch}`. */
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
 * queues and timers, through the app's own `@azure/functions`. A host is started once; a second one in the same process
 * needs another folder or a `moduleQuery`.
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
  #moduleHooks: ModuleHooks | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: FunctionsHostOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#app = new FunctionApp(options.log);
    const { log, functionKeys } = options;
    this.#http = new HttpListener({ tracker: this.#tracker, log, functionKeys });
  }

  /**
   * Loads the app and begins to serve it. Rejects with a `HostConfigurationError` for an app folder or a function that
   * cannot be served, with Node's `EADDRINUSE` error, which has `code` and `port`, when the port is taken, and with what
   * the app throws. A queue whose storage is not configured is logged and not served, as in the real host.
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
      this.#moduleHooks?.deregister();
      throw error;
    }
  }

  /** Such as `http://127.0.0.1:7071`; throws before the start. */
  get url(): string {
    if (this.#port === undefined) throw new Error('The functions host has no address yet: start it first.');
    return `http://127.0.0.1:${this.#port}`;
  }

  /** What the app registered, in the order of names. */
  get functions(): readonly FunctionDescription[] {
    return this.#definitions.map((definition) => describe(definition, this.#routePrefix));
  }

  /** Runs a timer's function now and waits for its end; rejects with what it throws, and for a name that no timer has. */
  async runTimer(name: string): Promise<void> {
    const timer = this.#timers.find((candidate) => candidate.name === name);
    if (!timer)
      throw new Error(
        `There is no timer "${name}"; there are: ${this.#timers.map((t) => t.name).join(', ')}.`,
      );
    const outcome = await timer.runNow();
    if (!outcome.succeeded) throw outcome.error;
  }

  /**
   * Ends the host; a second call waits for the first, and hurries it where its reason is `interrupt`. After `interrupt` it
   * is over within five seconds, after `restart` within fifteen; `drain` waits for all that runs. A function that still
   * runs in the end is left running: the process has to exit.
   */
  stop({ reason }: { reason: StopReason }): Promise<void> {
    if (reason === 'interrupt') this.#hurry.abort();
    this.#stopped ??= this.#stop(reason);
    return this.#stopped;
  }

  async #stop(reason: StopReason): Promise<void> {
    this.#say(`Stopping the host (${reason}).`);
    const { log } = this.#options;
    const parts = { app: this.#app, http: this.#http, queues: this.#queues, timers: this.#timers };
    await shutDown({ ...parts, tracker: this.#tracker, clock: this.#clock, log }, reason, this.#hurry.signal);
    this.#moduleHooks?.deregister();
    this.#say('The host has stopped.');
  }

  async #load(): Promise<void> {
    const { appDirectory, moduleQuery, environment } = this.#options;
    if (moduleQuery) this.#moduleHooks = followQuery(appDirectory, moduleQuery);
    await loadApp(this.#app, appDirectory, moduleQuery);
    const { registrations } = this.#app;
    for (const model of new Set(registrations.map((registration) => registration.model))) {
      const capabilities = await model.getCapabilities?.({});
      if (capabilities?.['HttpUri'])
        throw new Error('The app enables HTTP streaming, which this host does not carry out.');
    }
    this.#definitions = registrations
      .map((registration) => defineFunction(registration, environment))
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  }

  async #serve(settings: HostSettings): Promise<void> {
    const { log } = this.#options;
    const { functionTimeoutMs: timeoutMs, queues } = settings;
    const invoker = new Invoker({ app: this.#app, timeoutMs, clock: this.#clock, log });
    const invoke: Invoke = (definition, input) => invoker.invoke(definition, input);
    const parts = { invoke, tracker: this.#tracker, clock: this.#clock };
    this.#timers = this.#definitions
      .filter((definition) => definition.trigger === 'timer')
      .map((definition) => new TimerListener({ definition, ...parts }));
    const listeners = this.#definitions
      .filter((definition) => definition.trigger === 'queue')
      .map((definition) => this.#listenToQueue(definition, invoke, queues));
    this.#queues = (await Promise.all(listeners)).filter((listener) => listener !== undefined);
    const http = this.#definitions.filter(
      (definition): definition is HttpFunction => definition.trigger === 'http',
    );
    this.#http.serve(http, settings.routePrefix, invoke, (request, path) =>
      runFromAdmin(request, path, this.#definitions, (definition, text) =>
        this.#runByHand(definition, text, invoke),
      ),
    );
    for (const listener of [...this.#queues, ...this.#timers]) listener.start();
    this.#say(`Host started: ${this.#definitions.length} functions on ${this.url}.`);
  }

  async #listenToQueue(
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
      const parts = { invoke, tracker: this.#tracker, clock: this.#clock, log };
      return new QueueListener({ definition, queue, poison, ...limits, ...parts });
    } catch (error) {
      const message = `The '${definition.name}' function is in error: ${describeError(error)}`;
      log({ level: 'error', category: 'Host', message, functionName: definition.name });
      return undefined;
    }
  }

  #runByHand(definition: FunctionDefinition, text: string, invoke: Invoke): void {
    const timer = this.#timers.find(({ name }) => name === definition.name);
    if (timer) return void timer.runNow();
    const triggerMetadata = toTriggerMetadata({
      text,
      dequeueCount: 0,
      insertedOn: new Date(this.#clock.now()),
    });
    this.#tracker.track(
      invoke(definition, { data: { string: text }, triggerMetadata, reason: calledByHost }),
    );
  }

  #say(message: string): void {
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
