import * as z from 'zod';
import type { LogLevel, LogSink } from '../runtime/log.ts';
import {
  type FunctionCallback,
  type FunctionMetadata,
  functionCallbackSchema,
  functionMetadataSchema,
  type ProgrammingModel,
  programmingModelSchema,
} from './programming-model.ts';

/** A function that the app registered, with the programming model of the copy of the library that registered it. */
export interface Registration {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
  readonly model: ProgrammingModel;
}

const hookNameSchema = z.enum(['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log']);

export type HookName = z.infer<typeof hookNameSchema>;
type HookCallback = (context: object) => unknown;

const hookCallbackSchema = z.custom<HookCallback>(
  (value) => typeof value === 'function',
  'expected a function',
);

/** The functions and hooks that an app registers while it is loaded. */
export class FunctionApp {
  readonly #log: LogSink;
  readonly #functions = new Map<string, Registration>();
  readonly #hooks = new Set<{ readonly name: HookName; readonly run: HookCallback }>();
  #locked = false;
  /** Shared by the hooks of every scope. */
  readonly appHookData: Record<string, unknown> = {};
  /** Shared by `appStart` and `appTerminate` only. */
  readonly appLevelHookData: Record<string, unknown> = {};

  constructor(log: LogSink) {
    this.#log = log;
  }

  get registrations(): readonly Registration[] {
    return [...this.#functions.values()];
  }

  /** Refuses further registrations, as the worker does once the host has asked for its functions. */
  lock(): void {
    this.#locked = true;
  }

  hasHooks(name: HookName): boolean {
    return this.#hooksOf(name).length > 0;
  }

  /** Runs the hooks in the order of their registration; rejects with the error of the first that throws. */
  async runHooks(name: HookName, context: object): Promise<void> {
    for (const { run } of this.#hooksOf(name)) await run(context);
  }

  /** Runs the `log` hooks, which are synchronous, and returns the line that they leave. */
  runLogHooks(category: string, level: LogLevel, message: string): { level: LogLevel; message: string } {
    const context = { hookData: {}, category, level, message };
    for (const { run } of this.#hooksOf('log')) run(context);
    // As in the library, a hook can change only lines of category `user`.
    return category === 'user' ? context : { level, message };
  }

  /**
   * Returns a new `@azure/functions-core`. Each copy of the library requires the module once, so that each has a core of its own,
   * which knows the copy's model even when the registrations of several copies alternate.
   */
  createCore(): object {
    let model: ProgrammingModel | undefined;
    return {
      version: '3.0.0',
      hostVersion: '4.0.0',
      setProgrammingModel: (given: unknown) => {
        model = programmingModelSchema.parse(given);
      },
      getProgrammingModel: () => model,
      registerFunction: (metadata: unknown, callback: unknown) => this.#register(metadata, callback, model),
      registerHook: (name: unknown, callback: unknown) => this.#registerHook(name, callback),
      log: (level: LogLevel, category: string, message: string) =>
        this.#log({ level, category: `Worker.${category}`, message }),
      Disposable,
    };
  }

  #register(given: unknown, callback: unknown, model: ProgrammingModel | undefined): Disposable {
    const metadata = functionMetadataSchema.parse(given);
    const { name } = metadata;
    if (this.#locked)
      throw new Error(
        `Function "${name}" was registered too late: functions must register while the app starts.`,
      );
    if (this.#functions.has(name))
      throw new Error(`A function with id "${name}" has already been registered.`);
    if (!model) throw new Error(`Function "${name}" was registered before a programming model was set.`);
    this.#functions.set(name, { metadata, callback: functionCallbackSchema.parse(callback), model });
    return new Disposable(() => this.#functions.delete(name));
  }

  #registerHook(name: unknown, callback: unknown): Disposable {
    const hook = { name: hookNameSchema.parse(name), run: hookCallbackSchema.parse(callback) };
    this.#hooks.add(hook);
    return new Disposable(() => this.#hooks.delete(hook));
  }

  #hooksOf(name: HookName) {
    return [...this.#hooks].filter((hook) => hook.name === name);
  }
}

class Disposable {
  readonly #dispose: () => unknown;

  constructor(dispose: () => unknown) {
    this.#dispose = dispose;
  }

  dispose(): unknown {
    return this.#dispose();
  }
}
