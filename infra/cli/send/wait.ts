import type { Terminal } from '../terminal.ts';
import { type Progress, type Sender, UnreachableError } from './sender.ts';
import { progressLine } from './texts.ts';

/** Waits, and rejects with the signal's reason if that aborts first. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export interface Waiting {
  readonly terminal: Terminal;
  readonly sleep: Sleep;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

const shortestMs = 1_000;
const longestMs = 15_000;

/**
 * Waits until a batch has finished, and returns how it ended. What cannot be reached is asked again, for as long as it takes:
 * the batch goes on without this command. Rejects with the signal's reason.
 */
export async function waitForEnd(sender: Sender, batch: string, waiting: Waiting): Promise<Progress> {
  return await waitUntil(sender, batch, waiting, ({ finished }) => finished);
}

/** Does the same until a condition holds, and returns what held. A finished batch is waited for no longer. */
export async function waitUntil(
  sender: Sender,
  batch: string,
  waiting: Waiting,
  holds: (seen: Progress) => boolean,
): Promise<Progress> {
  const { terminal, sleep, nowMs, signal } = waiting;
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    const seen = await look(sender, batch);
    if (seen instanceof UnreachableError) {
      if (failures === 0)
        terminal.note(`${seen.message} The batch goes on; this command asks again until it hears of it.`);
      failures += 1;
      await sleep(Math.min(longestMs, shortestMs * 2 ** (failures - 1)), signal);
      continue;
    }
    if (failures > 0) terminal.note('Connected again.');
    failures = 0;
    if (seen !== undefined) terminal.progress(progressLine(batch, seen));
    if (seen !== undefined && (seen.finished || holds(seen))) return seen;
    await sleep(pauseMs(seen, nowMs()), signal);
  }
}

async function look(sender: Sender, batch: string): Promise<Progress | undefined | UnreachableError> {
  try {
    return await sender.progress(batch);
  } catch (error) {
    if (error instanceof UnreachableError) return error;
    throw error;
  }
}

/** Where all that is left waits for its next try, there is no need to ask every second. */
function pauseMs(seen: Progress | undefined, nowMs: number): number {
  if (seen?.nextTryAt === undefined || (seen.counts['pending'] ?? 0) > 0) return shortestMs;
  return Math.min(longestMs, Math.max(shortestMs, Date.parse(seen.nextTryAt) - nowMs));
}
