import {
  type Credential,
  CredentialMissingError,
  type CredentialStore,
} from '../../../shared/ring/ports/credential-store.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';
import { type Turns, takeTurn } from './turns.ts';

/** Credentials in memory. Each setting makes a new version, even with the same password; what was read stays cached. */
export class MemoryCredentials implements CredentialStore {
  readonly #turns: Turns;
  readonly #stored = new Map<SipUri, Credential>();
  readonly #cache = new Map<SipUri, Credential>();
  readonly reads: { readonly user: SipUri; readonly fresh: boolean }[] = [];
  #versions = 0;

  constructor(turns: Turns = {}) {
    this.#turns = turns;
  }

  set(user: SipUri, credential: { username: string; password: string }): string {
    this.#versions += 1;
    const version = `v${this.#versions}`;
    this.#stored.set(user, { ...credential, name: `secret of ${user}`, version });
    return version;
  }

  async read(user: SipUri, { fresh, signal }: { fresh: boolean; signal: AbortSignal }): Promise<Credential> {
    signal.throwIfAborted();
    this.reads.push({ user, fresh });
    return await takeTurn(this.#turns, `read-secret ${user}`, () => {
      const credential = (fresh ? undefined : this.#cache.get(user)) ?? this.#stored.get(user);
      if (credential === undefined) throw new CredentialMissingError(`There is no secret for ${user}.`);
      this.#cache.set(user, credential);
      return credential;
    });
  }
}
