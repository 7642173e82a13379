import { setTimeout as delay } from 'node:timers/promises';
import { readInput } from './input.ts';
import { type Command, runCommand } from './run-command.ts';
import { parseSendArguments, type SendOptions, usage } from './send/arguments.ts';
import { HttpSender } from './send/http-sender.ts';
import { QueueSender } from './send/queue-sender.ts';
import { send } from './send/send.ts';
import type { Sender } from './send/sender.ts';
import { useSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

/** `npm run send -- FILE`: sends a file to the functions or to the queue, and waits for the outcomes. */
async function main({ argv, environment, terminal, signal }: Command): Promise<number> {
  const options = parseSendArguments(argv);
  if (options === 'help') {
    terminal.print(usage);
    return 0;
  }
  await useSettings(options.settings, environment);
  const sender = await connect(options, environment, signal);
  const sleep = (ms: number, abort: AbortSignal) => delay(ms, undefined, { signal: abort });
  const waiting = { terminal, sleep, nowMs: Date.now, signal };
  return await send(sender, options, waiting).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    throw new Error(
      'Interrupted. What was sent goes on; the same command follows it, and sends nothing twice.',
    );
  });
}

async function connect(
  { to }: SendOptions,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Sender> {
  if (to !== 'queue')
    return new HttpSender({ url: to.url, key: await keyOf(to.keyFile, environment), fetch, signal });
  // Reads the settings of the environment when it is imported.
  const { requireApp } = await import('../../shared/azure/instance.ts');
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

await runCommand(main);
