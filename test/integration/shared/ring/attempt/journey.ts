import type { Step } from '../../../../../infra/local/ucwa-simulator/simulator.ts';

/** A place on the way to a ring where something can fail; `later-reads` are all reads of the settings but the first. */
export type Place =
  | 'discovery'
  | 'challenge'
  | 'token'
  | 'home-pool'
  | 'application'
  | 'read'
  | 'write'
  | 'later-reads'
  | 'contact'
  | 'clean-up';

/** What is done about a failure before it ends as it ends. */
export type Remedy = 'retry' | 'fresh-application' | 'fresh-token' | 'rediscover';

export interface Trouble {
  readonly place: Place;
  /** How often it strikes. */
  readonly times: number;
  /** What is done the first time, the second, and so on; then it ends. */
  readonly remedies: readonly Remedy[];
  /** The host's answer says that it does not take the token, so that it is not sent there again. */
  readonly refusesToken: boolean;
}

export interface Journey {
  /** Whether the trouble outlasted every remedy. */
  readonly stuck: boolean;
  readonly recovery: readonly Remedy[];
  readonly requests: Readonly<Partial<Record<Step, number>>>;
  /** Applications that the server still has in the end. */
  readonly applicationsLeft: number;
  readonly isRung: boolean;
}

/**
 * Goes the way to a ring by hand, for someone who rang nobody before, on one pool: what is asked of the server, what
 * of that must be asked again after each remedy, and what is left there.
 */
export function foresee(trouble: Trouble): Journey {
  const traveller = new Traveller(trouble);
  const recovery: Remedy[] = [];
  for (;;) {
    if (traveller.goAll()) return traveller.arrive(recovery, false);
    const remedy = trouble.remedies[recovery.length];
    if (remedy === undefined) return traveller.arrive(recovery, true);
    recovery.push(remedy);
    traveller.take(remedy);
  }
}

/** Asks for what it does not have yet, until a request fails. */
class Traveller {
  readonly #trouble: Trouble;
  readonly #requests = new Map<Step, number>();
  readonly #has = new Set<'user' | 'place of tokens' | 'token' | 'applications' | 'application'>();
  #endpoint = 0;
  readonly #applicationsOnServer = new Set<number>();
  #isRung = false;
  /** The present application has received a write, so that its reads count as `read-back`. */
  #hasWritten = false;
  #reads = 0;
  #strikes = 0;

  constructor(trouble: Trouble) {
    this.#trouble = trouble;
  }

  goAll(): boolean {
    return (
      this.#get('user', 'discovery') &&
      this.#findApplications() &&
      this.#getToken() &&
      this.#openApplication() &&
      this.#read() &&
      (this.#isRung || (this.#ring() && this.#read())) &&
      this.#ask('contact')
    );
  }

  take(remedy: Remedy): void {
    if (remedy === 'retry') return;
    this.#deleteApplication();
    if (remedy === 'fresh-application') this.#endpoint = 1 - this.#endpoint;
    if (remedy === 'fresh-token') this.#has.delete('token');
    if (remedy === 'rediscover') this.#has.clear();
  }

  arrive(recovery: readonly Remedy[], stuck: boolean): Journey {
    this.#deleteApplication();
    return {
      stuck,
      recovery,
      requests: Object.fromEntries(this.#requests),
      applicationsLeft: this.#applicationsOnServer.size,
      isRung: this.#isRung,
    };
  }

  #findApplications(): boolean {
    if (this.#has.has('applications')) return true;
    if (!this.#getToken()) return false;
    if (!this.#ask('home-pool')) {
      if (this.#trouble.refusesToken) this.#has.delete('token');
      return false;
    }
    this.#has.add('applications');
    return true;
  }

  #getToken(): boolean {
    return (
      this.#has.has('token') || (this.#get('place of tokens', 'challenge') && this.#get('token', 'token'))
    );
  }

  #openApplication(): boolean {
    if (this.#has.has('application')) return true;
    if (!this.#get('application', 'application')) return false;
    this.#hasWritten = false;
    this.#applicationsOnServer.add(this.#endpoint);
    return true;
  }

  #ring(): boolean {
    this.#hasWritten = true;
    this.#isRung = this.#ask('write');
    return this.#isRung;
  }

  #read(): boolean {
    this.#reads += 1;
    return this.#ask(this.#hasWritten ? 'read-back' : 'read');
  }

  #deleteApplication(): void {
    if (!this.#has.delete('application')) return;
    if (this.#ask('clean-up')) this.#applicationsOnServer.delete(this.#endpoint);
  }

  #get(thing: 'user' | 'place of tokens' | 'token' | 'application', step: Step): boolean {
    if (this.#has.has(thing)) return true;
    if (!this.#ask(step)) return false;
    this.#has.add(thing);
    return true;
  }

  #ask(step: Step): boolean {
    this.#requests.set(step, (this.#requests.get(step) ?? 0) + 1);
    const { place, times } = this.#trouble;
    const isRead = step === 'read' || step === 'read-back';
    const isStruck = place === 'later-reads' ? isRead && this.#reads > 1 : step === place;
    if (!isStruck || this.#strikes >= times) return true;
    this.#strikes += 1;
    return false;
  }
}
