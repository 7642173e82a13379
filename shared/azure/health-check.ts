import { classify } from '../ring/attempt/decision-table.ts';
import { explain } from '../ring/attempt/explain.ts';
import { StorageUnavailableError } from '../ring/ports/storage-error.ts';
import type { Clock } from '../runtime/clock.ts';
import { IdentityError } from './identity-error.ts';

/** The result of one check: whether a dependency works, and what is wrong with it if it does not. */
export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** A check's name, and what looks: it returns what it found, and throws if that is not well. */
export type Check = readonly [name: string, look: (signal: AbortSignal) => Promise<string>];

const checkLimitMs = 8_000;

/** How long a check that was aborted may take to tell what it was waiting for. */
const lastWordsMs = 250;

/** Runs one check, within about eight seconds. Never throws. */
export async function runCheck(clock: Clock, [name, look]: Check): Promise<HealthCheck> {
  const limit = clock.timeout(checkLimitMs);
  const end = clock.timeout(checkLimitMs + lastWordsMs);
  const over = new Promise<never>((_, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason));
  });
  try {
    return { name, ok: true, detail: await Promise.race([look(limit.signal), over]) };
  } catch (error) {
    return { name, ok: false, detail: describe(error, limit.signal.aborted) };
  } finally {
    limit.stop();
    end.stop();
  }
}

const late = `did not answer within ${checkLimitMs / 1000} seconds. Check that it runs, and the app's network and DNS on the way to it.`;

/** Returns what happened, to what, and what to do; undefined for an error that does not tell. */
function explained(error: unknown): string | undefined {
  if (error instanceof IdentityError) return `${error.message} ${error.remedy}`;
  if (error instanceof StorageUnavailableError) return error.message;
  const failure = classify(error);
  return failure === undefined ? undefined : explain(failure, error).detail;
}

/** Of an error that its own abort caused, only the time is worth telling. */
function describe(error: unknown, isLate: boolean): string {
  const detail = explained(error);
  if (detail !== undefined) return detail;
  if (isLate) return late;
  return error instanceof Error ? error.message : 'fails';
}
