import { UcwaError } from '../../ucwa/errors.ts';
import { OutOfTimeError } from './out-of-time.ts';

/** Returns the host that failed, for logs and alerts; undefined where no server was involved. */
export function failedHost(error: unknown): string | undefined {
  return error instanceof UcwaError || error instanceof OutOfTimeError ? error.host : undefined;
}
