import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { Certificate } from './certificate.ts';
import { handleControlRequest, type SecretRead } from './control-api.ts';
import { answerOf, type Fault, Faults } from './faults.ts';
import { type SecretProperties, SecretStore } from './secret-store.ts';
import { handleSecretsRequest, nameInRequest, nameOfRead } from './secrets-api.ts';
import { type Answer, challengeAnswer, forbiddenByRbac, vaultAudience } from './vault-answers.ts';
import { readRequest, send, type VaultRequest } from './vault-http.ts';

type Options = {
  /** True for a valid bearer token for this audience; the vault refuses all others. */
  acceptsToken: (token: string, audience: string) => boolean;
  certificate: Certificate;
  port?: number;
  latencyMs?: number;
  now?: () => number;
};

/**
 * Azure Key Vault's secrets over https on loopback: get, set, list, delete and recover. The real `SecretClient` accepts it with
 * `disableChallengeResourceVerification: true` and the certificate among those that it trusts. The control API below
 * `/control/` needs no token.
 */
export class KeyVaultEmulator {
  readonly #options: Options;
  readonly #store: SecretStore;
  readonly #faults = new Faults();
  readonly #reads: SecretRead[] = [];
  #stopping = new AbortController();
  #server: Server | undefined;
  #url: string | undefined;
  #isIdentityRefused = false;

  constructor(options: Options) {
    this.#options = options;
    this.#store = new SecretStore(options.now ?? Date.now);
  }

  /** Listens. Rejects with Node's `EADDRINUSE` error, which has the port, when it is in use. */
  async start(): Promise<void> {
    this.#stopping = new AbortController();
    const server = createServer(this.#options.certificate, (request, response) => {
      this.#respond(request, response).catch(() => response.destroy());
    });
    server.listen(this.#options.port ?? 0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no TCP address.');
    this.#server = server;
    this.#url = `https://127.0.0.1:${address.port}`;
  }

  /** Closes every connection, those of hanging requests included. Secrets are kept. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    this.#stopping.abort();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  /** The vault's URL without a slash at the end; throws before the first start. */
  get url(): string {
    if (this.#url === undefined) throw new Error('The vault has no address yet: start it first.');
    return this.#url;
  }

  /** The requests with a valid token for the value of a secret, oldest first. */
  get reads(): readonly SecretRead[] {
    return this.#reads;
  }

  /** Counts the reads of one secret, or of all. */
  count(name?: string): number {
    const key = name?.toLowerCase();
    return this.#reads.filter((read) => key === undefined || read.name.toLowerCase() === key).length;
  }

  /** Adds a version and returns its id. Throws for a name that Key Vault does not allow. */
  setSecret(name: string, value: string, properties: SecretProperties = {}): string {
    if (!/^[0-9a-zA-Z-]{1,127}$/.test(name))
      throw new Error(`Key Vault does not allow the secret name ${name}.`);
    return this.#store.set(name, value, properties).version;
  }

  /** Counts the versions of a secret; 0 if there is no such secret. */
  countVersions(name: string): number {
    return this.#store.countVersions(name);
  }

  /** Disables the latest version. Throws when there is no such secret. */
  disableSecret(name: string): void {
    if (!this.#store.disable(name)) throw new Error(`The vault has no secret ${name}.`);
  }

  /** Deletes all versions. Throws when there is no such secret. */
  deleteSecret(name: string): void {
    if (!this.#store.delete(name)) throw new Error(`The vault has no secret ${name}.`);
  }

  /** Deletes a secret so that it keeps its name and can be recovered. Throws when there is no such secret. */
  softDeleteSecret(name: string): void {
    if (this.#store.softDelete(name) === undefined) throw new Error(`The vault has no secret ${name}.`);
  }

  /** Adds a fault. It applies to requests with a valid token only: the challenge before them does not use it up. */
  fail(fault: Fault): void {
    this.#faults.add(fault);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  /** Refuses valid tokens with the 403 for an identity without a role on the vault, or accepts them again. */
  refuseIdentity(refuse: boolean): void {
    this.#isIdentityRefused = refuse;
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = await readRequest(request);
    if (parsed.path.startsWith('/control/')) return send(response, handleControlRequest(this, parsed));
    const { latencyMs } = this.#options;
    if (latencyMs) await delay(latencyMs, undefined, { signal: this.#stopping.signal });
    const refusal = this.#checkToken(request.headers.authorization);
    if (refusal) return send(response, refusal);
    const name = nameOfRead(parsed);
    const answer = this.#answer(parsed);
    if (name !== undefined) this.#reads.push({ name, status: statusOf(answer) });
    if (answer === 'reset') response.destroy();
    else if (answer !== 'hang') send(response, answer);
  }

  #checkToken(authorization: string | undefined): Answer | undefined {
    const token = /^Bearer (?<token>.+)$/i.exec(authorization ?? '')?.groups?.['token'];
    if (token === undefined) return challengeAnswer('AKV10000: Request is missing a Bearer or PoP token.');
    if (this.#options.acceptsToken(token, vaultAudience)) return undefined;
    return challengeAnswer('[BearerReadAccessTokenFailed] Error validating the token.');
  }

  #answer(request: VaultRequest): Answer | 'hang' | 'reset' {
    const fault = this.#faults.take(nameInRequest(request));
    if (fault) return answerOf(fault);
    if (this.#isIdentityRefused) return forbiddenByRbac();
    return handleSecretsRequest(this.#store, this.url, request);
  }
}

function statusOf(answer: Answer | 'hang' | 'reset'): number {
  return typeof answer === 'string' ? 0 : answer.status;
}
