import { tenantId } from '../identity/tenant.ts';
import type { SecretVersion } from './secret-store.ts';

/** A response with a JSON body. */
export type Answer = {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
};

/** The audience of tokens for Key Vault. */
export const vaultAudience = 'https://vault.azure.net';

const challenge = `Bearer authorization="https://login.microsoftonline.com/${tenantId}", resource="${vaultAudience}"`;

/** Returns an error in Key Vault's form (https://learn.microsoft.com/azure/key-vault/general/rest-error-codes). */
export function errorAnswer(status: number, code: string, message: string, innerCode?: string): Answer {
  const inner = innerCode === undefined ? {} : { innererror: { code: innerCode } };
  return { status, body: { error: { code, message, ...inner } } };
}

/** Returns 401 with the challenge that names the authority and the audience of a token. */
export function challengeAnswer(message: string): Answer {
  return { ...errorAnswer(401, 'Unauthorized', message), headers: { 'www-authenticate': challenge } };
}

/** Returns the 403 for an identity without a role on the vault. */
export function forbiddenByRbac(): Answer {
  const message =
    'Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role ' +
    'definitions were changed recently, please observe propagation time.\r\nAssignment: (not found)';
  return errorAnswer(403, 'Forbidden', message, 'ForbiddenByRbac');
}

/** Returns the 403 for a disabled version. */
export function secretDisabled(): Answer {
  return errorAnswer(
    403,
    'Forbidden',
    'Operation get is not allowed on a disabled secret.',
    'SecretDisabled',
  );
}

/** Returns the 404 for a missing secret or version. */
export function secretNotFound(nameOrId: string): Answer {
  const message =
    `A secret with (name/id) ${nameOrId} was not found in this key vault. If you recently deleted this secret you ` +
    'may be able to recover it using the correct recovery command.';
  return errorAnswer(404, 'SecretNotFound', message);
}

/** Returns the 409 for a name whose secret was deleted and can still be recovered. */
export function secretDeleted(name: string): Answer {
  const message =
    `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the ` +
    'secret can only be recovered or purged.';
  return errorAnswer(409, 'Conflict', message, 'ObjectIsDeletedButRecoverable');
}

/** Returns the JSON of a secret with its value. */
export function secretBundle(url: string, secret: SecretVersion): object {
  return {
    value: secret.value,
    ...secretProperties(secret),
    id: `${url}/secrets/${secret.name}/${secret.version}`,
  };
}

/** Returns the JSON of a secret in a list: without its value, and with an id that names no version. */
export function secretItem(url: string, secret: SecretVersion): object {
  return { ...secretProperties(secret), id: `${url}/secrets/${secret.name}` };
}

/** Returns the JSON of a secret that was deleted and can be recovered. */
export function deletedBundle(url: string, secret: SecretVersion): object {
  return { ...secretBundle(url, secret), recoveryId: `${url}/deletedsecrets/${secret.name}` };
}

function secretProperties(secret: SecretVersion): object {
  return {
    ...(secret.contentType === undefined ? {} : { contentType: secret.contentType }),
    attributes: {
      enabled: secret.isEnabled,
      created: secret.createdOn,
      updated: secret.updatedOn,
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
    },
    ...(secret.tags === undefined ? {} : { tags: secret.tags }),
  };
}
