import type { SecretStore } from './secret-store.ts';
import { type Answer, errorAnswer, secretBundle, secretDisabled, secretNotFound } from './vault-answers.ts';
import type { VaultRequest } from './vault-http.ts';

const secretPath = /^\/secrets\/(?<name>[0-9a-zA-Z-]{1,127})(?:\/(?<version>[0-9a-f]{32})?)?$/;

/**
 * Handles an authorised request as Key Vault's Get Secret does (https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret).
 * The functions use no other operation, so that the emulator has none. `url` is the vault's own URL, for the ids.
 */
export function handleSecretsRequest(store: SecretStore, url: string, request: VaultRequest): Answer {
  if (!request.query.has('api-version')) return badParameter('api-version must be specified');
  const { name, version } = secretPath.exec(request.path)?.groups ?? {};
  if (request.method !== 'GET' || name === undefined) {
    return badParameter(
      'This emulator only reads secrets, or the name is invalid: change them by PUT /control/secrets.',
    );
  }
  const found = store.find(name, version);
  if (!found) return secretNotFound(version === undefined ? name : `${name}/${version}`);
  return found.isEnabled ? { status: 200, body: secretBundle(url, found) } : secretDisabled();
}

/** Returns the name of the secret that a request reads; undefined for any other request. */
export function nameOfRead({ method, path }: VaultRequest): string | undefined {
  return method === 'GET' ? /^\/secrets\/([^/]+)(?:\/[^/]*)?$/.exec(path)?.[1] : undefined;
}

function badParameter(message: string): Answer {
  return errorAnswer(400, 'BadParameter', message);
}
