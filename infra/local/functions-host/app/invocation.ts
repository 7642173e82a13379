import { randomUUID } from 'node:crypto';
import { type HostClock, settlesWithin } from '../runtime/clock.ts';
import { describeError, type LogSink } from '../runtime/log.ts';
import type { FunctionApp } from './function-app.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { runFunction } from './function-run.ts';
import type { CoreInvocationContext, HttpResponseData, TypedData } from './programming-model.ts';
import { continueTrace } from './trace-context.ts';

/** The input that a trigger passes to a function. */
export interface InvocationInput {
  readonly data: TypedData;
  readonly triggerMetadata?: Record<string, TypedData>;
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
  /** Why the function runs, in the words of the real host's log. */
  readonly reason: string;
  /** A second log line, with details of the trigger. */
  readonly details?: string;
}

/** The result of an invocation; `http` is set when an HTTP function returned a response. */
export type InvocationOutcome =
  | { readonly succeeded: true; readonly http?: HttpResponseData | undefined }
  | { readonly succeeded: false; readonly error: unknown };

/** The reason of calls over HTTP, those to the admin endpoint included. */
export const calledByHost = 'This function was programmatically called via the host APIs.';

export type Invoke = (definition: FunctionDefinition, input: InvocationInput) => Promise<InvocationOutcome>;

/** Invokes functions as the real host and its Node worker do, with hooks, a time limit and the same log lines. */
export class Invoker {
  readonly #app: FunctionApp;
  readonly #timeoutMs: number;
  readonly #clock: HostClock;
  readonly #log: LogSink;

  constructor(options: { app: FunctionApp; timeoutMs: number; clock: HostClock; log: LogSink }) {
    this.#app = options.app;
    this.#timeoutMs = options.timeoutMs;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Never rejects: an error of the function or of a hook, and a run over the time limit, is a failed outcome. */
  async invoke(definition: FunctionDefinition, input: InvocationInput): Promise<InvocationOutcome> {
    const invocationId = randomUUID();
    const { name } = definition;
    const log = (level: 'information' | 'error', message: string) =>
      this.#log({ level, category: `Function.${name}`, message, invocationId, functionName: name });
    log('information', `Executing 'Functions.${name}' (Reason='${input.reason}', Id=${invocationId})`);
    if (input.details) log('information', input.details);
    const startedAt = this.#clock.nowMs();
    const outcome = await this.#runWithinLimit(definition, input, invocationId);
    const durationMs = Math.round(this.#clock.nowMs() - startedAt);
    const executed = (status: string) =>
      `Executed 'Functions.${name}' (${status}, Id=${invocationId}, Duration=${durationMs}ms)`;
    if (outcome.succeeded) log('information', executed('Succeeded'));
    else log('error', `${executed('Failed')} ${describeError(outcome.error)}`);
    return outcome;
  }

  async #runWithinLimit(
    definition: FunctionDefinition,
    input: InvocationInput,
    invocationId: string,
  ): Promise<InvocationOutcome> {
    const core = this.#createCoreContext(definition, input, invocationId);
    const run = runFunction(this.#app, definition.registration, core).then(
      (http): InvocationOutcome => ({ succeeded: true, http }),
      (error: unknown): InvocationOutcome => ({ succeeded: false, error }),
    );
    if (await settlesWithin(run, this.#timeoutMs, this.#clock)) return run;
    // The real host ends the worker process here. In this process the function goes on, but its result is ignored.
    const limit = `Timeout value of ${this.#timeoutMs} ms was exceeded by function: Functions.${definition.name}`;
    return { succeeded: false, error: new Error(limit) };
  }

  #createCoreContext(
    { name, bindingName, registration }: FunctionDefinition,
    input: InvocationInput,
    invocationId: string,
  ): CoreInvocationContext {
    return {
      invocationId,
      metadata: registration.metadata,
      request: {
        invocationId,
        inputData: [{ name: bindingName, data: input.data }],
        triggerMetadata: input.triggerMetadata ?? {},
        traceContext: continueTrace(input.traceParent, input.traceState),
      },
      log: (level, category, message) =>
        this.#log({
          ...this.#app.runLogHooks(category, level, message),
          category: category === 'user' ? `Function.${name}.User` : `Function.${name}`,
          invocationId,
          functionName: name,
        }),
    };
  }
}
