import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueueClient } from '@azure/storage-queue';
import { expect, inject } from 'vitest';
import { Agreement } from '../../../infra/local/demo/agreement.ts';
import type { LocalUser } from '../../../infra/local/local-users.ts';
import { freePorts } from '../../../infra/local/ports.ts';
import { LocalServices, type ServicesOptions } from '../../../infra/local/services.ts';
import type { CallForwardingState, Step } from '../../../infra/local/ucwa-simulator/simulator.ts';
import { responseErrors } from '../api/response-errors.ts';
import { FunctionsChild } from './functions-child.ts';
import { printedJson, ToldBatches, tellResponse } from './told-responses.ts';

/** A response of the functions; `body` is parsed JSON, or undefined for other content. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

/** The whole system: the services run in this process, the built functions in one of their own. */
export class System {
  readonly services: LocalServices;
  readonly functions: FunctionsChild;
  readonly #agreement: Agreement;
  readonly #told: ToldBatches;
  readonly #responses: string[] = [];
  readonly #directory: string;
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(
    services: LocalServices,
    functions: FunctionsChild,
    directory: string,
    environment: Readonly<Record<string, string>>,
  ) {
    this.#environment = environment;
    this.services = services;
    this.functions = functions;
    this.#directory = directory;
    this.#agreement = new Agreement(services.ucwa.states());
    this.#told = new ToldBatches(this.#agreement);
  }

  static async start(
    users: readonly LocalUser[],
    settings: Readonly<Record<string, string>> = {},
    options: Pick<ServicesOptions, 'storageByIdentity' | 'lockoutAfter' | 'entra' | 'pools'> = {},
  ): Promise<System> {
    const services = new LocalServices({ ports: freePorts, users, environment: {}, ...options });
    await services.start();
    const directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-system-'));
    const certificate = join(directory, 'vault.pem');
    await writeFile(certificate, services.certificate ?? '');
    const environment = {
      ...services.environment,
      NODE_EXTRA_CA_CERTS: certificate,
      LOCAL_APP_DIRECTORY: inject('appDirectory'),
      ...settings,
    };
    return new System(services, await FunctionsChild.start(environment), directory, environment);
  }

  /** Starts another instance of the functions on the same services. Stop it before the system. */
  async startInstance(settings: Readonly<Record<string, string>> = {}): Promise<FunctionsChild> {
    return await FunctionsChild.start({ ...this.#environment, ...settings });
  }

  async stop(): Promise<void> {
    await this.functions.stop();
    await this.services.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** The text of every response so far. */
  get responses(): string {
    return this.#responses.join('\n');
  }

  /** Sends a request, and expects a response that the description of the API has. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiResponse> {
    const content =
      body === undefined
        ? {}
        : {
            body: typeof body === 'string' ? body : JSON.stringify(body),
            headers: { 'content-type': 'application/json' },
          };
    const response = await fetch(new URL(path, this.functions.url), {
      method,
      ...content,
      headers: { ...content.headers, ...headers },
    });
    const text = await response.text();
    this.#responses.push(text);
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const parsed: unknown = isJson ? JSON.parse(text) : undefined;
    this.tell(parsed);
    const { status, headers: sent } = response;
    expect(responseErrors(method, path, { status, headers: sent, body: parsed }), text.slice(0, 500)).toEqual(
      [],
    );
    return { status, headers: sent, text, body: parsed };
  }

  /** Notes what the functions told in a response that did not come through {@link call}. */
  tell(body: unknown): void {
    tellResponse(this.#agreement, body);
  }

  /** Notes what the functions told in the output of a command: JSON texts, one after the other. */
  tellPrinted(output: string): void {
    for (const body of printedJson(output)) this.tell(body);
  }

  /** Changes a user's settings on the server, as the user may in another client. */
  choose(user: string, changes: Partial<CallForwardingState>): void {
    const { ucwa } = this.services;
    ucwa.setState(`sip:${user}`, changes);
    this.#agreement.noteChosen(`sip:${user}`, ucwa.state(`sip:${user}`));
  }

  /**
   * Expects that the server holds what the functions told of every user, in responses and in batches, and nothing else. By
   * default the batches are read from the first instance.
   */
  async expectAgreement(url: string = this.functions.url): Promise<void> {
    await this.#told.read(url);
    expect(this.#agreement.differences(this.services.ucwa.states())).toEqual([]);
  }

  ring(method: 'GET' | 'PUT' | 'DELETE', user: string, body?: unknown): Promise<ApiResponse> {
    return this.call(method, `/api/users/${user}/simultaneous-ring`, body);
  }

  queue(name: 'simring-bulk' | 'simring-bulk-poison' | 'simring-results'): QueueClient {
    return new QueueClient(this.services.storage.connectionString, name);
  }

  /** Counts the requests of a step that reached the simulator for a user. */
  count(step: Step, user: string): number {
    return this.services.ucwa.count(step, { user: `sip:${user}` });
  }
}

/** Returns a user for the simulator and the vault; `more` replaces properties. */
export function localUser(address: string, more: Partial<LocalUser> = {}): LocalUser {
  return {
    sip: `sip:${address}`,
    username: `CORP\\${address.split('@')[0]}`,
    password: `Pw-${address}-7f3a9c`,
    secret: true,
    ...more,
  };
}

export { eventually } from './eventually.ts';
