import type { FunctionApp, Registration } from './function-app.ts';
import type { CoreInvocationContext, HttpResponseData } from './programming-model.ts';

/**
 * The worker's part of an invocation: the function by way of its library's model, with the app's hooks around it, which
 * may change inputs, function, result and error. Answers the response of an HTTP function; rejects with what is thrown.
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
  const ending = await run.then(
    (result): Ending => ({ result, error: null }),
    (error: unknown): Ending => ({ result: null, error }),
  );
  const after = { ...scope, inputs: before.inputs, ...ending };
  await runHooks(app, 'postInvocation', after, core);
  // A function may also throw nothing, which the worker counts as a success.
  if (after.error !== null && after.error !== undefined) throw after.error;
  const response = await invocation.getResponse(context, after.result);
  return response.returnValue?.http;
}

interface Ending {
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
