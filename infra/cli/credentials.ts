import { readCommand, usage } from './credentials/arguments.ts';
import { run } from './credentials/run.ts';
import { VaultFailure } from './credentials/vault.ts';
import { UsageError } from './usage-error.ts';

/** Brings credentials into the vault, and checks them: see `infra/cli/README.md`. Exits with 2 for wrong use. */
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.once(signal, () => process.exit(130));
    console.error('Interrupted: what is on its way is ended first. Ctrl-C again ends this at once.');
    stopping.abort();
  });
}

try {
  const command = readCommand(process.argv.slice(2));
  if (command === 'help') console.log(usage);
  else process.exitCode = await run(command, stopping.signal);
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1;
  if (error instanceof UsageError || error instanceof VaultFailure) console.error(error.message);
  // Only the name: the text of an unexpected error may repeat what was sent.
  else
    console.error(
      `An unexpected error ended the command: ${error instanceof Error ? error.name : 'unknown'}.`,
    );
}
