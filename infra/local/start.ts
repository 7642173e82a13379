import { readArguments } from './arguments.ts';
import { adoptEnvironment, startFunctions } from './functions-process.ts';
import { readLocalUsers } from './local-users.ts';
import { readPorts } from './ports.ts';
import { printLog } from './print-log.ts';
import { runCommand, stopSignal } from './run-command.ts';
import { LocalServices } from './services.ts';
import { writeSettingsFile } from './settings-file.ts';
import { describeStarted } from './started-message.ts';

/** Runs the whole system on this machine, on fixed ports, until Ctrl-C. */
await runCommand(async () => {
  const {
    services: servicesOnly,
    settings,
    entra: withEntra,
  } = readArguments(
    {
      services: { type: 'boolean', default: false },
      settings: { type: 'string' },
      entra: { type: 'boolean', default: false },
    },
    'npm start -- [--entra] [--services] [--settings FILE]',
  );
  const ports = readPorts(process.env);
  const users = readLocalUsers(process.env['LOCAL_USERS']);
  const stop = stopSignal();
  const services = new LocalServices({
    ports,
    users,
    environment: process.env,
    ...(withEntra ? { entra: true } : {}),
  });
  await services.start();
  const removeSettings =
    settings === undefined
      ? undefined
      : await writeSettingsFile(settings, services.environment, services.certificate);
  const entra = withEntra ? { entra: services.entra.url } : {};
  try {
    if (servicesOnly) {
      console.log(
        describeStarted({ environment: services.environment, users, url: undefined, settings, ...entra }),
      );
      await stop;
    } else {
      adoptEnvironment(services.environment, services.certificate);
      const host = await startFunctions({ ports, log: printLog });
      console.log(
        describeStarted({ environment: services.environment, users, url: host.url, settings, ...entra }),
      );
      await host.stop({ reason: await stop });
    }
  } finally {
    await removeSettings?.();
    await services.stop();
  }
  return 0;
});
