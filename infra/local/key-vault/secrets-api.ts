import * as z from 'zod';
import type { SecretStore } from './secret-store.ts';
import {
  type Answer,
  deletedBundle,
  errorAnswer,
  secretBundle,
  secretDeleted,
  secretDisabled,
  secretItem,
  secretNotFound,
} from './vault-answers.ts';
import type { VaultRequest } from './vault-http.ts';

const secretPath = /^\/secrets\/(?<name>[0-9a-zA-Z-]{1,127})(?:\/(?<version>[0-9a-f]{32})?)?$/;
const deletedPath = /^\/deletedsecrets\/(?<name>[0-9a-zA-Z-]{1,127})(?<recover>\/recover)?$/;

/** The most secrets in one page of the list, as in Key Vault. */
const pageSize = 25;

const setSchema = z.object({
  value: z.string(),
  contentType: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  attributes: z.object({ enabled: z.boolean().optional() }).optional(),
});

interface Call {
  readonly store: SecretStore;
  readonly url: string;
  readonly request: VaultRequest;
}

/**
 * Handles an authorised request as Key Vault does: get, set, list, delete and recover
 * (https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups). `url` is the vault's own URL, for the ids.
 */
export function handleSecretsRequest(store: SecretStore, url: string, request: VaultRequest): Answer {
  const { method, path, query } = request;
  if (!query.has('api-version')) return badParameter('api-version must be specified');
  const call = { store, url, request };
  if (method === 'GET' && /^\/secrets\/?$/.test(path)) return listSecrets(call);
  const deleted = deletedPath.exec(path)?.groups;
  if (deleted?.['name'] !== undefined) return handleDeleted(call, deleted['name']);
  const { name, version } = secretPath.exec(path)?.groups ?? {};
  if (name !== undefined && method === 'GET') return getSecret(call, name, version);
  if (name !== undefined && method === 'PUT') return setSecret(call, name);
  if (name !== undefined && method === 'DELETE') return deleteSecret(call, name);
  return badParameter('This emulator has no such operation, or the name is invalid.');
}

/** Returns the name of the secret that a request reads; undefined for any other request. */
export function nameOfRead({ method, path }: VaultRequest): string | undefined {
  return method === 'GET' ? /^\/secrets\/([^/]+)(?:\/[^/]*)?$/.exec(path)?.[1] : undefined;
}

/** Returns the name of the secret that a request is about, whatever it does; undefined for the list. */
export function nameInRequest({ path }: VaultRequest): string | undefined {
  return /^\/(?:deleted)?secrets\/([^/]+)(?:\/[^/]*)?$/.exec(path)?.[1];
}

function getSecret({ store, url }: Call, name: string, version: string | undefined): Answer {
  const found = store.find(name, version);
  if (!found) return secretNotFound(version === undefined ? name : `${name}/${version}`);
  return found.isEnabled ? { status: 200, body: secretBundle(url, found) } : secretDisabled();
}

function setSecret({ store, url, request }: Call, name: string): Answer {
  const body = setSchema.safeParse(request.body);
  if (!body.success) return badParameter('The property value is missing, or a property is not valid.');
  if (store.findDeleted(name) !== undefined) return secretDeleted(name);
  const { value, contentType, tags, attributes } = body.data;
  const added = store.set(name, value, { contentType, tags, enabled: attributes?.enabled });
  return { status: 200, body: secretBundle(url, added) };
}

function deleteSecret({ store, url }: Call, name: string): Answer {
  const deleted = store.softDelete(name);
  return deleted === undefined ? secretNotFound(name) : { status: 200, body: deletedBundle(url, deleted) };
}

function handleDeleted({ store, url, request }: Call, name: string): Answer {
  const recovers = request.path.endsWith('/recover');
  if (request.method !== (recovers ? 'POST' : 'GET')) return badParameter('There is no such operation.');
  const found = recovers ? store.recover(name) : store.findDeleted(name);
  if (found === undefined) return secretNotFound(name);
  return { status: 200, body: recovers ? secretItem(url, found) : deletedBundle(url, found) };
}

/** The rest begins after the name in `$skiptoken`, so that secrets which are added meanwhile shift no page. */
function listSecrets({ store, url, request }: Call): Answer {
  const size = Number(request.query.get('maxresults') ?? pageSize);
  if (!Number.isInteger(size) || size < 1 || size > pageSize) {
    return badParameter(`maxresults must be a number from 1 to ${pageSize}.`);
  }
  const after = request.query.get('$skiptoken') ?? '';
  const rest = store.list().filter(({ name }) => name.toLowerCase() > after);
  const page = rest.slice(0, size);
  const last = page.at(-1)?.name.toLowerCase();
  const next = new URL('/secrets', url);
  next.search = new URLSearchParams({
    'api-version': request.query.get('api-version') ?? '',
    $skiptoken: last ?? '',
    maxresults: String(size),
  }).toString();
  const nextLink = rest.length > page.length ? next.href : null;
  return { status: 200, body: { value: page.map((secret) => secretItem(url, secret)), nextLink } };
}

function badParameter(message: string): Answer {
  return errorAnswer(400, 'BadParameter', message);
}
