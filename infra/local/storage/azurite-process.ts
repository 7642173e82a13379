// The entry of the storage process: it lives as long as its channel to the process that started it.
import { optionsSchema, PortBusyError, type StorageReport } from './storage-messages.ts';

process.once('disconnect', () => process.exit(0));
// A Ctrl-C reaches the whole group at once, but those who use the storage still have to finish their work with it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.once('message', (message) => void begin(message));

async function begin(message: unknown): Promise<void> {
  report(await start(message));
}

async function start(message: unknown): Promise<StorageReport> {
  try {
    const { AzuriteServers } = await import('./azurite-servers.ts');
    return { kind: 'started', ports: await new AzuriteServers(optionsSchema.parse(message)).start() };
  } catch (error) {
    if (error instanceof PortBusyError) return { kind: 'busy', port: error.port };
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

function report(report: StorageReport): void {
  process.send?.(report);
}
