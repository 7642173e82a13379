import { SignInUnjudgedError } from '../../../shared/ucwa/errors.ts';

/** Returns all that a log could show of an error: name, message, stack and properties, and those of its cause. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? '';
  const cause = error.cause === undefined ? '' : textOf(error.cause);
  return [error.name, error.message, error.stack, JSON.stringify(error), cause].join('\n');
}

/** Returns the reason that a promise rejects with. Throws if it resolves. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('This should have failed.');
}

/** Returns what was received in place of a verdict on a password; any other error as it is. */
export function judged(error: unknown): unknown {
  return error instanceof SignInUnjudgedError ? error.cause : error;
}
