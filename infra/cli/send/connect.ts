import { readInput } from '../input.ts';
import { UsageError } from '../usage-error.ts';
import type { SendOptions } from './arguments.ts';
import { HttpSender } from './http-sender.ts';
import { QueueSender } from './queue-sender.ts';
import type { Sender } from './sender.ts';

/** Returns what sends to the functions or to the queue. Throws {@link UsageError} where a key or a setting is wrong. */
export async function connect(
  to: SendOptions['to'],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Sender> {
  if (to !== 'queue') {
    const headers = await authorizationOf(to.keyFile, environment);
    return new HttpSender({ url: to.url, headers, fetch, signal });
  }
  // Reads the settings of the environment when it is imported.
  const { requireApp } = await import('../../../shared/azure/instance.ts');
  try {
    return new QueueSender((await requireApp()).deps);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `--queue needs the settings of the functions, such as those of --settings FILE. ${what}`,
    );
  }
}

/** A token, where there is one, or a key. Neither is needed on this machine. */
async function authorizationOf(
  keyFile: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Readonly<Record<string, string>>> {
  const token = wordOf('token of SIMRING_TOKEN', environment['SIMRING_TOKEN']);
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  const text =
    keyFile === undefined ? environment['SIMRING_KEY'] : new TextDecoder().decode(await readInput(keyFile));
  const key = wordOf('function key', text);
  return key === undefined ? {} : { 'x-functions-key': key };
}

function wordOf(what: string, text: string | undefined): string | undefined {
  const word = text?.trim() ?? '';
  if (/[^\x21-\x7e]/.test(word))
    throw new UsageError(`The ${what} has characters that none has: give it alone.`);
  return word === '' ? undefined : word;
}
