import {
  type AccountInfo,
  AuthError,
  CacheLookupPolicy,
  createStandardPublicClientApplication,
  type IPublicClientApplication,
} from '@azure/msal-browser';
import { broadcastResponseToMainFrame } from '@azure/msal-browser/redirect-bridge';
import type { Authorization } from './authorization.ts';
import { type Person, personOf, type Tenant } from './sign-in.ts';

/** A person may have to find their phone before the tenant lets them in. */
const signInTimeoutMs = 10 * 60_000;

/**
 * People who sign in at a tenant of Entra, in a window of its own, by an authorization code with PKCE. Tokens are kept in
 * memory only: they are gone with the page.
 * https://learn.microsoft.com/entra/msal/javascript/browser/redirect-bridge
 */
export class EntraAuthorization implements Authorization {
  readonly #client: IPublicClientApplication;
  readonly #tenant: Tenant;
  #account: AccountInfo | undefined;
  #failure: string | undefined;

  private constructor(client: IPublicClientApplication, tenant: Tenant) {
    this.#client = client;
    this.#tenant = tenant;
  }

  static async open(tenant: Tenant): Promise<EntraAuthorization> {
    const client = await createStandardPublicClientApplication({
      auth: {
        clientId: tenant.clientId,
        authority: `${tenant.authority}/${tenant.tenantId}`,
        knownAuthorities: [new URL(tenant.authority).host],
        redirectUri: `${location.origin}/api/console/assets/signed-in.html`,
      },
      cache: { cacheLocation: 'memoryStorage' },
      system: { popupBridgeTimeout: signInTimeoutMs },
    });
    return new EntraAuthorization(client, tenant);
  }

  /** Who has signed in; undefined before that. */
  get person(): Person | undefined {
    if (this.#account === undefined) return undefined;
    return personOf(this.#account.idTokenClaims, this.#tenant.sipClaim);
  }

  /** Why the last sign-in failed, in a code of Entra or of the library. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Opens the tenant's window. Ends when the person is back, with an account or a failure. */
  async signIn(): Promise<void> {
    // A window that was closed tells nobody: another sign-in takes its place.
    const request = { scopes: this.#scopes, overrideInteractionInProgress: true };
    const result = await this.#attempt(() => this.#client.loginPopup(request));
    if (result !== undefined) this.#account = result.account;
  }

  /** Without a token the functions refuse the request, and the page asks for a sign-in. */
  async headers(): Promise<Readonly<Record<string, string>>> {
    const account = this.#account;
    if (account === undefined) return {};
    const token = await this.#attempt(() =>
      this.#client.acquireTokenSilent({
        scopes: this.#scopes,
        account,
        cacheLookupPolicy: CacheLookupPolicy.AccessTokenAndRefreshToken,
      }),
    );
    return token === undefined ? {} : { authorization: `Bearer ${token.accessToken}` };
  }

  /** All that the person was granted; an application that asks for a token for itself names itself by its id. */
  get #scopes(): string[] {
    return [`${this.#tenant.clientId}/.default`];
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      this.#failure = undefined;
      return result;
    } catch (error) {
      this.#failure = failureCode(error);
      return undefined;
    }
  }
}

/**
 * Hands what the tenant answered to the page that began the sign-in, and closes this window. Somebody who comes here otherwise
 * brings no answer: then nothing happens.
 */
export async function endSignIn(): Promise<void> {
  await broadcastResponseToMainFrame().catch(() => undefined);
}

/** The messages of Entra name accounts: only its code is shown. */
function failureCode(error: unknown): string {
  if (!(error instanceof AuthError)) return 'unknown';
  return /AADSTS\d+/.exec(error.message)?.[0] ?? error.errorCode;
}
