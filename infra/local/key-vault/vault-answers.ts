import { tenantId } from '../identity/tenant.ts';
import type { DeletedSecret, SecretVersion } from './secret-store.ts';

/** An HTTP answer with a JSON body. */
export type Answer = {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
};

/** The audience that tokens for Key Vault are asked for. */
export const vaultAudience = 'https://vault.azure.net';

const challenge = `Bearer authorization="https://login.microsoftonline.com/${tenantId}", resource="${vaultAudience}"`;
const retentionSeconds = 90 * 24 * 60 * 60;

/**
 * An error as Key Vault words it (https://learn.microsoft.com/azure/key-vault/general/rest-error-codes); some carry
 * a finer code inside.
 */
export function errorAnswer(status: number, code: string, message: string, innerCode?: string): Answer {
  const inner = innerCode === undefined ? {} : { innererror: { code: innerCode } };
  return { status, body: { error: { code, message, ...inner } } };
}

/** 401 with the challenge that tells a client where to get a token and for which audience. */
export function challengeAnswer(message: string): Answer {
  return { ...errorAnswer(401, 'Unauthorized', message), headers: { 'www-authenticate': challenge } };
}

/** 403 of an identity that holds no role on the vault. */
export function forbiddenByRbac(): Answer {
  const message =
    'Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role ' +
    'definitions were changed recently, please observe propagation time.\r\nAssignment: (not found)';
  return errorAnswer(403, 'Forbidden', message, 'ForbiddenByRbac');
}

/** 403 of a version that is disabled. */
export function secretDisabled(): Answer {
  return errorAnswer(
    403,
    'Forbidden',
    'Operation get is not allowed on a disabled secret.',
    'SecretDisabled',
  );
}

/** 404 of a secret, or a version of it, that is not there. */
export function secretNotFound(nameOrId: string): Answer {
  const message =
    `A secret with (name/id) ${nameOrId} was not found in this key vault. If you recently deleted this secret you ` +
    'may be able to recover it using the correct recovery command.';
  return errorAnswer(404, 'SecretNotFound', message);
}

/** 409 of a name that a deleted secret still holds. */
export function nameIsDeleted(name: string): Answer {
  const message = `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused.`;
  return errorAnswer(409, 'Conflict', message, 'ObjectIsDeletedButRecoverable');
}

/** The secret with its value, as a read and a write answer it. */
export function secretBundle(url: string, secret: SecretVersion): object {
  return { value: secret.value, ...describe(`${url}/secrets/${secret.name}/${secret.version}`, secret) };
}

/** A line of a list: everything but the value. */
export function secretItem(id: string, secret: SecretVersion): object {
  return describe(id, secret);
}

/** A deleted secret, with the address that brings it back. */
export function deletedBundle(url: string, deleted: DeletedSecret): object {
  const { latest, deletedOn } = deleted;
  return {
    recoveryId: `${url}/deletedsecrets/${latest.name}`,
    deletedDate: deletedOn,
    scheduledPurgeDate: deletedOn + retentionSeconds,
    ...describe(`${url}/secrets/${latest.name}/${latest.version}`, latest),
  };
}

function describe(id: string, secret: SecretVersion): object {
  return {
    id,
    ...(secret.contentType === undefined ? {} : { contentType: secret.contentType }),
    ...(secret.tags === undefined ? {} : { tags: secret.tags }),
    attributes: {
      enabled: secret.enabled,
      created: secret.createdOn,
      updated: secret.updatedOn,
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
    },
  };
}
