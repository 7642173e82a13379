import type { Outcome } from '../../../shared/ring/model/outcome.ts';

type KeyOf<T> = T extends unknown ? keyof T : never;
type ValueOf<T, K> = T extends unknown ? (K extends keyof T ? T[K] : never) : never;

/** The properties of all kinds of outcome, each optional, for assertions that are made whatever the kind. */
export type OutcomeView = { readonly [K in KeyOf<Outcome>]?: ValueOf<Outcome, K> };

/** Returns an outcome of the user alice that is valid for its kind; `more` overrides its properties. */
export function outcomeOf(outcome: Outcome['outcome'], more: Partial<OutcomeView> = {}): Outcome {
  const base = {
    user: 'sip:alice@contoso.com',
    attempts: 1,
    recovery: [],
    requests: 8,
    correlationId: 'c-1',
  } as const;
  const { dryRun: _dryRun, would: _would, outcome: _outcome, ...rest } = more;
  const { code = 'ucwa-rejected', detail = 'It was refused.', verified = true, nextTryAt, ...common } = rest;
  if (outcome === 'applied' || outcome === 'unchanged') return { ...base, outcome, verified, ...common };
  if (outcome === 'cancelled') return { ...base, outcome, detail, ...common };
  if (outcome === 'scheduled') {
    return { ...base, outcome, detail, nextTryAt: nextTryAt ?? '2026-12-01T08:00:00.000Z', ...common };
  }
  if (outcome === 'deferred' && nextTryAt !== undefined) {
    return { ...base, outcome, code, detail, nextTryAt, ...common };
  }
  return { ...base, outcome, code, detail, ...common };
}
