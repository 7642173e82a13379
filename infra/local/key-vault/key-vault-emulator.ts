import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { Certificate } from './certificate.ts';
import { answerControl, type SecretRead } from './control-api.ts';
import { answerFault, type Fault, Faults } from './faults.ts';
import { type SecretProperties, SecretStore } from './secret-store.ts';
import { type Answer, challengeAnswer, forbiddenByRbac, vaultAudience } from './vault-answers.ts';
import { answerVault, isRead, secretNameOf, type VaultRequest } from './vault-api.ts';
import { send, takeApart } from './vault-http.ts';

type Options = {
  /** Whether a bearer token is good for an audience: the vault takes no others. */
  acceptsToken: (token: string, audience: string) => boolean;
  certificate: Certificate;
  port?: number;
  latencyMs?: number;
  now?: () => number;
};

/**
 * The secrets API of Azure Key Vault over https on loopback. The real `SecretClient` takes it with
 * `disableChallengeResourceVerification: true` and the certificate among those it trusts. Beside the API there are
 * control routes under `/control/`, which ask for no token.
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

  /** Listens; rejects with Node's own `EADDRINUSE` error, which tells the port, when that one is taken. */
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

  /** Closes every connection, those with a request that hangs too; the secrets stay. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    this.#stopping.abort();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  /** The vault's address without a trailing slash; throws before the first start. */
  get url(): string {
    if (this.#url === undefined) throw new Error('The vault has no address yet: start it first.');
    return this.#url;
  }

  /** The requests for a secret's value that came with a good token, oldest first; 0 where none was answered. */
  get reads(): readonly SecretRead[] {
    return this.#reads;
  }

  /** How many reads there were, of one secret or of all. */
  count(name?: string): number {
    const key = name?.toLowerCase();
    return this.#reads.filter((read) => key === undefined || read.name.toLowerCase() === key).length;
  }

  /** Makes a new version and tells it; throws for a name that Key Vault would not take. */
  setSecret(name: string, value: string, properties: SecretProperties = {}): string {
    if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) throw new Error(`Key Vault takes no secret called ${name}.`);
    return this.#store.set(name, value, properties).version;
  }

  /** Disables the latest version; throws when there is no such secret. */
  disableSecret(name: string): void {
    const latest = this.#store.find(name);
    if (!latest) throw new Error(`There is no secret ${name}.`);
    this.#store.update(name, latest.version, { enabled: false });
  }

  /** Deletes softly; throws when there is no such secret. */
  deleteSecret(name: string): void {
    if (!this.#store.delete(name)) throw new Error(`There is no secret ${name}.`);
  }

  /** Switches a fault on, which strikes requests with a good token: the challenge before them does not use it up. */
  fail(fault: Fault): void {
    this.#faults.add(fault);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  /** Answers good tokens with the 403 of an identity that has no role on the vault, or ends that. */
  refuseIdentity(refuse: boolean): void {
    this.#isIdentityRefused = refuse;
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const taken = await takeApart(request);
    if (taken.path.startsWith('/control/')) return send(response, answerControl(this, taken));
    const { latencyMs } = this.#options;
    if (latencyMs) await delay(latencyMs, undefined, { signal: this.#stopping.signal });
    const refusal = this.#checkToken(request.headers.authorization);
    if (refusal) return send(response, refusal);
    const answer = this.#answer(taken);
    if (isRead(taken)) this.#reads.push({ name: secretNameOf(taken.path) ?? '', status: statusOf(answer) });
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
    const fault = this.#faults.take(secretNameOf(request.path));
    if (fault) return answerFault(fault);
    if (this.#isIdentityRefused) return forbiddenByRbac();
    return answerVault(this.#store, this.url, request);
  }
}

function statusOf(answer: Answer | 'hang' | 'reset'): number {
  return typeof answer === 'string' ? 0 : answer.status;
}
