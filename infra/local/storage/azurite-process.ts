// Entry point of the storage process, which exits when its channel to the parent process closes.
import { optionsSchema, PortInUseError, type StorageReport } from './storage-messages.ts';

process.once('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group at once, but the functions still need storage to finish their work.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.once('message', async (message) => report(await start(message)));

async function start(message: unknown): Promise<StorageReport> {
  try {
    const { AzuriteServers } = await import('./azurite-servers.ts');
    return { kind: 'started', ports: await new AzuriteServers(optionsSchema.parse(message)).start() };
  } catch (error) {
    if (error instanceof PortInUseError) return { kind: 'port-in-use', port: error.port };
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

function report(report: StorageReport): void {
  process.send?.(report);
}
