import type { Operation, Step } from '../steps.ts';
import type { Fault } from '../types.ts';

/** The properties of a request that faults are matched against. */
export interface FaultSubject {
  readonly step: Step;
  readonly operation: Operation | undefined;
  readonly pool: string;
  readonly user?: string | undefined;
}

/** A fault to apply to the present request; `hit` counts its earlier requests (0 for the first). */
export interface Strike {
  readonly fault: Fault;
  readonly hit: number;
}

interface PendingFault {
  readonly fault: Fault;
  seen: number;
  hits: number;
}

/** The faults that are not used up, in the order in which they were added; those of one user come before those of any user. */
export class PendingFaults {
  readonly #forAnyUser: PendingFault[] = [];
  readonly #byUser = new Map<string, PendingFault[]>();

  add(fault: Fault): void {
    const pending: PendingFault = { fault, seen: 0, hits: 0 };
    if (fault.user === undefined) {
      this.#forAnyUser.push(pending);
      return;
    }
    const key = fault.user.toLowerCase();
    const others = this.#byUser.get(key);
    if (others) others.push(pending);
    else this.#byUser.set(key, [pending]);
  }

  clear(): void {
    this.#forAnyUser.length = 0;
    this.#byUser.clear();
  }

  /** Takes the first fault that matches this request and has let enough requests pass; a fault that is used up is removed. */
  strike(subject: FaultSubject): Strike | undefined {
    if (subject.user !== undefined && this.#byUser.size > 0) {
      const key = subject.user.toLowerCase();
      const own = this.#byUser.get(key);
      const strike = own && strikeFirst(own, subject);
      if (own?.length === 0) this.#byUser.delete(key);
      if (strike) return strike;
    }
    return this.#forAnyUser.length === 0 ? undefined : strikeFirst(this.#forAnyUser, subject);
  }
}

function strikeFirst(faults: PendingFault[], subject: FaultSubject): Strike | undefined {
  for (const [place, pending] of faults.entries()) {
    const { fault } = pending;
    if (!matches(fault, subject)) continue;
    pending.seen += 1;
    if (pending.seen <= (fault.skip ?? 0)) continue;
    const hit = pending.hits;
    pending.hits += 1;
    if (pending.hits >= (fault.times ?? 1)) faults.splice(place, 1);
    return { fault, hit };
  }
  return undefined;
}

function matches(fault: Fault, subject: FaultSubject): boolean {
  return (
    (fault.step === undefined || fault.step === subject.step) &&
    (fault.operation === undefined || fault.operation === subject.operation) &&
    (fault.pool === undefined || fault.pool === subject.pool)
  );
}
