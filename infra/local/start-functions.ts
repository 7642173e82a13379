import { readArguments } from './arguments.ts';
import { startFunctions } from './functions-process.ts';
import { readPorts } from './ports.ts';
import { printLog } from './print-log.ts';
import { run, stopSign } from './run.ts';

/** The functions alone, against whatever the environment names. */
await run(async () => {
  readArguments({}, 'npm run start:functions, with all settings in the environment');
  const stop = stopSign();
  const host = await startFunctions({ ports: readPorts(process.env), log: printLog });
  console.log(`Functions: ${host.url}`);
  await host.stop({ reason: await stop });
  return 0;
});
