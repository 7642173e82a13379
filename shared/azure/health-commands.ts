import { VaultRefusedError } from '../ring/ports/credential-store.ts';
import { StorageUnavailableError } from '../ring/ports/storage-error.ts';
import { decisiveError } from '../ucwa/sign-in/discovery-error.ts';
import { UntrustedHostError } from '../ucwa/transport/untrusted-host-error.ts';
import { IdentityError } from './identity-error.ts';

/** What commands name. Where the app does not know a name, a word in capitals stands for it. */
export interface Deployed {
  readonly vault: string;
  readonly storage: string;
  readonly clientId: string;
  readonly trustedHosts: readonly string[];
}

/** The queue or table that a check looks at. */
export interface StoragePlace {
  readonly service: 'queue' | 'table';
  readonly name: string;
}

type Commands = readonly string[];

/**
 * Returns the commands that mend what a check found: of the Azure CLI, in a form that bash and PowerShell both take. None for
 * what no command mends, such as a pool that is down.
 */
export function commandsFor(error: unknown, deployed: Deployed, place?: StoragePlace): Commands {
  if (error instanceof IdentityError) return identityCommands(error, deployed);
  if (error instanceof VaultRefusedError) return vaultCommands(error, deployed);
  if (error instanceof StorageUnavailableError) return storageCommands(error, deployed, place);
  const decisive = decisiveError(error);
  if (decisive instanceof UntrustedHostError && decisive.problem === 'host')
    return [setting('UCWA_TRUSTED_HOSTS', [...deployed.trustedHosts, decisive.host].join(','))];
  return [];
}

const app = '--resource-group GROUP --name APP';
const appSubnet = `"$(az functionapp show ${app} --query virtualNetworkSubnetId --output tsv)"`;

function setting(name: string, value: string): string {
  return `az functionapp config appsettings set ${app} --settings "${name}=${value}"`;
}

const serviceEndpoints = `az network vnet subnet update --ids ${appSubnet} --service-endpoints Microsoft.KeyVault Microsoft.Storage`;

function identityCommands({ reason }: IdentityError, { clientId }: Deployed): Commands {
  if (reason === 'unavailable') return [`az functionapp restart ${app}`];
  const assign = `az functionapp identity assign ${app} --identities IDENTITY_ID`;
  return [assign, setting('AZURE_CLIENT_ID', clientId)];
}

function roleCommand(role: string, clientId: string, scope: string): string {
  return `az role assignment create --role "${role}" --assignee ${clientId} --scope "$(${scope} --query id --output tsv)"`;
}

/** By the code of the refusal. Any other code means that the identity has no right to read secrets. */
function vaultCommands(error: VaultRefusedError, deployed: Deployed): Commands {
  const { vault, clientId } = deployed;
  const show = `az keyvault show --name ${vault}`;
  const anotherVault = setting('KEY_VAULT_URL', 'https://VAULT.vault.azure.net');
  const role = [roleCommand('Key Vault Secrets User', clientId, show)];
  const byCode: Readonly<Record<string, Commands>> = {
    ForbiddenByFirewall: [
      serviceEndpoints,
      `az keyvault network-rule add --name ${vault} --subnet ${appSubnet}`,
    ],
    ForbiddenByConnection: [
      'az network private-dns link vnet create --resource-group GROUP --zone-name privatelink.vaultcore.azure.net --name app --virtual-network NETWORK_ID --registration-enabled false',
    ],
    AccessDenied: [`az keyvault set-policy --name ${vault} --spn ${clientId} --secret-permissions get`],
    Unauthorized: [`${show} --query properties.tenantId --output tsv`, anotherVault],
    ENOTFOUND: ['az keyvault list --query "[].properties.vaultUri" --output tsv', anotherVault],
    Error: [anotherVault],
  };
  const { cause } = error;
  // Without a code, no token was there to be refused.
  return typeof cause === 'string' ? (byCode[cause] ?? role) : [setting('AZURE_CLIENT_ID', clientId)];
}

function storageCommands(
  { cause }: StorageUnavailableError,
  deployed: Deployed,
  place?: StoragePlace,
): Commands {
  const { storage, clientId } = deployed;
  if (typeof cause !== 'string' || place === undefined) return [];
  const { service, name } = place;
  const role = service === 'queue' ? 'Storage Queue Data Contributor' : 'Storage Table Data Contributor';
  const create = `az storage ${service} create --auth-mode login --account-name ${storage} --name ${name}`;
  const assign = roleCommand(role, clientId, `az storage account show --name ${storage}`);
  const network = [
    serviceEndpoints,
    `az storage account network-rule add --account-name ${storage} --subnet ${appSubnet}`,
  ];
  const byUris = ['queue', 'table'].map((one) =>
    setting(`BulkStorage__${one}ServiceUri`, `https://${storage}.${one}.core.windows.net`),
  );
  const byCode: Readonly<Record<string, Commands>> = {
    TableNotFound: [create],
    QueueNotFound: [create],
    AuthorizationPermissionMismatch: [assign],
    InsufficientAccountPermissions: [assign],
    AuthorizationFailure: network,
    AuthorizationSourceIPMismatch: network,
    PublicAccessNotPermitted: network,
    KeyBasedAuthenticationNotPermitted: byUris,
  };
  return byCode[cause] ?? [];
}
