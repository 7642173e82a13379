import { onTestFinished } from 'vitest';
import * as z from 'zod';
import {
  type SimulatedUser,
  type SimulatorOptions,
  UcwaSimulator,
} from '../../../../infra/local/ucwa-simulator/simulator.ts';

/** A resource as a client parses it. */
const resourceSchema = z.looseObject({
  rel: z.string(),
  _links: z.record(z.string(), z.looseObject({ href: z.string() })),
  get _embedded() {
    return z.record(z.string(), resourceSchema).optional();
  },
});
export type Resource = z.infer<typeof resourceSchema>;

export const tokenSchema = z.object({ access_token: z.string(), expires_in: z.number() });
const errorSchema = z.object({
  code: z.string(),
  subcode: z.string().optional(),
  parameters: z.array(z.object({ name: z.string(), reason: z.string() })).optional(),
});

export const alice: SimulatedUser = {
  sip: 'sip:alice@contoso.com',
  username: 'CONTOSO\\alice',
  password: 'correct horse',
};
export const bob: SimulatedUser = {
  sip: 'sip:bob@contoso.com',
  username: 'CONTOSO\\bob',
  password: 'battery staple',
};
export const jsonType = { 'content-type': 'application/json' };

/** Starts a simulator with Alice and Bob on free ports. It stops when the test ends. */
export async function simulate(options: Partial<SimulatorOptions> = {}): Promise<UcwaSimulator> {
  const simulator = new UcwaSimulator({ users: [alice, bob], ...options });
  await simulator.start();
  onTestFinished(() => simulator.stop());
  return simulator;
}

export async function readResource(response: Response): Promise<Resource> {
  const text = await response.text();
  return resourceSchema.parse(JSON.parse(text));
}

export async function readError(response: Response): Promise<z.infer<typeof errorSchema>> {
  return errorSchema.parse(await response.json());
}

/** Requests a token from a pool. */
export function requestToken(
  simulator: UcwaSimulator,
  user: Pick<SimulatedUser, 'username' | 'password'>,
  pool?: string,
): Promise<Response> {
  const { username, password } = user;
  const body = new URLSearchParams({ grant_type: 'password', username, password });
  return fetch(`${simulator.poolUrl(pool)}/WebTicket/oauthtoken`, { method: 'POST', body });
}

export async function tokenFor(
  simulator: UcwaSimulator,
  user: Pick<SimulatedUser, 'username' | 'password'> = alice,
  pool?: string,
): Promise<string> {
  const response = await requestToken(simulator, user, pool);
  return tokenSchema.parse(await response.json()).access_token;
}

/** Returns a link's URL; a leading double slash means a path of the same origin. */
export function linkOf(resource: Resource | undefined, rel: string, origin: string): string {
  const href = resource?._links[rel]?.href;
  if (href === undefined) throw new Error(`The resource has no link ${rel}.`);
  return href.startsWith('/') ? origin + href : href;
}

export function embedded(resource: Resource, name: string): Resource {
  const found = resource._embedded?.[name];
  if (!found) throw new Error(`The resource does not embed ${name}.`);
  return found;
}

/** A user signed in to the home pool, with an application. */
export class SignedInClient {
  readonly origin: string;
  readonly authorization: string;
  readonly application: Resource;

  constructor(origin: string, authorization: string, application: Resource) {
    this.origin = origin;
    this.authorization = authorization;
    this.application = application;
  }

  send(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('authorization', this.authorization);
    return fetch(url, { ...init, headers });
  }

  get settingsUrl(): string {
    return linkOf(embedded(this.application, 'me'), 'callForwardingSettings', this.origin);
  }

  async settings(): Promise<Resource> {
    return readResource(await this.send(this.settingsUrl));
  }

  /** Returns the URL of an operation, or of the contact, of one resource of the settings. */
  async urlIn(name: string, rel: string): Promise<string> {
    return linkOf(embedded(await this.settings(), name), rel, this.origin);
  }

  /** Sends a POST with or without a JSON body. */
  post(url: string, body?: object): Promise<Response> {
    if (body === undefined) return this.send(url, { method: 'POST' });
    return this.send(url, { method: 'POST', headers: jsonType, body: JSON.stringify(body) });
  }

  async ring(target: string): Promise<Response> {
    const url = await this.urlIn('simultaneousRingSettings', 'simultaneousRingToContact');
    return this.post(url, { target });
  }

  async turnOff(): Promise<Response> {
    return this.post(linkOf(await this.settings(), 'turnOffCallForwarding', this.origin));
  }

  async contact(name = 'simultaneousRingSettings'): Promise<Response> {
    return this.send(await this.urlIn(name, 'contact'));
  }
}

export function requestApplication(
  simulator: UcwaSimulator,
  token: string,
  fields: object = {},
  pool?: string,
): Promise<Response> {
  const body = { culture: 'en-US', endpointId: 'first', userAgent: 'Test/1', ...fields };
  return fetch(`${simulator.poolUrl(pool)}/ucwa/oauth/v1/applications`, {
    method: 'POST',
    headers: { ...jsonType, authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
}

/** Signs in and requests an application. */
export async function signIn(simulator: UcwaSimulator, user = alice): Promise<SignedInClient> {
  const token = await tokenFor(simulator, user, user.pool);
  const response = await requestApplication(simulator, token, {}, user.pool);
  return new SignedInClient(simulator.poolUrl(user.pool), `Bearer ${token}`, await readResource(response));
}
