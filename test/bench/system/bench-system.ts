import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TableClient } from '@azure/data-tables';
import * as z from 'zod';
import { buildFunctions } from '../../../infra/build.ts';
import { tableNames } from '../../../shared/azure/storage/names.ts';
import { Child } from './child.ts';
import { SimulatorClient } from './simulator-client.ts';
import { type BenchUser, formatLocalUsers, makeUsers } from './users.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const settingsSchema = z.object({ Values: z.record(z.string(), z.string()) });

const freePorts = Object.fromEntries(
  ['BLOB', 'QUEUE', 'TABLE', 'UCWA', 'UCWA_POOL', 'KEY_VAULT'].map((name) => [`PORT_${name}`, '0']),
);

/** The functions host in a process of its own. */
export interface Functions {
  readonly url: string;
  readonly child: Child;
}

/** The built app, and the services that it needs in processes of their own. */
export class BenchSystem {
  /** The folder with `dist`, `host.json` and `package.json`. */
  readonly appDirectory: string;
  /** The settings of the functions. */
  readonly environment: Readonly<Record<string, string>>;
  readonly simulator: SimulatorClient;
  readonly #services: Child;
  readonly #functions = new Set<Child>();
  readonly #users: readonly BenchUser[];
  #taken = 0;

  private constructor(
    appDirectory: string,
    services: Child,
    environment: Readonly<Record<string, string>>,
    users: readonly BenchUser[],
  ) {
    this.appDirectory = appDirectory;
    this.environment = environment;
    this.simulator = new SimulatorClient(environment['UCWA_DISCOVERY_URL'] ?? '');
    this.#services = services;
    this.#users = users;
  }

  /** Builds the app, and starts storage, the UCWA simulator and the vault for a number of users. */
  static async start(userCount: number): Promise<BenchSystem> {
    const directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-bench-'));
    await buildFunctions(join(directory, 'dist'));
    for (const file of ['host.json', 'package.json']) await cp(join(root, file), join(directory, file));
    const [usersFile, settingsFile] = [join(directory, 'users.json'), join(directory, 'settings.json')];
    const users = makeUsers(userCount);
    await writeFile(usersFile, formatLocalUsers(users));
    const services = new Child({
      entry: 'infra/local/start.ts',
      parameters: ['--services', '--settings', settingsFile],
      environment: { ...freePorts, LOCAL_USERS: usersFile },
    });
    await services.waitForOutput(/Services are running/);
    const { Values: values } = settingsSchema.parse(JSON.parse(await readFile(settingsFile, 'utf8')));
    return new BenchSystem(directory, services, values, users);
  }

  /** Returns users that no measurement has used so far. */
  takeUsers(count: number): readonly BenchUser[] {
    const users = this.#users.slice(this.#taken, this.#taken + count);
    if (users.length < count) throw new Error(`Only ${users.length} of ${count} users are left.`);
    this.#taken += count;
    return users;
  }

  /** Starts the built functions. They end with the system at the latest. */
  async startFunctions(
    settings: Readonly<Record<string, string>> = {},
    nodeOptions: readonly string[] = [],
  ): Promise<Functions> {
    const child = new Child({
      entry: 'infra/local/start-functions.ts',
      nodeOptions,
      environment: {
        ...this.environment,
        PORT_FUNCTIONS: '0',
        LOCAL_APP_DIRECTORY: this.appDirectory,
        ...settings,
      },
    });
    this.#functions.add(child);
    const [, url = ''] = await child.waitForOutput(/Functions: (http:\S+)/);
    return { url, child };
  }

  /** Starts the functions without those of the queue, as the instances that serve HTTP are, and ends them after the work. */
  async withHttpFunctions<T>(work: (functions: Functions) => Promise<T>): Promise<T> {
    const directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-bench-http-'));
    await cp(this.appDirectory, directory, { recursive: true });
    await rm(join(directory, 'dist', 'functions', 'bulk-process.js'));
    try {
      return await this.withFunctions(work, { LOCAL_APP_DIRECTORY: directory });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** Starts the functions for some work and ends them after it. */
  async withFunctions<T>(
    work: (functions: Functions) => Promise<T>,
    settings?: Readonly<Record<string, string>>,
  ): Promise<T> {
    const functions = await this.startFunctions(settings);
    try {
      return await work(functions);
    } finally {
      await functions.child.stop();
    }
  }

  /** Deletes all records of users and batches. */
  async emptyTables(): Promise<void> {
    const storage = this.environment['BulkStorage'] ?? '';
    for (const name of Object.values(tableNames)) {
      const table = TableClient.fromConnectionString(storage, name, { allowInsecureConnection: true });
      await table.deleteTable();
      await table.createTable();
    }
  }

  async stop(): Promise<void> {
    for (const child of this.#functions) await child.stop('SIGKILL');
    await this.#services.stop();
    await rm(this.appDirectory, { recursive: true, force: true });
  }
}
