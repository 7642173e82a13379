import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PortInUseError, reportSchema, type StorageOptions, type StoragePorts } from './storage-messages.ts';

/** The services of Azurite in a process of their own, which ends with this one even if this one is killed. */
export class StorageProcess {
  readonly #options: StorageOptions;
  #child: ChildProcess | undefined;

  constructor(options: StorageOptions) {
    this.#options = options;
  }

  /** Resolves with the ports once all services listen. Rejects with a `PortInUseError` when one is in use. */
  async start(): Promise<StoragePorts> {
    const child = launch();
    this.#child = child;
    try {
      return await waitForPorts(child, this.#options);
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      child.unref();
      child.channel?.unref();
    }
  }

  /** Ends the process and discards its data. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const exited = once(child, 'exit');
    if (child.connected) child.disconnect();
    await exited;
  }
}

function launch(): ChildProcess {
  // Not inherited: AZURITE_ACCOUNTS would change the account, and NODE_OPTIONS are meant for this process.
  const { AZURITE_ACCOUNTS: _accounts, NODE_OPTIONS: _options, ...environment } = process.env;
  return spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'azurite-process.ts')], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: environment,
  });
}

async function waitForPorts(child: ChildProcess, options: StorageOptions): Promise<StoragePorts> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  child.once('message', resolve);
  child.on('error', reject);
  child.once('exit', () => reject(new Error('The storage process ended before it listened.')));
  child.send(options);
  const report = reportSchema.parse(await promise);
  if (report.kind === 'port-in-use') throw new PortInUseError(report.port);
  if (report.kind === 'failed') throw new Error(`Local storage did not start: ${report.message}`);
  return report.ports;
}
