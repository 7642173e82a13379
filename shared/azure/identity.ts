import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import * as z from 'zod';
import { parseJson } from '../runtime/json.ts';
import { mask } from '../ucwa/transport/mask.ts';
import { IdentityError } from './identity-error.ts';
import { restFailure } from './rest-failure.ts';

/** How the last request for a token failed: the library's errors tell neither the status nor whether a response came. */
interface TokenFailure {
  readonly issuer: string;
  /** Undefined if no response came. */
  readonly status: number | undefined;
  readonly reason: string;
}

/** Azure's metadata service, which the library looks for on every machine. That it is not there means nothing. */
const metadataService = '169.254.169.254';

const endpoint = 'the identity endpoint';
const sentenceLimit = 200;

/**
 * Creates the identity of this app for vault and storage. Its `getToken` throws {@link IdentityError}, and ends when the
 * signal aborts, which the library's own does not.
 */
export function createIdentity(): TokenCredential {
  const credential = new DefaultAzureCredential({ httpClient: watchedClient() });
  return {
    getToken: async (scopes, options) => {
      try {
        return await untilAborted(credential.getToken(scopes, options), options?.abortSignal);
      } catch (error) {
        throw identityError(lastFailure, error);
      }
    },
  };
}

/**
 * The failure since the last success. One for the process: the library asks a managed identity's endpoint through the client
 * of the first credential alone.
 */
let lastFailure: TokenFailure | undefined;

function watchedClient(): HttpClient {
  const client = createDefaultHttpClient();
  return {
    sendRequest: async (request) => {
      const { protocol, hostname } = new URL(request.url);
      if (hostname === metadataService) return await client.sendRequest(request);
      const issuer = protocol === 'http:' ? endpoint : hostname;
      try {
        const response = await client.sendRequest(request);
        const { status, bodyAsText } = response;
        lastFailure = status < 400 ? undefined : { issuer, status, reason: sentenceOf(bodyAsText ?? '') };
        return response;
      } catch (error) {
        lastFailure = { issuer, status: undefined, reason: restFailure(error).code };
        throw error;
      }
    },
  };
}

const refusalSchema = z
  .object({ message: z.string().optional(), error_description: z.string().optional() })
  .catch({});

/** Returns the first line of what an issuer says, without what may be a secret. */
function sentenceOf(body: string): string {
  const { message, error_description: description } = refusalSchema.parse(parseJson(body));
  const text = message ?? description ?? (/^\s*[<{]/.test(body) ? 'without a reason' : body);
  const [line = ''] = text.trim().split(/[\r\n]/);
  return mask(line, undefined)
    .slice(0, sentenceLimit)
    .replace(/[.\s]+$/, '');
}

/** The signal aborted before a token came. */
class TokenLateError extends Error {}

function untilAborted<T>(work: Promise<T>, signal: GetTokenSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new TokenLateError());
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

type GetTokenSignal = NonNullable<NonNullable<Parameters<TokenCredential['getToken']>[1]>['abortSignal']>;

function identityError(failure: TokenFailure | undefined, error: unknown): IdentityError {
  if (failure === undefined) return unseenError(error);
  const { issuer, status, reason } = failure;
  const mayPass = status === undefined || status >= 500 || status === 408 || status === 429;
  const answer = status === undefined ? 'did not respond' : `returned ${status}`;
  const message = `This app's identity got no token: ${issuer} ${answer} (${reason}).`;
  if (mayPass || error instanceof TokenLateError)
    return new IdentityError(message, 'unavailable', lastingFailure);
  return new IdentityError(message, 'refused', issuer === endpoint ? endpointRefusal : entraRefusal);
}

/** An identity without any request for a token: none is set up, or it may not be used for the vault's tenant. */
function unseenError(error: unknown): IdentityError {
  const text = error instanceof Error ? error.message : '';
  if (text.includes('acquire tokens for tenant')) {
    const message = "This app's identity got no token, because the vault belongs to another Entra tenant.";
    return new IdentityError(message, 'refused', otherTenant);
  }
  if (error instanceof TokenLateError) {
    const message = "This app's identity got no token in time: what issues tokens had not responded.";
    return new IdentityError(message, 'unavailable', lastingFailure);
  }
  return new IdentityError('This process has no identity to get a token with.', 'absent', noIdentity);
}

const endpointRefusal =
  "Check AZURE_CLIENT_ID: it must be the client id of a user-assigned identity that is assigned to this app. Without AZURE_CLIENT_ID, the app's system-assigned identity must be on.";
const entraRefusal =
  'Check AZURE_TENANT_ID, AZURE_CLIENT_ID and the client secret or certificate that goes with them.';
const otherTenant = 'Sign in to the tenant of the vault: az login --tenant TENANT.';
const noIdentity =
  'On your own machine, sign in with az login. In Azure, assign an identity to the app, and name a user-assigned one in AZURE_CLIENT_ID.';
const lastingFailure =
  "If this lasts, restart the app and look at Azure's service health: the platform issues the tokens.";
