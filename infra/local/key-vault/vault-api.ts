import * as z from 'zod';
import type { SecretStore } from './secret-store.ts';
import {
  type Answer,
  deletedBundle,
  errorAnswer,
  nameIsDeleted,
  secretBundle,
  secretDisabled,
  secretItem,
  secretNotFound,
} from './vault-answers.ts';

/** A request to the vault, taken apart; `body` is whatever JSON came. */
export type VaultRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
};

type Call = {
  store: SecretStore;
  url: string;
  name: string;
  version: string;
  query: URLSearchParams;
  body: unknown;
};
type Route = readonly [method: string, path: RegExp, answer: (call: Call) => Answer];

const maxValueBytes = 25_600;
const maxPage = 25;

const propertiesSchema = z.object({
  contentType: z.string().optional(),
  attributes: z.object({ enabled: z.boolean().optional() }).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});
const setSchema = propertiesSchema.extend({ value: z.string() });

const routes: readonly Route[] = [
  ['GET', /^\/secrets\/?$/, listSecrets],
  ['PUT', /^\/secrets\/(?<name>[0-9a-zA-Z-]{1,127})\/?$/, setSecret],
  ['GET', /^\/secrets\/(?<name>[0-9a-zA-Z-]{1,127})\/versions\/?$/, listVersions],
  ['GET', /^\/secrets\/(?<name>[0-9a-zA-Z-]{1,127})(?:\/(?<version>[0-9a-f]{32})?)?$/, getSecret],
  ['PATCH', /^\/secrets\/(?<name>[0-9a-zA-Z-]{1,127})\/(?<version>[0-9a-f]{32})$/, updateSecret],
  ['DELETE', /^\/secrets\/(?<name>[0-9a-zA-Z-]{1,127})\/?$/, deleteSecret],
  ['GET', /^\/deletedsecrets\/(?<name>[0-9a-zA-Z-]{1,127})\/?$/, getDeleted],
  ['POST', /^\/deletedsecrets\/(?<name>[0-9a-zA-Z-]{1,127})\/recover$/, recoverDeleted],
  ['DELETE', /^\/deletedsecrets\/(?<name>[0-9a-zA-Z-]{1,127})\/?$/, purgeDeleted],
];

/**
 * The answer of Key Vault's secrets API to an authorised request
 * (https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups). `url` is the vault's own, for the ids.
 */
export function answerVault(store: SecretStore, url: string, request: VaultRequest): Answer {
  if (!request.query.has('api-version')) return badParameter('api-version must be specified');
  for (const [method, path, answer] of routes) {
    const match = method === request.method ? path.exec(request.path) : null;
    if (!match) continue;
    const { name = '', version = '' } = match.groups ?? {};
    return answer({ store, url, name, version, query: request.query, body: request.body });
  }
  return badParameter('The request URI or method is not one of the secrets API, or the name is invalid.');
}

/** The name of the secret that a path is about, if it is about one. */
export function secretNameOf(path: string): string | undefined {
  return /^\/(?:deleted)?secrets\/([^/]+)/.exec(path)?.[1];
}

/** True for a request that asks for the value of a secret. */
export function isRead({ method, path }: { method: string; path: string }): boolean {
  return method === 'GET' && /^\/secrets\/[^/]+(?:\/(?!versions)[^/]*)?$/.test(path);
}

function setSecret({ store, url, name, body }: Call): Answer {
  const parsed = setSchema.safeParse(body);
  if (!parsed.success) return badParameter(z.prettifyError(parsed.error));
  const { value, attributes, contentType, tags } = parsed.data;
  if (Buffer.byteLength(value) > maxValueBytes) return badParameter('The value is over 25600 bytes.');
  if (store.findDeleted(name)) return nameIsDeleted(name);
  const made = store.set(name, value, { enabled: attributes?.enabled, contentType, tags });
  return { status: 200, body: secretBundle(url, made) };
}

function getSecret({ store, url, name, version }: Call): Answer {
  const found = store.find(name, version === '' ? undefined : version);
  if (!found) return secretNotFound(version === '' ? name : `${name}/${version}`);
  return found.enabled ? { status: 200, body: secretBundle(url, found) } : secretDisabled();
}

function updateSecret({ store, url, name, version, body }: Call): Answer {
  const parsed = propertiesSchema.safeParse(body);
  if (!parsed.success) return badParameter(z.prettifyError(parsed.error));
  const { attributes, contentType, tags } = parsed.data;
  const changed = store.update(name, version, { enabled: attributes?.enabled, contentType, tags });
  if (!changed) return secretNotFound(`${name}/${version}`);
  const id = `${url}/secrets/${changed.name}/${changed.version}`;
  return { status: 200, body: secretItem(id, changed) };
}

function deleteSecret({ store, url, name }: Call): Answer {
  const deleted = store.delete(name);
  return deleted ? { status: 200, body: deletedBundle(url, deleted) } : secretNotFound(name);
}

function getDeleted({ store, url, name }: Call): Answer {
  const deleted = store.findDeleted(name);
  return deleted ? { status: 200, body: deletedBundle(url, deleted) } : secretNotFound(name);
}

function recoverDeleted({ store, url, name }: Call): Answer {
  const back = store.recover(name);
  return back ? { status: 200, body: secretItem(`${url}/secrets/${back.name}`, back) } : secretNotFound(name);
}

function purgeDeleted({ store, name }: Call): Answer {
  return store.purge(name) ? { status: 204 } : secretNotFound(name);
}

function listSecrets({ store, url, query }: Call): Answer {
  const items = store.latest().map((secret) => secretItem(`${url}/secrets/${secret.name}`, secret));
  return page(items, `${url}/secrets`, query);
}

function listVersions({ store, url, name, query }: Call): Answer {
  const versions = store.versions(name);
  if (versions.length === 0) return secretNotFound(name);
  const items = versions.map((one) => secretItem(`${url}/secrets/${one.name}/${one.version}`, one));
  return page(items, `${url}/secrets/${name}/versions`, query);
}

function page(items: readonly object[], url: string, query: URLSearchParams): Answer {
  const size = Number(query.get('maxresults') ?? maxPage);
  const start = Number(query.get('$skiptoken') ?? 0);
  if (!(Number.isInteger(size) && size >= 1 && size <= maxPage)) {
    return badParameter(`maxresults must be between 1 and ${maxPage}`);
  }
  if (!(Number.isInteger(start) && start >= 0)) return badParameter('The $skiptoken is not one of ours.');
  const next = new URLSearchParams(query);
  next.set('$skiptoken', String(start + size));
  const nextLink = start + size < items.length ? `${url}?${next}` : null;
  return { status: 200, body: { value: items.slice(start, start + size), nextLink } };
}

function badParameter(message: string): Answer {
  return errorAnswer(400, 'BadParameter', message);
}
