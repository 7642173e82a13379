import type { Fault, Step } from '../types.ts';

/** What of a request decides whether a fault is meant for it. */
export interface FaultSubject {
  readonly step: Step;
  readonly pool: string;
  readonly user?: string | undefined;
}

/** A fault that strikes now, for the `hit`th time (from 0). */
export interface Strike {
  readonly fault: Fault;
  readonly hit: number;
}

interface Pending {
  readonly fault: Fault;
  seen: number;
  hits: number;
}

/** The faults that wait for their requests; those of one user are asked before those of anybody. */
export class FaultBook {
  readonly #forAnybody: Pending[] = [];
  readonly #byUser = new Map<string, Pending[]>();

  add(fault: Fault): void {
    const pending: Pending = { fault, seen: 0, hits: 0 };
    if (fault.user === undefined) {
      this.#forAnybody.push(pending);
      return;
    }
    const key = fault.user.toLowerCase();
    const others = this.#byUser.get(key);
    if (others) others.push(pending);
    else this.#byUser.set(key, [pending]);
  }

  clear(): void {
    this.#forAnybody.length = 0;
    this.#byUser.clear();
  }

  /** Takes the first fault that is meant for this request and has let enough pass; one that is used up goes. */
  strike(subject: FaultSubject): Strike | undefined {
    if (subject.user !== undefined && this.#byUser.size > 0) {
      const key = subject.user.toLowerCase();
      const own = this.#byUser.get(key);
      const strike = own && strikeFirst(own, subject);
      if (own?.length === 0) this.#byUser.delete(key);
      if (strike) return strike;
    }
    return this.#forAnybody.length === 0 ? undefined : strikeFirst(this.#forAnybody, subject);
  }
}

function strikeFirst(faults: Pending[], subject: FaultSubject): Strike | undefined {
  for (const [place, pending] of faults.entries()) {
    const { fault } = pending;
    if (!isMeantFor(fault, subject)) continue;
    pending.seen += 1;
    if (pending.seen <= (fault.skip ?? 0)) continue;
    const hit = pending.hits;
    pending.hits += 1;
    if (pending.hits >= (fault.times ?? 1)) faults.splice(place, 1);
    return { fault, hit };
  }
  return undefined;
}

function isMeantFor(fault: Fault, subject: FaultSubject): boolean {
  return (
    (fault.step === undefined || fault.step === subject.step) &&
    (fault.pool === undefined || fault.pool === subject.pool)
  );
}
