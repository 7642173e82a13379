import { setImmediate } from 'node:timers/promises';

/** Lets other work of this process go on: call it now and then in a loop that computes for long. */
export async function nextTurn(): Promise<void> {
  await setImmediate();
}
