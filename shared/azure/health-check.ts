import { classify } from '../ring/attempt/decision-table.ts';
import { explain } from '../ring/attempt/explain.ts';
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

/** Runs one check, within eight seconds. Never throws. */
export async function runCheck(clock: Clock, [name, look]: Check): Promise<HealthCheck> {
  const limit = clock.timeout(checkLimitMs);
  const over = new Promise<never>((_, reject) => {
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason));
  });
  try {
    return { name, ok: true, detail: await Promise.race([look(limit.signal), over]) };
  } catch (error) {
    return { name, ok: false, detail: error === limit.signal.reason ? late : describe(error) };
  } finally {
    limit.stop();
  }
}

const late = `did not answer within ${checkLimitMs / 1000} seconds. Check that it runs, and the app's network and DNS on the way to it.`;

/** Returns what happened, to what, and what to do. */
function describe(error: unknown): string {
  if (error instanceof IdentityError) return `${error.message} ${error.remedy}`;
  const failure = classify(error);
  if (failure !== undefined) return explain(failure, error).detail;
  return error instanceof Error ? error.message : 'fails';
}
