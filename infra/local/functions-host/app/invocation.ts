import { randomUUID } from 'node:crypto';
import { type HostClock, settlesWithin } from '../runtime/clock.ts';
import { describeError, type LogSink } from '../runtime/log.ts';
import type { FunctionApp } from './function-app.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { runFunction } from './function-run.ts';
import type { CoreInvocationContext, HttpResponseData, TypedData } from './programming-model.ts';
import { continueTrace } from './trace-context.ts';

/** What a trigger hands to a function. */
export interface InvocationInput {
  readonly data: TypedData;
  readonly triggerMetadata?: Record<string, TypedData>;
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
  /** Why the function runs, as the real host's log puts it. */
  readonly reason: string;
  /** A further line of the log, about what set the trigger off. */
  readonly details?: string;
}

/** How an invocation ended; `http` is there when an HTTP function gave an answer. */
export type InvocationOutcome =
  | { readonly succeeded: true; readonly http?: HttpResponseData | undefined }
  | { readonly succeeded: false; readonly error: unknown };

/** The reason of a call that no listener made: HTTP, the admin endpoint. */
export const calledByHost = 'This function was programmatically called via the host APIs.';

export type Invoke = (definition: FunctionDefinition, input: InvocationInput) => Promise<InvocationOutcome>;

/** Invokes functions as the real host and its Node worker do: hooks around the call, a time limit, the same log lines. */
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

  /** Never rejects: what the function or a hook throws, and a run over the limit, is a failed outcome. */
  async invoke(definition: FunctionDefinition, input: InvocationInput): Promise<InvocationOutcome> {
    const invocationId = randomUUID();
    const { name } = definition;
    const log = (level: 'information' | 'error', message: string) =>
      this.#log({ level, category: `Function.${name}`, message, invocationId, functionName: name });
    log('information', `Executing 'Functions.${name}' (Reason='${input.reason}', Id=${invocationId})`);
    if (input.details) log('information', input.details);
    const startedAt = this.#clock.now();
    const outcome = await this.#runWithinLimit(definition, input, invocationId);
    const durationMs = Math.round(this.#clock.now() - startedAt);
    const ended = (status: string) =>
      `Executed 'Functions.${name}' (${status}, Id=${invocationId}, Duration=${durationMs}ms)`;
    if (outcome.succeeded) log('information', ended('Succeeded'));
    else log('error', `${ended('Failed')} ${describeError(outcome.error)}`);
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
    // The real host ends the worker's process here. In our process the function runs on, but nobody listens to it.
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
