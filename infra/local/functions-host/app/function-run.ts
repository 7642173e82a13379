import type { FunctionApp, Registration } from './function-app.ts';
import type { CoreInvocationContext, HttpResponseData } from './programming-model.ts';

/**
 * Runs a function as the Node worker does: through the programming model of its library and between the app's hooks, which may
 * change inputs, function, result and error. Resolves with the response of an HTTP function; rejects with the error of the
 * function or of a hook.
 */
export async function runFunction(
  app: FunctionApp,
  { model, callback }: Registration,
  core: CoreInvocationContext,
): Promise<HttpResponseData | undefined> {
  const invocation = await model.getInvocationModel(core);
  const { context, inputs } = await invocation.getArguments();
  const scope = { hookData: {}, appHookData: app.appHookData, invocationContext: context };
  const before = { ...scope, inputs, functionCallback: callback };
  await runHooks(app, 'preInvocation', before, core);
  core.state = 'invocation';
  const run = invocation.invokeFunction(context, before.inputs, before.functionCallback);
  const result = await run.then(
    (value): RunResult => ({ result: value, error: null }),
    (error: unknown): RunResult => ({ result: null, error }),
  );
  const after = { ...scope, inputs: before.inputs, ...result };
  await runHooks(app, 'postInvocation', after, core);
  // The worker counts a function that throws undefined or null as successful.
  if (after.error !== null && after.error !== undefined) throw after.error;
  const response = await invocation.getResponse(context, after.result);
  return response.returnValue?.http;
}

interface RunResult {
  readonly result: unknown;
  readonly error: unknown;
}

async function runHooks(
  app: FunctionApp,
  name: 'preInvocation' | 'postInvocation',
  context: object,
  core: CoreInvocationContext,
): Promise<void> {
  if (app.hasHooks(name)) {
    core.state = `${name}Hooks`;
    await app.runHooks(name, context);
  }
  core.state = undefined;
}
