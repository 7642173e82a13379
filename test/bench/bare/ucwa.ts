import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import fetch from 'node-fetch';
import type { Person } from '../world/people.ts';

const agent = new Agent({ keepAlive: true, scheduling: 'lifo', maxFreeSockets: 64 });

interface Ask {
  readonly method?: 'POST' | 'DELETE';
  readonly token?: string;
  readonly json?: object;
  readonly form?: URLSearchParams;
}

/** What discovery and the challenge tell of a domain. */
export interface Way {
  readonly userUrl: URL;
  readonly tokenUrl: URL;
}

/** The two requests that a domain takes once. */
export async function findWay(discoveryUrl: string): Promise<Way> {
  const root = await ask(new URL(discoveryUrl));
  const userUrl = linkIn(root, '_links', 'user');
  const { headers } = await fetch(userUrl.href, { agent });
  const [, href = ''] = /MsRtcOAuth href="([^"]+)"/.exec(headers.get('www-authenticate') ?? '') ?? [];
  return { userUrl, tokenUrl: new URL(href, userUrl) };
}

/** The eight requests for one user, one after the other, and nothing but these. */
export async function ring({ userUrl, tokenUrl }: Way, person: Person): Promise<void> {
  const { username, password, target } = person;
  const form = new URLSearchParams({ grant_type: 'password', username, password });
  const granted = await ask(tokenUrl, { method: 'POST', form });
  const token = textIn(granted.body, 'access_token');
  const user = await ask(userUrl, { token });
  const json = { culture: 'en-US', endpointId: randomUUID(), userAgent: 'bare' };
  const application = await ask(linkIn(user, '_links', 'applications'), { method: 'POST', token, json });
  const settingsUrl = linkIn(application, '_embedded', 'me', '_links', 'callForwardingSettings');
  const before = await ask(settingsUrl, { token });
  const ringUrl = linkIn(
    before,
    '_embedded',
    'simultaneousRingSettings',
    '_links',
    'simultaneousRingToContact',
  );
  await ask(ringUrl, { method: 'POST', token, json: { target: `tel:${target}` } });
  const after = await ask(settingsUrl, { token });
  await ask(linkIn(after, '_embedded', 'simultaneousRingSettings', '_links', 'contact'), { token });
  await ask(linkIn(application, '_links', 'self'), { method: 'DELETE', token });
}

interface Answer {
  readonly url: URL;
  readonly body: unknown;
}

async function ask(url: URL, { method, token, json, form }: Ask = {}): Promise<Answer> {
  const response = await fetch(url.href, {
    method: method ?? 'GET',
    agent,
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      'user-agent': 'bare',
      'x-correlation-id': 'bare',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }),
    },
    body: json === undefined ? (form?.toString() ?? null) : JSON.stringify(json),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}: ${text}`);
  return { url, body: text === '' ? undefined : JSON.parse(text) };
}

function linkIn({ url, body }: Answer, ...path: readonly string[]): URL {
  return new URL(textIn(body, ...path, 'href'), url);
}

function textIn(body: unknown, ...path: readonly string[]): string {
  let value = body;
  for (const name of path) value = propertyOf(value, name);
  if (typeof value !== 'string') throw new Error(`There is no ${path.join('.')}.`);
  return value;
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
