import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { TokenIssuer } from './token-issuer.ts';

/** The environment variables that make the Azure SDK use this endpoint. */
export type IdentityEnvironment = {
  readonly IDENTITY_ENDPOINT: string;
  readonly IDENTITY_HEADER: string;
  readonly AZURE_CLIENT_ID?: string;
};

type Answer = { readonly status: number; readonly body: object };

/** A response in place of a token: in App Service's JSON, or as plain text. */
export type IdentityFault = {
  readonly status: number;
  readonly message: string;
  readonly form?: 'json' | 'text';
};

const apiVersion = '2019-08-01';

/**
 * The managed-identity endpoint of App Service on loopback
 * (https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference). With a `clientId` it has
 * only that user-assigned identity, without one only a system-assigned identity. `port` 0 is any free one.
 */
export class IdentityEndpoint {
  readonly #port: number;
  readonly #clientId: string | undefined;
  readonly #systemClientId = randomUUID();
  readonly #issuer: TokenIssuer;
  readonly #header = randomBytes(16).toString('hex').toUpperCase();
  #server: Server | undefined;
  #environment: IdentityEnvironment | undefined;
  #tokensIssued = 0;
  #fault: IdentityFault | undefined;
  #refusals = 0;

  constructor(options: { port?: number; now?: () => number; clientId?: string } = {}) {
    this.#port = options.port ?? 0;
    this.#clientId = options.clientId;
    this.#issuer = new TokenIssuer(options.now ?? Date.now);
  }

  /** Listens. Rejects with Node's `EADDRINUSE` error, which has the port, when it is in use. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      if (this.#fault !== undefined) this.#refusals += 1;
      if (this.#fault?.form === 'text') {
        response.writeHead(this.#fault.status, { 'content-type': 'text/plain; charset=utf-8' });
        response.end(this.#fault.message);
        return;
      }
      const { status, body } = this.#respond(request);
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(body));
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
    this.#environment = this.#describe(server);
  }

  /** Closes every connection; does nothing when not started. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  /** The environment of a process that is to have this identity; throws before the first start. */
  get environment(): IdentityEnvironment {
    if (!this.#environment) throw new Error('The identity endpoint has no address yet: start it first.');
    return this.#environment;
  }

  /** Number of tokens issued. */
  get tokensIssued(): number {
    return this.#tokensIssued;
  }

  /** Number of requests that got a fault. */
  get refusals(): number {
    return this.#refusals;
  }

  /** Answers every request with a fault, until `undefined` is given. Tokens that were issued before stay valid. */
  fail(fault: IdentityFault | undefined): void {
    this.#fault = fault;
  }

  /** True for a token that this endpoint issued for this audience and that has not expired. */
  accepts(token: string, audience: string): boolean {
    return this.#issuer.accepts(token, audience);
  }

  #describe(server: Server): IdentityEnvironment {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no TCP address.');
    return {
      IDENTITY_ENDPOINT: `http://127.0.0.1:${address.port}/msi/token`,
      IDENTITY_HEADER: this.#header,
      ...(this.#clientId === undefined ? {} : { AZURE_CLIENT_ID: this.#clientId }),
    };
  }

  #respond(request: IncomingMessage): Answer {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (this.#fault !== undefined) return refusal(this.#fault.status, this.#fault.message);
    if (url.pathname !== '/msi/token') return refusal(404, 'Not found.');
    if (request.method !== 'GET') return refusal(405, 'Method not allowed.');
    if (!this.#isValidHeader(request.headers['x-identity-header'])) return refusal(401, 'Unauthorized.');
    return this.#issue(url.searchParams);
  }

  #issue(query: URLSearchParams): Answer {
    const resource = query.get('resource');
    if (query.get('api-version') !== apiVersion)
      return refusal(400, `The api-version must be ${apiVersion}.`);
    if (!resource) return refusal(400, 'The parameter resource is missing.');
    if ((query.get('client_id') ?? undefined) !== this.#clientId) return refusal(400, unknownIdentity);
    const clientId = this.#clientId ?? this.#systemClientId;
    const { token, expiresOn } = this.#issuer.issue(resource, clientId);
    this.#tokensIssued += 1;
    const body = { access_token: token, expires_on: String(expiresOn), resource, token_type: 'Bearer' };
    return { status: 200, body: { ...body, client_id: clientId } };
  }

  #isValidHeader(given: string | string[] | undefined): boolean {
    const expected = Buffer.from(this.#header);
    const bytes = Buffer.from(typeof given === 'string' ? given : '');
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  }
}

const unknownIdentity =
  'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.';

function refusal(status: number, message: string): Answer {
  return { status, body: { statusCode: status, message, correlationId: randomUUID() } };
}
