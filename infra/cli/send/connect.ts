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
    return new HttpSender({ url: to.url, key: await keyOf(to.keyFile, environment), fetch, signal });
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

async function keyOf(file: string | undefined, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const text =
    file === undefined ? environment['SIMRING_KEY'] : new TextDecoder().decode(await readInput(file));
  const key = text?.trim() ?? '';
  if (/[^\x21-\x7e]/.test(key))
    throw new UsageError('The function key has characters that no key has: give the key alone.');
  return key === '' ? undefined : key;
}
