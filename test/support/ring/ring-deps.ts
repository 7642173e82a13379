import type { Invocation, RingDeps, RingLimits } from '../../../shared/ring/ports/deps.ts';
import { Semaphore, unlimitedSlots } from '../../../shared/runtime/semaphore.ts';

type RequiredDeps = Pick<RingDeps, 'ucwa' | 'credentials' | 'clock' | 'users' | 'ledger' | 'queues'>;

/** The limits that result from the default settings. */
const defaultLimits: RingLimits = {
  attemptLimitMs: 90_000,
  httpBudgetMs: 20_000,
  maxAttempts: 6,
  giveUpAfterMs: 24 * 60 * 60_000,
  sliceMs: 240_000,
  retentionMs: 30 * 24 * 60 * 60_000,
};

/** Collaborators and limits that replace the defaults of a test. */
export type Overrides = Partial<Omit<RingDeps, 'limits'>> & Partial<RingLimits>;

/** Returns the collaborators of use cases, with default limits, a constant `random` and numbered ids. */
export function ringDeps(given: RequiredDeps & Overrides): RingDeps {
  const { attemptLimitMs, httpBudgetMs, maxAttempts, giveUpAfterMs, sliceMs, retentionMs } = {
    ...defaultLimits,
    ...given,
  };
  let ids = 0;
  return {
    random: () => 0.5,
    hostsServed: { note: () => {} },
    newId: () => `id-${++ids}`,
    rules: {
      users: { sipDomains: ['contoso.com'] },
      targets: { defaultCountry: undefined, countries: undefined, sipDomains: ['contoso.com'] },
    },
    slots: unlimitedSlots,
    inFlight: new Semaphore(16),
    ...given,
    limits: { attemptLimitMs, httpBudgetMs, maxAttempts, giveUpAfterMs, sliceMs, retentionMs },
  };
}

/** Returns the invocation of one delivery of a message; `more` overrides its properties. */
export function invocation(more: Partial<Invocation> = {}): Invocation {
  return {
    log: () => {},
    correlationId: 'c-1',
    signal: new AbortController().signal,
    priority: 'batch',
    ...more,
  };
}

/** Returns a message as an HR system sends it: each entry rings the user's team after a number of seconds. */
export function teamMessage(
  entries: readonly (readonly [user: string, ringDelaySeconds: number])[],
  more: Readonly<Record<string, unknown>> = {},
) {
  return {
    schema: 'simring/bulk/1',
    batch: 'hr',
    ...more,
    entries: entries.map(([user, ringDelaySeconds]) => ({ user, ring: 'team', ringDelaySeconds })),
  };
}
