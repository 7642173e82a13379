import { UcwaResponseError } from '../../../shared/ucwa/errors.ts';
import type { Step } from '../../../shared/ucwa/steps.ts';

export interface ResponseOptions {
  readonly code?: string;
  readonly subcode?: string;
  readonly step?: Step;
  readonly hasChallenge?: boolean;
  readonly diagnosis?: Readonly<Record<string, string>>;
}

/** Returns the error of a response with this status. Without a `code` the response is a page, not an error of UCWA. */
export function responseError(
  status: number,
  { code, subcode, step = 'read', hasChallenge = false, diagnosis = {} }: ResponseOptions = {},
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
