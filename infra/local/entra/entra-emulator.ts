import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tenantId as localTenantId } from '../identity/tenant.ts';
import type { Certificate } from '../key-vault/certificate.ts';
import { handleAuthorize } from './authorize.ts';
import { appClaims, type Claims, personClaims, poolClaims, type Tenant } from './claims.ts';
import { Codes } from './codes.ts';
import { Directory, type EntraApi, type EntraApp, type EntraPerson } from './directory.ts';
import { type EntraAnswer, type EntraRequest, oauthError, readRequest, send } from './entra-http.ts';
import { type EntraEndpoint, type EntraFault, EntraTraffic } from './faults.ts';
import { handleTokenRequest } from './grants.ts';
import { discoveryDocument, instanceDocument } from './metadata.ts';
import { type SigningKey, SigningKeys, signToken } from './signing-keys.ts';

export type EntraOptions = {
  readonly certificate: Certificate;
  readonly api: EntraApi;
  readonly people?: readonly EntraPerson[];
  readonly apps?: readonly EntraApp[];
  /** True for a valid token of the API's federated identity for this audience; the default trusts none. */
  readonly acceptsAssertion?: (token: string, audience: string) => boolean;
  /** True where the API may get tokens for this resource (`https://host`); the default knows every https origin. */
  readonly knowsResource?: (resource: string) => boolean;
  /** Default: the tenant of the local identity endpoint. */
  readonly tenantId?: string;
  readonly port?: number;
  readonly now?: () => number;
};

/**
 * A tenant of Entra ID over https on loopback: metadata, keys, the authorization endpoint with PKCE, and the token endpoint with
 * codes, client credentials and on-behalf-of. The real `@azure/identity` accepts `url` as `authorityHost` with
 * `disableInstanceDiscovery`. Tests can issue any token with `issue`, wrong ones included.
 */
export class EntraEmulator {
  readonly #options: EntraOptions;
  readonly #directory: Directory;
  readonly #keys = new SigningKeys();
  readonly #codes = new Codes();
  readonly #traffic = new EntraTraffic();
  #server: Server | undefined;
  #url: string | undefined;
  #signedIn: string | undefined;
  #isConsentMissing = false;

  constructor(options: EntraOptions) {
    this.#options = options;
    this.#directory = new Directory(options.people ?? [], options.apps ?? []);
  }

  /** Listens. Rejects with Node's `EADDRINUSE` error, which has the port, when it is in use. */
  async start(): Promise<void> {
    const server = createServer(this.#options.certificate, (request, response) => {
      this.#respond(request, response).catch(() => response.destroy());
    });
    server.listen(
      this.#url === undefined ? (this.#options.port ?? 0) : Number(new URL(this.#url).port),
      '127.0.0.1',
    );
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no TCP address.');
    this.#server = server;
    this.#url = `https://127.0.0.1:${address.port}`;
  }

  /** Closes every connection, those of hanging requests included. A later start listens on the same port, with the same keys. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  /** The authority, `https://127.0.0.1:port` without a slash at the end; throws before the first start. */
  get url(): string {
    if (this.#url === undefined) throw new Error('The tenant has no address yet: start it first.');
    return this.#url;
  }

  get tenantId(): string {
    return this.#options.tenantId ?? localTenantId;
  }

  /** The `iss` of tokens of version 2.0. */
  get issuer(): string {
    return `${this.url}/${this.tenantId}/v2.0`;
  }

  /** The people and applications; changes apply to the tokens issued from then on. */
  get directory(): Directory {
    return this.#directory;
  }

  /** The key that signs now. */
  get key(): SigningKey {
    return this.#keys.current;
  }

  /** Signs with a new key from now on. The former keys stay in the document unless `keepFormer` is false. */
  rotateKeys(options: { keepFormer?: boolean } = {}): SigningKey {
    return this.#keys.rotate(options);
  }

  /** Signs this person in in every browser, so that no page asks; undefined: the page asks. */
  signIn(userPrincipalName: string | undefined): void {
    this.#signedIn = userPrincipalName;
  }

  /** Answers on-behalf-of requests as where nobody consented to the pool's scope, or as usual again. */
  refuseConsent(refuse: boolean): void {
    this.#isConsentMissing = refuse;
  }

  /** Returns an access token for a person; `changes` replaces claims, and removes those that are undefined. */
  personToken(userPrincipalName: string, scopes: readonly string[], changes: Claims = {}): string {
    const person = this.#directory.person(userPrincipalName);
    const claims = personClaims(this.#tenant, person, { clientId: this.#options.api.clientId, scopes });
    return this.issue({ ...claims, ...changes });
  }

  /** Returns an access token for an application itself; `changes` as for a person. */
  appToken(clientId: string, changes: Claims = {}): string {
    return this.issue({ ...appClaims(this.#tenant, this.#directory.app(clientId)), ...changes });
  }

  /** Returns a token for a pool (`resource` is `https://host`), as on-behalf-of does; `changes` as for a person. */
  poolToken(userPrincipalName: string, resource: string, changes: Claims = {}): string {
    const person = this.#directory.person(userPrincipalName);
    const claims = poolClaims(this.#tenant, person, { resource, scopes: ['User.ReadWrite'] });
    return this.issue({ ...claims, ...changes });
  }

  /** Signs any claims with the current key or the given one; `header` replaces or adds header parameters. */
  issue(claims: Claims, header: Claims = {}, key: SigningKey = this.key): string {
    return signToken(key, claims, header);
  }

  /** Returns the claims of a token that a key of the tenant signed, or undefined. Judges neither audience nor times. */
  read(token: string): Claims | undefined {
    return this.#keys.read(token);
  }

  /** Number of requests to an endpoint, those that failed included. */
  count(endpoint: EntraEndpoint): number {
    return this.#traffic.count(endpoint);
  }

  /** Makes every request to an endpoint fail until the faults are cleared. */
  fail(fault: EntraFault): void {
    this.#traffic.fail(fault);
  }

  clearFaults(): void {
    this.#traffic.clearFaults();
  }

  get #tenant(): Tenant {
    const { api, now = Date.now } = this.#options;
    return { tenantId: this.tenantId, issuer: this.issuer, api, now };
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = await readRequest(request);
    const answer = parsed.method === 'OPTIONS' ? { status: 200, body: {} } : this.#answer(parsed);
    if (answer === 'reset') response.destroy();
    else if (answer !== 'hang') send(response, answer, parsed.origin);
  }

  #answer(request: EntraRequest): EntraAnswer | 'hang' | 'reset' {
    if (request.path === '/common/discovery/instance')
      return { status: 200, body: instanceDocument(this.url, this.tenantId) };
    if (request.path === '/control/token') return this.#controlToken(request.query);
    const endpoint = endpointOf(request, this.tenantId);
    if (endpoint === undefined)
      return oauthError('invalid_request', 90002, 'There is no such tenant or endpoint.', 404);
    const fault = this.#traffic.record(endpoint);
    if (typeof fault === 'string') return fault;
    if (fault !== undefined)
      return oauthError(fault.error ?? 'server_error', 90033, 'A fault is active.', fault.status);
    return this.#serve(endpoint, request);
  }

  #serve(endpoint: EntraEndpoint, { query, form }: EntraRequest): EntraAnswer {
    const { api, acceptsAssertion = () => false, knowsResource = isHttps } = this.#options;
    const [directory, codes] = [this.#directory, this.#codes];
    switch (endpoint) {
      case 'metadata':
        return { status: 200, body: discoveryDocument(this.url, this.tenantId) };
      case 'keys':
        return { status: 200, body: this.#keys.document };
      case 'authorize':
        return handleAuthorize(
          { directory, codes, signedIn: this.#signedIn, clientIds: [api.clientId] },
          query,
        );
      case 'token': {
        const isConsentMissing = () => this.#isConsentMissing;
        const deps = { tenant: this.#tenant, directory, keys: this.#keys, codes, isConsentMissing };
        return handleTokenRequest({ ...deps, acceptsAssertion, knowsResource }, form);
      }
    }
  }

  /** A token for trying out, without the steps of a sign-in: `?person=NAME&scope=…` or `?app=CLIENT_ID`, as plain text. */
  #controlToken(query: URLSearchParams): EntraAnswer {
    const [person, app] = [query.get('person'), query.get('app')];
    try {
      if (app !== null) return { status: 200, page: this.appToken(app) };
      const scopes = (query.get('scope') ?? 'SimultaneousRing.Self').split(' ');
      return { status: 200, page: this.personToken(person ?? '', scopes) };
    } catch (error) {
      return oauthError('invalid_request', 50034, error instanceof Error ? error.message : String(error));
    }
  }
}

function endpointOf({ method, path }: EntraRequest, tenantId: string): EntraEndpoint | undefined {
  const endpoints: Readonly<Record<string, EntraEndpoint>> = {
    [`GET /${tenantId}/v2.0/.well-known/openid-configuration`]: 'metadata',
    [`GET /${tenantId}/discovery/v2.0/keys`]: 'keys',
    [`GET /${tenantId}/oauth2/v2.0/authorize`]: 'authorize',
    [`POST /${tenantId}/oauth2/v2.0/token`]: 'token',
  };
  return endpoints[`${method} ${path}`];
}

function isHttps(resource: string): boolean {
  return URL.canParse(resource) && new URL(resource).protocol === 'https:';
}
