import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PortBusyError, reportSchema, type StorageOptions, type StoragePorts } from './storage-messages.ts';

/** The services of Azurite in a process of their own, which ends with this one however this one ends. */
export class StorageProcess {
  readonly #options: StorageOptions;
  #child: ChildProcess | undefined;

  constructor(options: StorageOptions) {
    this.#options = options;
  }

  /** Tells the ports once all listen; rejects with a `PortBusyError` when one is taken. */
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

  /** Ends the process, and with it all that was stored. */
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
  // Both would change what runs there: other accounts, and options that are meant for this process.
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
  if (report.kind === 'busy') throw new PortBusyError(report.port);
  if (report.kind === 'failed') throw new Error(`The storage did not start: ${report.message}`);
  return report.ports;
}
