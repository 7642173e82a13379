import {
  CredentialInvalidError,
  CredentialMissingError,
  VaultRefusedError,
  VaultUnavailableError,
} from '../ring/ports/credential-store.ts';
import { shownSeconds } from '../runtime/shown-seconds.ts';
import { IdentityError } from './identity-error.ts';
import { type RestFailure, restFailure } from './rest-failure.ts';
import { secretForm } from './secret-value.ts';

/** A refusal of the vault: how it is recognised, what happened, and what to do. */
type Refusal = readonly [is: (failure: RestFailure) => boolean, happened: string, remedy: string];

const coded =
  (...codes: readonly string[]) =>
  ({ code }: RestFailure): boolean =>
    codes.includes(code);

/**
 * What a vault refuses, the first row that matches: the network, the tenant, the identity's rights.
 * https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
 */
const refusals: readonly Refusal[] = [
  [
    coded('ForbiddenByFirewall'),
    "does not accept requests from this app's network",
    "Allow the app's subnet in the vault's network rules (networkAcls), or reach the vault through a private endpoint. No role is missing.",
  ],
  [
    coded('ForbiddenByConnection'),
    'accepts requests through its private endpoint only, and this one came another way',
    "Let the app's network resolve the vault's name to the private endpoint (DNS zone privatelink.vaultcore.azure.net), or allow public access. No role is missing.",
  ],
  [
    ({ status, message }) => status === 401 && /AKV10032|invalid issuer/i.test(message),
    "belongs to another Entra tenant than this app's identity",
    "Name a vault of the identity's own tenant in KEY_VAULT_URL, or give the app an identity of the vault's tenant.",
  ],
  [
    ({ status }) => status === 401,
    "does not accept the token of this app's identity",
    "Check that KEY_VAULT_URL names a vault of the identity's own Entra tenant and cloud.",
  ],
  [
    coded('AccessDenied'),
    "does not let this app's identity read secrets",
    "Add an access policy to the vault that gives this app's identity the secret permission Get. Where the vault is to have roles instead, switch it to them and give the identity the role Key Vault Secrets User.",
  ],
  [
    ({ status }) => status === 403,
    "does not let this app's identity read secrets",
    "Give this app's identity the role Key Vault Secrets User on the vault, or the secret permission Get where the vault has access policies instead of roles; a new role takes some minutes.",
  ],
  [
    coded('ENOTFOUND'),
    'does not exist, or its name cannot be resolved',
    "Check the vault's name in KEY_VAULT_URL, and the DNS of the app's network.",
  ],
  [
    ({ message }) => message.startsWith('The challenge resource'),
    'is not addressed by its own name',
    'Set KEY_VAULT_URL to the URL that the Azure portal shows for the vault.',
  ],
];

const lastingSilence = "If this lasts, check the app's network and DNS on the way to the vault (port 443).";

/** What may pass by itself, and what to do if it does not. */
const lasting: readonly (readonly [is: (failure: RestFailure) => boolean, remedy: string])[] = [
  [
    ({ status = 500 }) => status < 500 && ![408, 429].includes(status),
    'Key Vault does not respond like this: check KEY_VAULT_URL, and what answers at that host.',
  ],
  [
    ({ status }) => status === 429,
    'If this lasts, spread the work: a vault serves 4,000 reads in ten seconds.',
  ],
  [({ status }) => status !== undefined, "If this lasts, look at the vault's health in the Azure portal."],
  [() => true, lastingSilence],
];

/** Returns the error that a failed read of a secret stands for. It shows codes of the vault, but no text of it. */
export function vaultError(name: string, host: string, error: unknown): Error {
  if (error instanceof IdentityError) return withoutToken(host, error);
  const failure = restFailure(error);
  const { status, code } = failure;
  const cause = code;
  if (status === 404 && code === 'SecretNotFound') return missing(name, host, failure);
  if (status === 403 && code === 'SecretDisabled') {
    const remedy = 'Enable the secret, or set it again.';
    return new CredentialInvalidError(`The secret ${name} is disabled.`, { remedy, cause });
  }
  // The SDK's own refusal to send a token has no code.
  const response = code === 'Error' ? 'no token was sent' : `${status ?? 'no response'} ${code}`;
  const refusal = refusals.find(([is]) => is(failure));
  if (refusal !== undefined) {
    const [, happened, remedy] = refusal;
    return new VaultRefusedError(`The vault ${host} ${happened} (${response}).`, { remedy, cause });
  }
  const remedy = lasting.find(([is]) => is(failure))?.[1];
  return new VaultUnavailableError(`The vault ${host} could not be read (${response}).`, { remedy, cause });
}

/** Returns the error for a secret that had not come when its limit was over: the vault's own, or the caller's. */
export function lateVaultError(
  name: string,
  host: string,
  { error, limitMs }: { readonly error: unknown; readonly limitMs: number | undefined },
): Error {
  if (error instanceof IdentityError) return withoutToken(host, error);
  const when = limitMs === undefined ? 'when the time for it ran out' : `after ${shownSeconds(limitMs)}`;
  const message = `The vault ${host} had not returned the secret ${name} ${when}.`;
  return new VaultUnavailableError(message, { remedy: lastingSilence, cause: error });
}

function withoutToken(host: string, { message, remedy, reason }: IdentityError): Error {
  const text = `The vault ${host} could not be read. ${message}`;
  return reason === 'unavailable'
    ? new VaultUnavailableError(text, { remedy })
    : new VaultRefusedError(text, { remedy });
}

/** The vault says the same of a secret that never existed and, as a rule, of one that was deleted. */
function missing(name: string, host: string, { code, message }: RestFailure): CredentialMissingError {
  const recover = `az keyvault secret recover --vault-name ${host.split('.')[0]} --name ${name}`;
  if (/deleted (?:but recoverable )?state/i.test(message)) {
    const remedy = `Recover it: ${recover}`;
    return new CredentialMissingError(`The secret ${name} was deleted from the vault ${host}.`, {
      remedy: `${remedy}.`,
      cause: code,
    });
  }
  const remedy = `Check the user's address first. If it is right, put the user's credential into Key Vault under that name, as ${secretForm}; one that was deleted comes back with: ${recover}.`;
  return new CredentialMissingError(`There is no secret ${name} in the vault ${host}.`, {
    remedy,
    cause: code,
  });
}
