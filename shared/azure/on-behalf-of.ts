import type { OnBehalfOfCredential, TokenCredential } from '@azure/identity';
import type { Clock } from '../runtime/clock.ts';
import {
  DelegationMisconfiguredError,
  DelegationRefusedError,
  DelegationUnavailableError,
  type OnBehalfOf,
} from '../ucwa/sign-in/on-behalf-of.ts';
import { isLoopback } from '../ucwa/transport/trust.ts';
import { IdentityError } from './identity-error.ts';
import type { EntraSettings } from './settings/caller-settings.ts';

/** The audience of the assertion with which the app's managed identity stands for its registration: no secret exists. */
const federation = 'api://AzureADTokenExchange/.default';

/** The permission of Skype for Business for one's own call forwarding. */
const permission = 'User.ReadWrite';

/**
 * Errors that only an administrator of the tenant can end: no consent, no such application, no federated credential, no such
 * resource. https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const forAdministrators: ReadonlySet<string> = new Set([
  '65001',
  '65004',
  '500011',
  '650052',
  '650057',
  '700016',
  '700211',
  '700212',
  '700213',
  '70021',
  '7000218',
  '700024',
  '700027',
]);

/** Errors of the tenant that pass by themselves. */
const passing: ReadonlySet<string> = new Set(['90012', '90020', '90024', '90033']);

/** Returns tokens for pools on behalf of whoever called with an assertion, which is kept no longer than what it is passed to. */
export function createOnBehalfOf(
  entra: EntraSettings,
  identity: () => Promise<TokenCredential>,
  clock: Pick<Clock, 'nowMs'>,
): (assertion: string) => OnBehalfOf {
  return (assertion) => ({
    getToken: async (host, signal) => {
      try {
        const credential = await credentialFor(entra, identity, assertion);
        const scope = `https://${host}/${permission}`;
        const { token, expiresOnTimestamp } = await credential.getToken(scope, { abortSignal: signal });
        return { value: token, expiresInSeconds: Math.floor((expiresOnTimestamp - clock.nowMs()) / 1000) };
      } catch (error) {
        signal.throwIfAborted();
        throw delegationError(host, error);
      }
    },
  });
}

async function credentialFor(
  { tenantId, clientId, authority }: EntraSettings,
  identity: () => Promise<TokenCredential>,
  assertion: string,
): Promise<OnBehalfOfCredential> {
  const { OnBehalfOfCredential } = await import('@azure/identity');
  const options = {
    tenantId,
    clientId,
    authorityHost: authority,
    disableInstanceDiscovery: isLoopback(new URL(authority).hostname),
    userAssertionToken: assertion,
    getAssertion: async () => (await requireToken(await identity())).token,
  };
  return new OnBehalfOfCredential(options);
}

async function requireToken(identity: TokenCredential): Promise<{ readonly token: string }> {
  const token = await identity.getToken(federation);
  if (token === null)
    throw new IdentityError('The identity of this app got no token.', 'unavailable', 'Try again later.');
  return token;
}

/** Shows the code of the tenant, and nothing of its text: that may name the person. */
function delegationError(host: string, error: unknown): Error {
  const identityError = causeOf(error);
  if (identityError !== undefined) {
    return identityError.reason === 'unavailable'
      ? new DelegationUnavailableError(host, identityError.message, { cause: error })
      : new DelegationMisconfiguredError(host, identityError.message);
  }
  const code = /AADSTS(\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  if (code === undefined) return new DelegationUnavailableError(host, 'no usable response', { cause: error });
  const reason = `AADSTS${code}`;
  if (passing.has(code)) return new DelegationUnavailableError(host, reason, { cause: error });
  return forAdministrators.has(code)
    ? new DelegationMisconfiguredError(host, reason)
    : new DelegationRefusedError(host, reason);
}

function causeOf(error: unknown): IdentityError | undefined {
  if (error instanceof IdentityError) return error;
  return error instanceof Error && error.cause !== undefined ? causeOf(error.cause) : undefined;
}
