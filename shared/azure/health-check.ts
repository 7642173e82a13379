import { classify } from '../ring/attempt/decision-table.ts';
import { explain } from '../ring/attempt/explain.ts';
import { StorageUnavailableError } from '../ring/ports/storage-error.ts';
import type { Clock } from '../runtime/clock.ts';
import { commandsFor, type Deployed, type StoragePlace } from './health-commands.ts';
import { IdentityError } from './identity-error.ts';

/** The result of one check: whether a dependency works, and what is wrong with it if it does not. */
export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What mends it, in the order to run; left out where it is well, or no command mends it. */
  readonly commands?: readonly string[];
}

/** One thing to look at. */
export interface Check {
  readonly name: string;
  /** Returns what it found, and throws if that is not well. */
  readonly look: (signal: AbortSignal) => Promise<string>;
  /** What it waits for; undefined where its errors tell. */
  readonly host?: string | undefined;
  /** The queue or table that it looks at. */
  readonly place?: StoragePlace;
}

const checkLimitMs = 8_000;

/** How long a check that was aborted may take to tell what it was waiting for. */
const lastWordsMs = 250;

/** Runs one check, within about eight seconds. Never throws. */
export async function runCheck(clock: Clock, deployed: Deployed, check: Check): Promise<HealthCheck> {
  const { name, look } = check;
  const limit = clock.timeout(checkLimitMs);
  const end = clock.timeout(checkLimitMs + lastWordsMs);
  const over = new Promise<never>((_, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason));
  });
  try {
    return { name, ok: true, detail: await Promise.race([look(limit.signal), over]) };
  } catch (error) {
    const commands = commandsFor(error, deployed, check.place);
    const detail = describe(error, check, limit.signal.aborted);
    return { name, ok: false, detail, ...(commands.length === 0 ? {} : { commands }) };
  } finally {
    limit.stop();
    end.stop();
  }
}

const late = `did not answer within ${checkLimitMs / 1000} seconds.`;
const lateAdvice = "Check that it runs, and the app's network and DNS on the way to it.";

/** Returns what happened, to what, and what to do; undefined for an error that does not tell. */
function explained(error: unknown): string | undefined {
  if (error instanceof IdentityError) return `${error.message} ${error.remedy}`;
  if (error instanceof StorageUnavailableError) return error.message;
  const failure = classify(error);
  return failure === undefined ? undefined : explain(failure, error).detail;
}

/** Of an error that its own abort caused, only the time is worth telling, and what was waited for. */
function describe(error: unknown, { host }: Check, isLate: boolean): string {
  const detail = explained(error);
  const isNamed = host === undefined || detail?.includes(host) === true;
  if (detail !== undefined) return isLate && !isNamed ? `${host} ${late} ${detail}` : detail;
  if (isLate) return host === undefined ? `${late} ${lateAdvice}` : `${host} ${late} ${lateAdvice}`;
  return error instanceof Error ? error.message : 'fails';
}
