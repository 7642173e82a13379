import { type Failed, failed } from '../../../runtime/result.ts';

/** Why a target cannot be rung; `detail` does not repeat it. */
export interface TargetProblem {
  readonly code: 'invalid-request' | 'target-not-allowed';
  readonly detail: string;
}

/** Returns the failure of a target that cannot be read. */
export function invalid(detail: string): Failed<TargetProblem> {
  return failed({ code: 'invalid-request', detail });
}

/** Returns the failure of a target that a dial rule forbids. */
export function notAllowed(detail: string): Failed<TargetProblem> {
  return failed({ code: 'target-not-allowed', detail });
}
