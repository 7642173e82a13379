/** A call of a port, for hooks and for the labels of a scheduler: the operation, then its subject. */
export type Call = `${string} ${string}`;

/**
 * Hooks around a call that takes effect at one moment. `before` may wait, or throw so that the call has no effect. `after`
 * may wait, or throw so that only the call's response is lost. `done` runs at the moment of the effect: no other call
 * takes effect until it has ended.
 */
export interface Turns {
  readonly before?: (call: Call) => Promise<unknown>;
  readonly done?: (call: Call) => void | Promise<void>;
  readonly after?: (call: Call) => Promise<unknown>;
}

/** Runs the effect of a call between its two turns, and returns its result. */
export async function takeTurn<T>(turns: Turns, call: Call, act: () => T): Promise<T> {
  await turns.before?.(call);
  const result = act();
  const done = turns.done?.(call);
  if (done !== undefined) await done;
  await turns.after?.(call);
  return result;
}
