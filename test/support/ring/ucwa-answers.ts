import { UcwaResponseError } from '../../../shared/ucwa/errors.ts';
import type { Step } from '../../../shared/ucwa/steps.ts';

/** An answer of a pool as an error; without a code it is a page, not UCWA's own words. */
export function answered(
  status: number,
  {
    code,
    subcode,
    step = 'read',
    hasChallenge = false,
    diagnosis = {},
  }: {
    code?: string;
    subcode?: string;
    step?: Step;
    hasChallenge?: boolean;
    diagnosis?: Readonly<Record<string, string>>;
  } = {},
): UcwaResponseError {
  const body = code === undefined ? undefined : { code, subcode };
  return new UcwaResponseError(step, 'pool.contoso.com', {
    status,
    body,
    retryAfter: undefined,
    hasChallenge,
    diagnosis,
  });
}
