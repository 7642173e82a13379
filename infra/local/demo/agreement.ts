import { isDeepStrictEqual } from 'node:util';
import type { CallForwardingState } from '../ucwa-simulator/simulator.ts';
import type { BatchOutcome, ToldSettings } from './batch.ts';
import {
  afterApplying,
  asTold,
  type HeldSettings,
  heldBy,
  isAsAsked,
  whereItMayEnd,
} from './held-settings.ts';

type States = Iterable<readonly [user: string, state: CallForwardingState]>;

/** An outcome, and the number of its entry where it is one of a batch. */
type Told = BatchOutcome & { readonly batch?: string };

/** Outcomes of requests for which nothing was written. */
const withoutWrite: ReadonlySet<string> = new Set(['scheduled', 'rejected', 'cancelled']);

/** Codes of failures that come before anything is written. */
const codesBeforeWriting: ReadonlySet<string> = new Set([
  'user-not-enabled',
  'user-not-found',
  'credential-missing',
  'credential-invalid',
  'credential-rejected',
  'identity-mismatch',
  'sign-in-unsupported',
]);

/**
 * Compares what outcomes and readings tell with what the server holds: ring, target, delay, forwarding, the target for
 * unanswered calls, and the state before. It starts from what the server holds, and follows each user through what is told,
 * in that order. Whatever is not told must not have changed.
 */
export class Agreement {
  /** What each user may have, according to all that was told: several where the end of a request is not known. */
  readonly #possible = new Map<string, readonly HeldSettings[]>();
  readonly #contradictions: string[] = [];
  readonly #toldEntries = new Set<string>();
  /** Entries that have not ended, with their users: what they do is not told yet. */
  readonly #pending = new Map<string, string>();

  /** `states` are those before the first request. */
  constructor(states: States) {
    for (const [user, state] of states) this.noteChosen(user, state);
  }

  /** Notes settings that were not made by a request: the user chose them, or a test did. */
  noteChosen(user: string, state: CallForwardingState): void {
    this.#possible.set(user.toLowerCase(), [heldBy(state)]);
  }

  /** Takes in an outcome. The final outcome of an entry counts once, however often it is told. */
  tell(outcome: Told): void {
    const { batch, part = 0, entry, user } = outcome;
    const key = batch === undefined || entry === undefined ? undefined : `${batch}/${part}/${entry}`;
    if (key !== undefined) {
      if (this.#toldEntries.has(key)) return;
      if (outcome.outcome === undefined) return void this.#pending.set(key, user);
      this.#pending.delete(key);
      if (outcome.outcome !== 'deferred' && outcome.outcome !== 'scheduled') this.#toldEntries.add(key);
    }
    const possible = this.#possible.get(user.toLowerCase());
    if (possible !== undefined) this.#possible.set(user.toLowerCase(), this.#follow(possible, outcome));
    else if (isSuccess(outcome))
      this.#contradict(user, 'is told to be set', 'the server does not know the user');
  }

  /** Takes in what GET told of a user. Of one who was added since, nothing is known that it could contradict. */
  tellReading(user: string, told: ToldSettings): void {
    const possible = this.#possible.get(user.toLowerCase());
    if (possible === undefined) return;
    this.#possible.set(user.toLowerCase(), this.#matching(user, possible, told, 'GET'));
  }

  /** Returns a sentence for each contradiction so far, and for each user whose settings on the server are others than was told. */
  differences(states: States): readonly string[] {
    const differences = [...this.#contradictions];
    const open = new Set([...this.#pending.values()].map((user) => user.toLowerCase()));
    for (const [user, state] of states) {
      const held = heldBy(state);
      const possible = this.#possible.get(user.toLowerCase()) ?? [held];
      if (open.has(user.toLowerCase()) || possible.some((one) => isDeepStrictEqual(one, held))) continue;
      differences.push(
        `${user}: ${formatAll(possible.map(asShown))} was told, the server has ${format(asShown(held))}.`,
      );
    }
    return differences;
  }

  /** Returns what the user may have after this outcome. */
  #follow(possible: readonly HeldSettings[], outcome: Told): readonly HeldSettings[] {
    const { user, previous, dryRun = false, code = '' } = outcome;
    if (withoutWrite.has(outcome.outcome ?? '') || codesBeforeWriting.has(code)) return possible;
    if (!isSuccess(outcome)) {
      if (dryRun || outcome.ring === undefined) return possible;
      return unique(possible.flatMap((held) => whereItMayEnd(held, outcome)));
    }
    const before =
      previous === undefined ? possible : this.#matching(user, possible, previous, 'the state before');
    if (dryRun) return this.#rehearsed(before, outcome);
    if (outcome.outcome === 'applied') return unique(before.map((held) => afterApplying(held, outcome)));
    return this.#asAsked(before, outcome, true);
  }

  #rehearsed(before: readonly HeldSettings[], outcome: Told): readonly HeldSettings[] {
    this.#asAsked(before, outcome, outcome.would === 'nothing');
    return before;
  }

  /** Keeps the settings that are, or are not, as a request asks. */
  #asAsked(before: readonly HeldSettings[], outcome: Told, isAsked: boolean): readonly HeldSettings[] {
    const matching = before.filter((held) => isAsAsked(held, outcome) === isAsked);
    if (matching.length > 0) return matching;
    const told = `${outcome.outcome}${outcome.would === undefined ? '' : `, would ${outcome.would}`}`;
    this.#contradict(outcome.user, `"${told}" was told`, `the server had ${formatAll(before.map(asShown))}`);
    return before;
  }

  /** Keeps the settings that are as told. */
  #matching(
    user: string,
    possible: readonly HeldSettings[],
    told: ToldSettings,
    subject: string,
  ): readonly HeldSettings[] {
    const matching = possible.filter((held) => isDeepStrictEqual(asTold(held), told));
    if (matching.length > 0) return matching;
    this.#contradict(
      user,
      `${subject} was told as ${format(told)}`,
      `it was ${formatAll(possible.map(asTold))}`,
    );
    return possible;
  }

  #contradict(user: string, told: string, held: string): void {
    this.#contradictions.push(`${user}: ${told}, and ${held}.`);
  }
}

function isSuccess({ outcome }: BatchOutcome): boolean {
  return outcome === 'applied' || outcome === 'unchanged';
}

function unique(all: readonly HeldSettings[]): readonly HeldSettings[] {
  return all.filter((one, index) => all.findIndex((other) => isDeepStrictEqual(one, other)) === index);
}

/** As it is told, with where unanswered calls go in any case. */
function asShown(held: HeldSettings): object {
  return { ...asTold(held), unansweredTo: held.unansweredTo };
}

function format(told: object): string {
  return JSON.stringify(told);
}

function formatAll(told: readonly object[]): string {
  return told.map(format).join(' or ');
}
