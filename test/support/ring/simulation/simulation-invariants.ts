import { isEnded, type StoredEntry } from '../../../../shared/ring/ports/ledger.ts';
import type { SipUri } from '../../../../shared/ucwa/uri.ts';
import type { SeenEntries } from './simulated-storage.ts';

/** A message that is being processed, as far as the invariants need it. */
export interface ObservedRun {
  /** How often the entries were requeued before they came into this message. */
  readonly depth: number;
  /** The user of each entry, by the entry's name: `batch|part|entry`. */
  readonly entries: ReadonlyMap<string, string>;
}

/** The depth of the deepest message that worked on an entry, and the step at which it began to. */
interface DeepestWork {
  readonly depth: number;
  readonly sinceStep: number;
}

/** Records violations of the rules that must hold however deliveries interleave. */
export class SimulationInvariants {
  readonly violations: string[] = [];
  /** Names of entries in two messages that were processed at the same time. */
  readonly concurrentEntries = new Set<string>();
  readonly #active = new Set<ObservedRun>();
  readonly #startSteps = new WeakMap<ObservedRun, number>();
  readonly #stored = new Map<string, StoredEntry>();
  readonly #deepestWork = new Map<string, DeepestWork>();
  #step = 0;

  /** Records that a run has begun. */
  recordStart(run: ObservedRun): void {
    this.#step += 1;
    for (const other of this.#active) {
      for (const name of run.entries.keys()) {
        if (other.entries.has(name)) this.concurrentEntries.add(name);
      }
    }
    this.#active.add(run);
    this.#startSteps.set(run, this.#step);
  }

  /** Records that a run has ended or crashed. */
  recordEnd(run: ObservedRun): void {
    this.#active.delete(run);
  }

  /**
   * Checks that a run may sign in as a user. It may not if a message that was requeued from its own was already working
   * on the entry when the run began.
   */
  checkSignIn(run: ObservedRun, user: SipUri): void {
    const startStep = this.#startSteps.get(run) ?? 0;
    this.#step += 1;
    for (const [name, entryUser] of run.entries) {
      const deepest = this.#deepestWork.get(name);
      if (deepest === undefined || deepest.depth <= run.depth) {
        const sinceStep = deepest?.depth === run.depth ? deepest.sinceStep : this.#step;
        this.#deepestWork.set(name, { depth: run.depth, sinceStep });
      } else if (deepest.sinceStep < startStep && entryUser === user) {
        this.violations.push(`${name} was worked on after a requeued message had taken it over`);
      }
    }
  }

  /** Checks entries after a write of this generation: it may change none that has ended or has a higher generation. */
  checkEntries(seen: SeenEntries, generation: number): void {
    for (const [part, entries] of seen) {
      for (const entry of entries) this.#checkEntry(`${part}|${entry.entry}`, entry, generation);
    }
  }

  #checkEntry(name: string, entry: StoredEntry, generation: number): void {
    const before = this.#stored.get(name);
    this.#stored.set(name, entry);
    if (before === undefined || before.etag === entry.etag) return;
    if (isEnded(before)) this.violations.push(`${name} changed after its end`);
    if (entry.generation < before.generation) {
      this.violations.push(`${name} fell from generation ${before.generation} to ${entry.generation}`);
    }
    if (generation < before.generation) {
      this.violations.push(`${name} was written by generation ${generation}, not ${before.generation}`);
    }
  }
}
