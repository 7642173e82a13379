import { readArguments } from './arguments.ts';
import { startFunctions } from './functions-process.ts';
import { readPorts } from './ports.ts';
import { printLog } from './print-log.ts';
import { runCommand, stopSignal } from './run-command.ts';

/** Runs only the functions, with the settings in the environment, until Ctrl-C. */
await runCommand(async () => {
  readArguments({}, 'npm run start:functions, with all settings in the environment');
  const stop = stopSignal();
  const host = await startFunctions({ ports: readPorts(process.env), log: printLog });
  console.log(`Functions: ${host.url}`);
  await host.stop({ reason: await stop });
  return 0;
});
