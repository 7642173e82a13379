/** Seconds after which the team rings; 0 where nobody does. */
export type Setting = number;

/** A request for the one user of the model. Its number decides between requests of the same time. */
export interface ModelRequest {
  readonly number: number;
  readonly setting: Setting;
  readonly effectiveAtMs: number;
  readonly requestedAtMs: number;
  readonly untilMs?: number | undefined;
}

type End = 'applied' | 'unchanged' | 'superseded' | 'cancelled' | 'failed';

interface Standing {
  /** An undo counts as a request of its own, from the time at which it was due. */
  readonly request: ModelRequest;
  readonly setting: Setting;
  /** What an undo goes back to; undefined where nothing recorded it. */
  readonly before: Setting | undefined;
  /** True while an undo is pending. */
  readonly isTemporary: boolean;
}

/**
 * What is promised of temporary settings and undos, for one user: which setting stands after each request, and how each
 * request ends. It knows neither queues nor claims; whoever uses it says when a request is worked on.
 */
export class ScheduleModel {
  setting: Setting = 0;
  #standing: Standing | undefined;
  /** Requests up to this one are overtaken. */
  #newest: ModelRequest | undefined;
  /** True where the newest is an undo, which overtakes what it undoes too. */
  #isUndo = false;

  /** Works on a request that is due. `hasBegun`: an earlier delivery crashed and may have written; `fails`: UCWA refuses it. */
  apply(request: ModelRequest, nowMs: number, { hasBegun = false, fails = false } = {}): End {
    const { setting, untilMs } = request;
    const isTemporary = untilMs !== undefined;
    if (this.#isOvertaken(request)) return 'superseded';
    if (isTemporary && nowMs >= untilMs) return 'cancelled';
    this.#newest = request;
    this.#isUndo = false;
    const earlier = this.#standing;
    const isInherited = earlier?.isTemporary === true && earlier.setting === this.setting;
    const found = isInherited ? earlier.before : this.setting;
    // Only a temporary setting records what it found before it writes.
    const before = hasBegun && !isTemporary ? undefined : found;
    const isRefused = fails && this.setting !== setting;
    const isUnchanged = this.setting === setting && !hasBegun;
    if (isRefused && !hasBegun) return 'failed';
    // Where a delivery crashed after it had begun, it may have written.
    const isKept =
      isUnchanged && !isTemporary && earlier?.isTemporary === false && earlier.setting === setting;
    // What changes nothing takes no way back.
    if (!isKept) this.#standing = { request, setting, before, isTemporary };
    if (isRefused) return 'failed';
    this.setting = setting;
    return isUnchanged ? 'unchanged' : 'applied';
  }

  /** Works on the undo of a request, which was due at `dueAtMs`. */
  undo(undone: ModelRequest, dueAtMs: number): End {
    const standing = this.#standing;
    if (standing?.request !== undone) {
      const isNewer = standing !== undefined && compare(standing.request, undone) > 0;
      if (!isNewer) this.#overtake(undone);
      return isNewer ? 'superseded' : 'unchanged';
    }
    this.#overtake(undone);
    const { before } = standing;
    this.#standing = { ...standing, isTemporary: false };
    if (before === undefined) return 'failed';
    if (this.setting !== standing.setting && this.setting !== before) return 'superseded';
    const isUnchanged = this.setting === before;
    this.setting = before;
    const request = { number: Number.NaN, setting: before, effectiveAtMs: dueAtMs, requestedAtMs: dueAtMs };
    this.#standing = { request, setting: before, before: undefined, isTemporary: false };
    return isUnchanged ? 'unchanged' : 'applied';
  }

  /** The undo of a request was cancelled: its setting stays for good. */
  keep(request: ModelRequest): void {
    if (this.#standing?.request === request) this.#standing = { ...this.#standing, isTemporary: false };
  }

  /** The user chooses in their own client. */
  choose(setting: Setting): void {
    this.setting = setting;
  }

  /** Results are cleared; what an undo that is pending goes back to is kept. */
  purge(): void {
    if (this.#standing?.isTemporary === false) this.#standing = { ...this.#standing, before: undefined };
  }

  #isOvertaken(request: ModelRequest): boolean {
    if (this.#newest === undefined) return false;
    const order = compare(request, this.#newest);
    return this.#isUndo ? order <= 0 : order < 0;
  }

  #overtake(undone: ModelRequest): void {
    const newest = this.#newest;
    if (newest === undefined || compare(undone, newest) > 0) this.#newest = undone;
    this.#isUndo = true;
  }
}

function compare(a: ModelRequest, b: ModelRequest): number {
  return a.effectiveAtMs - b.effectiveAtMs || a.requestedAtMs - b.requestedAtMs || a.number - b.number;
}
