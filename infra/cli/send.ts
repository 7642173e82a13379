import { setTimeout as delay } from 'node:timers/promises';
import { type Command, runCommand } from './run-command.ts';
import { parseSendArguments, usage } from './send/arguments.ts';
import { connect } from './send/connect.ts';
import { send } from './send/send.ts';
import { useSettings } from './settings.ts';

/** `npm run send -- FILE`: sends a file to the functions or to the queue, and waits for the outcomes. */
async function main({ argv, environment, terminal, signal }: Command): Promise<number> {
  const options = parseSendArguments(argv);
  if (options === 'help') {
    terminal.print(usage);
    return 0;
  }
  await useSettings(options.settings, environment);
  const sender = await connect(options.to, environment, signal);
  const sleep = (ms: number, abort: AbortSignal) => delay(ms, undefined, { signal: abort });
  const waiting = { terminal, sleep, nowMs: Date.now, signal };
  return await send(sender, options, waiting).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    throw new Error(
      'Interrupted. What was sent goes on; the same command follows it, and sends nothing twice.',
    );
  });
}

await runCommand(main);
