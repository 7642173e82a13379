/** A call of a port: what is asked and of whom, for hooks and for the labels of a scheduler. */
export type Call = `${string} ${string}`;

/**
 * What happens around a call that takes effect in between: `before` may wait or throw (nothing is then done), `after`
 * may wait or throw (it is done, and its answer is lost). `done` comes at the very moment of the effect: no other call
 * takes effect until it is over.
 */
export interface Turns {
  readonly before?: (call: Call) => Promise<unknown>;
  readonly done?: (call: Call) => void | Promise<void>;
  readonly after?: (call: Call) => Promise<unknown>;
}

/** Runs what a call does at one moment between its two turns. */
export async function takeTurn<T>(turns: Turns, call: Call, act: () => T): Promise<T> {
  await turns.before?.(call);
  const answer = act();
  const seen = turns.done?.(call);
  if (seen !== undefined) await seen;
  await turns.after?.(call);
  return answer;
}
