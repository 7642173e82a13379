import type { Outcome } from '../../../shared/ring/model/outcome.ts';

/** An outcome of alice's, unless more is said. */
export function outcomeOf(outcome: Outcome['outcome'], more: Partial<Outcome> = {}): Outcome {
  return {
    user: 'sip:alice@contoso.com',
    outcome,
    attempts: 1,
    recovery: [],
    requests: 8,
    correlationId: 'c-1',
    ...more,
  };
}
