import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TableClient } from '@azure/data-tables';
import * as z from 'zod';
import { buildFunctions } from '../../../infra/build.ts';
import { tableNames } from '../../../shared/azure/storage/names.ts';
import { Child } from './child.ts';
import { localUsersOf, makePeople, type Person } from './people.ts';
import { Simulator } from './simulator.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const settingsForm = z.object({ Values: z.record(z.string(), z.string()) });

const freePorts = Object.fromEntries(
  ['BLOB', 'QUEUE', 'TABLE', 'UCWA', 'UCWA_POOL', 'KEY_VAULT'].map((name) => [`PORT_${name}`, '0']),
);

/** The functions in a process of their own. */
export interface Functions {
  readonly url: string;
  readonly child: Child;
}

/** All that the functions need, in processes of their own, and the built app. */
export class World {
  /** Holds `dist` and what is deployed beside it. */
  readonly appDirectory: string;
  /** What the functions are told. */
  readonly environment: Readonly<Record<string, string>>;
  readonly simulator: Simulator;
  readonly #services: Child;
  readonly #functions = new Set<Child>();
  readonly #people: readonly Person[];
  #taken = 0;

  private constructor(
    appDirectory: string,
    services: Child,
    environment: Readonly<Record<string, string>>,
    people: readonly Person[],
  ) {
    this.appDirectory = appDirectory;
    this.environment = environment;
    this.simulator = new Simulator(environment['UCWA_DISCOVERY_URL'] ?? '');
    this.#services = services;
    this.#people = people;
  }

  /** Builds the app, and starts storage, UCWA and the vault for a number of people. */
  static async start(people: number): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-bench-'));
    await buildFunctions(join(directory, 'dist'));
    for (const file of ['host.json', 'package.json']) await cp(join(root, file), join(directory, file));
    const [users, settings] = [join(directory, 'users.json'), join(directory, 'settings.json')];
    const everyone = makePeople(people);
    await writeFile(users, localUsersOf(everyone));
    const services = new Child({
      entry: 'infra/local/start.ts',
      parameters: ['--services', '--settings', settings],
      environment: { ...freePorts, LOCAL_USERS: users },
    });
    await services.prints(/Services are running/);
    const { Values: values } = settingsForm.parse(JSON.parse(await readFile(settings, 'utf8')));
    return new World(directory, services, values, everyone);
  }

  /** People whom nobody has rung so far. */
  takePeople(count: number): readonly Person[] {
    const people = this.#people.slice(this.#taken, this.#taken + count);
    if (people.length < count) throw new Error(`There are ${people.length} people left, not ${count}.`);
    this.#taken += count;
    return people;
  }

  /** Starts the built functions; those that still run when the world stops are ended with it. */
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
    const [, url = ''] = await child.prints(/Functions: (http:\S+)/);
    return { url, child };
  }

  /** Does work with functions of its own, which are ended after it. */
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

  /** Forgets all people and batches. */
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
