import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import type { FunctionDefinition } from '../app/function-definition.ts';
import { readBody } from './http-request.ts';

const bodySchema = z.object({ input: z.string().nullish() });

/**
 * The real host's `POST /admin/functions/{name}`, which runs a function that has no HTTP trigger, with the text of a
 * message as `{"input": "…"}` (https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http). It
 * answers 202 at once, 400 without a JSON body, and undefined for what is not there.
 */
export async function runFromAdmin(
  request: IncomingMessage,
  path: string,
  functions: readonly FunctionDefinition[],
  run: (definition: FunctionDefinition, input: string) => void,
): Promise<number | undefined> {
  const name = /^\/admin\/functions\/([^/]+)\/?$/i.exec(path)?.[1]?.toLowerCase();
  const definition = functions.find((candidate) => candidate.name.toLowerCase() === name);
  if (request.method !== 'POST' || !definition || definition.trigger === 'http') return undefined;
  const body = parseBody(await readBody(request));
  if (!body) return 400;
  run(definition, body.input ?? '');
  return 202;
}

function parseBody(bytes: Uint8Array | undefined): z.infer<typeof bodySchema> | undefined {
  try {
    return bodySchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}
