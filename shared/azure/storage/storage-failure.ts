import {
  StorageMisconfiguredError,
  StorageRefusedError,
  StorageUnavailableError,
} from '../../ring/ports/storage-error.ts';
import { IdentityError } from '../identity-error.ts';
import { type RestFailure, restFailure } from '../rest-failure.ts';
import { queueNames, tableNames } from './names.ts';

type Service = 'queue' | 'table';

/** A queue or table as a request's URL names it; `name` is undefined for a transaction, whose URL names none. */
interface Place {
  readonly service: Service;
  readonly name: string | undefined;
}

/** A cause that time alone does not mend: how it is recognised, what happened, and what to do. */
type Cause = readonly [is: (failure: RestFailure) => boolean, tell: (place: Place) => string];

const coded =
  (...codes: readonly string[]) =>
  ({ code }: RestFailure): boolean =>
    codes.includes(code);

const roles = { queue: 'Storage Queue Data Contributor', table: 'Storage Table Data Contributor' } as const;

/**
 * What keeps storage from serving us for good, the first row that matches; each text is a cause and a remedy.
 * https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
 */
const causes: readonly Cause[] = [
  [
    coded('TableNotFound', 'QueueNotFound'),
    (place) =>
      `${capital(shown(place))} does not exist. The deployment creates it: deploy infra/main.bicep again, or create it yourself.`,
  ],
  [
    coded('AuthorizationPermissionMismatch', 'InsufficientAccountPermissions'),
    (place) =>
      `This app may not use ${shown(place)}. Give its identity the role ${roles[place.service]} on the storage account; a new role takes some minutes.`,
  ],
  [
    coded('AuthorizationFailure', 'AuthorizationSourceIPMismatch', 'PublicAccessNotPermitted'),
    () =>
      "The storage account does not accept requests from this app's network. Allow the app's subnet in its network rules, or reach queues and tables through private endpoints.",
  ],
  [
    coded('KeyBasedAuthenticationNotPermitted'),
    () =>
      'The storage account allows no keys. Set BulkStorage__queueServiceUri and BulkStorage__tableServiceUri in place of BulkStorage.',
  ],
  [
    coded('AuthenticationFailed'),
    () =>
      'The storage account does not accept the key or token of this app. Set BulkStorage to its present connection string, or check that the identity belongs to its Entra tenant.',
  ],
  [
    ({ status, code }) => status === 401 || code.startsWith('InvalidAuthentication'),
    () =>
      "The storage account does not accept the token of this app's identity. Use an identity of the account's own Entra tenant.",
  ],
  [
    ({ status }) => status === 403,
    ({ service }) =>
      `The storage account refuses this app. Check its network rules, and that the app's identity has the role ${roles[service]}.`,
  ],
  [
    coded('ENOTFOUND'),
    () =>
      'The storage account does not exist, or its name cannot be resolved. Check its name in the settings that begin with BulkStorage, and the DNS of the app.',
  ],
];

const lasting =
  "Trying again later may succeed. If this lasts, look at the storage account's health and the app's network on the way to it (port 443).";

/** Returns the error that a failed call of storage stands for. It shows storage's codes, but no text of it. */
export function storageError(action: string, error: unknown): Error {
  if (error instanceof IdentityError) return withoutToken(action, error);
  const failure = restFailure(error);
  const options = { cause: failure.code };
  const response =
    failure.code === 'AbortError'
      ? 'no response in time'
      : `${failure.status ?? 'no response'} ${failure.code}`;
  if (isRefusal(failure)) {
    return new StorageRefusedError(`Storage refused to ${action} (${response}).`, options);
  }
  const advice = causes.find(([is]) => is(failure))?.[1](placeOf(failure.url)) ?? lasting;
  return new StorageUnavailableError(`Storage could not ${action} (${response}). ${advice}`, options);
}

/** True if what was sent is too large or malformed. A token that cannot be read may be refused with the same status. */
function isRefusal({ status, code }: RestFailure): boolean {
  return status === 413 || (status === 400 && !code.startsWith('InvalidAuthentication'));
}

function withoutToken(action: string, { message, remedy, reason }: IdentityError): Error {
  const text = `Storage could not ${action}. ${message} ${remedy}`;
  return reason === 'unavailable' ? new StorageUnavailableError(text) : new StorageMisconfiguredError(text);
}

/** Finds which of our queues or tables a request was for: the clients' errors do not say. */
function placeOf(url = ''): Place {
  const segments = URL.parse(url)?.pathname.split(/[/(]/) ?? [];
  const among = (names: Readonly<Record<string, string>>) =>
    Object.values(names).find((name) => segments.includes(name));
  const queue = among(queueNames);
  return queue === undefined
    ? { service: 'table', name: among(tableNames) }
    : { service: 'queue', name: queue };
}

function shown({ service, name }: Place): string {
  return name === undefined ? `a ${service}` : `the ${service} ${name}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
