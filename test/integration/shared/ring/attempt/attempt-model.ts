import type { Step } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import type { RecoveryStep } from '../../../../../shared/ring/model/outcome.ts';

/** A point of an attempt at which requests can fail; `later-reads` are all reads of the settings but the first. */
export type FaultPoint = Exclude<Step, 'read-back'> | 'later-reads';

/** The recovery steps that repeat requests to UCWA. */
export type UcwaRecoveryStep = Exclude<RecoveryStep, 'reread-secret'>;

export interface ModelledFault {
  readonly point: FaultPoint;
  /** The number of requests that fail. */
  readonly times: number;
  /** The step against the first failure, the second, and so on; after the last the attempt ends. */
  readonly recovery: readonly UcwaRecoveryStep[];
  /** The failure means that the host does not accept the token, which is then not sent there again. */
  readonly refusesToken: boolean;
  /** The failure may pass by itself, so that clean-up is tried once more. */
  readonly repeatsCleanUp: boolean;
}

export interface ModelledAttempt {
  /** True where the fault outlasted every recovery step. */
  readonly isPersistent: boolean;
  readonly recovery: readonly UcwaRecoveryStep[];
  readonly requests: Readonly<Partial<Record<Step, number>>>;
  /** The number of applications that the server still has at the end. */
  readonly applicationsLeft: number;
  readonly isRinging: boolean;
}

/**
 * Returns the attempt that sets the ring of a user without one, on a system of one pool. It models the requests, which of
 * them each recovery step repeats, and what stays on the server.
 */
export function modelAttempt(fault: ModelledFault): ModelledAttempt {
  const model = new AttemptModel(fault);
  const recovery: UcwaRecoveryStep[] = [];
  for (;;) {
    if (model.run()) return model.end(recovery, false);
    const step = fault.recovery[recovery.length];
    if (step === undefined) return model.end(recovery, true);
    recovery.push(step);
    model.recover(step);
  }
}

type Acquired = 'user link' | 'token service' | 'token' | 'applications link' | 'application';

/** Sends the requests for what it does not have yet, until one fails. */
class AttemptModel {
  readonly #fault: ModelledFault;
  readonly #requests = new Map<Step, number>();
  readonly #acquired = new Set<Acquired>();
  #endpoint = 0;
  readonly #applicationsOnServer = new Set<number>();
  #isRinging = false;
  /** The present application has received a write, so that its reads count as `read-back`. */
  #hasWritten = false;
  #reads = 0;
  #failures = 0;

  constructor(fault: ModelledFault) {
    this.#fault = fault;
  }

  /** Returns false where a request failed. */
  run(): boolean {
    return (
      this.#acquire('user link', 'discovery') &&
      this.#acquireApplicationsLink() &&
      this.#acquireToken() &&
      this.#acquireApplication() &&
      this.#read() &&
      (this.#isRinging || (this.#write() && this.#read())) &&
      this.#request('contact')
    );
  }

  recover(step: UcwaRecoveryStep): void {
    if (step === 'retry') return;
    this.#deleteApplication();
    if (step === 'fresh-application') this.#endpoint = 1 - this.#endpoint;
    if (step === 'fresh-token') this.#acquired.delete('token');
    if (step === 'rediscover') this.#acquired.clear();
  }

  end(recovery: readonly UcwaRecoveryStep[], isPersistent: boolean): ModelledAttempt {
    this.#deleteApplication();
    return {
      isPersistent,
      recovery,
      requests: Object.fromEntries(this.#requests),
      applicationsLeft: this.#applicationsOnServer.size,
      isRinging: this.#isRinging,
    };
  }

  #acquireApplicationsLink(): boolean {
    if (this.#acquired.has('applications link')) return true;
    if (!this.#acquireToken()) return false;
    if (!this.#request('home-pool')) {
      if (this.#fault.refusesToken) this.#acquired.delete('token');
      return false;
    }
    this.#acquired.add('applications link');
    return true;
  }

  #acquireToken(): boolean {
    return (
      this.#acquired.has('token') ||
      (this.#acquire('token service', 'challenge') && this.#acquire('token', 'token'))
    );
  }

  #acquireApplication(): boolean {
    if (this.#acquired.has('application')) return true;
    if (!this.#acquire('application', 'application')) return false;
    this.#hasWritten = false;
    this.#applicationsOnServer.add(this.#endpoint);
    return true;
  }

  #write(): boolean {
    this.#hasWritten = true;
    this.#isRinging = this.#request('write');
    return this.#isRinging;
  }

  #read(): boolean {
    this.#reads += 1;
    return this.#request(this.#hasWritten ? 'read-back' : 'read');
  }

  #deleteApplication(): void {
    if (!this.#acquired.delete('application')) return;
    const isDeleted = this.#request('clean-up') || (this.#fault.repeatsCleanUp && this.#request('clean-up'));
    if (isDeleted) this.#applicationsOnServer.delete(this.#endpoint);
  }

  #acquire(item: Acquired, step: Step): boolean {
    if (this.#acquired.has(item)) return true;
    if (!this.#request(step)) return false;
    this.#acquired.add(item);
    return true;
  }

  /** Counts a request; returns false where it fails. */
  #request(step: Step): boolean {
    this.#requests.set(step, (this.#requests.get(step) ?? 0) + 1);
    const { point, times } = this.#fault;
    const isRead = step === 'read' || step === 'read-back';
    const isMatched = point === 'later-reads' ? isRead && this.#reads > 1 : step === point;
    if (!isMatched || this.#failures >= times) return true;
    this.#failures += 1;
    return false;
  }
}
