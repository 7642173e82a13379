import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import fetch from 'node-fetch';
import type { BenchUser } from '../system/users.ts';

const agent = new Agent({ keepAlive: true, scheduling: 'lifo', maxFreeSockets: 64 });

interface RequestOptions {
  readonly method?: 'POST' | 'DELETE';
  readonly token?: string;
  readonly json?: object;
  readonly form?: URLSearchParams;
}

/** The URLs from discovery and the challenge of a domain. */
export interface Route {
  readonly userUrl: URL;
  readonly tokenUrl: URL;
}

/** Sends the two requests that are needed once for a domain. */
export async function discoverRoute(discoveryUrl: string): Promise<Route> {
  const root = await send(new URL(discoveryUrl));
  const userUrl = linkIn(root, '_links', 'user');
  const { headers } = await fetch(userUrl.href, { agent });
  const [, href = ''] = /MsRtcOAuth href="([^"]+)"/.exec(headers.get('www-authenticate') ?? '') ?? [];
  return { userUrl, tokenUrl: new URL(href, userUrl) };
}

/** Sends the eight requests for one user, one after the other. */
export async function setRing({ userUrl, tokenUrl }: Route, user: BenchUser): Promise<void> {
  const { username, password, target } = user;
  const form = new URLSearchParams({ grant_type: 'password', username, password });
  const granted = await send(tokenUrl, { method: 'POST', form });
  const token = textIn(granted.body, 'access_token');
  const userResource = await send(userUrl, { token });
  const json = { culture: 'en-US', endpointId: randomUUID(), userAgent: 'bare' };
  const application = await send(linkIn(userResource, '_links', 'applications'), {
    method: 'POST',
    token,
    json,
  });
  const settingsUrl = linkIn(application, '_embedded', 'me', '_links', 'callForwardingSettings');
  const before = await send(settingsUrl, { token });
  const ringUrl = linkIn(
    before,
    '_embedded',
    'simultaneousRingSettings',
    '_links',
    'simultaneousRingToContact',
  );
  await send(ringUrl, { method: 'POST', token, json: { target: `tel:${target}` } });
  const after = await send(settingsUrl, { token });
  await send(linkIn(after, '_embedded', 'simultaneousRingSettings', '_links', 'contact'), { token });
  await send(linkIn(application, '_links', 'self'), { method: 'DELETE', token });
}

interface Resource {
  readonly url: URL;
  readonly body: unknown;
}

async function send(url: URL, { method, token, json, form }: RequestOptions = {}): Promise<Resource> {
  const response = await fetch(url.href, {
    method: method ?? 'GET',
    agent,
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'bare',
      'x-correlation-id': 'bare',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }),
    },
    body: json === undefined ? (form?.toString() ?? null) : JSON.stringify(json),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url.pathname} returned ${response.status}: ${text}`);
  return { url, body: text === '' ? undefined : JSON.parse(text) };
}

function linkIn({ url, body }: Resource, ...path: readonly string[]): URL {
  return new URL(textIn(body, ...path, 'href'), url);
}

function textIn(body: unknown, ...path: readonly string[]): string {
  let value = body;
  for (const name of path) value = propertyOf(value, name);
  if (typeof value !== 'string') throw new Error(`${path.join('.')} is missing.`);
  return value;
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
