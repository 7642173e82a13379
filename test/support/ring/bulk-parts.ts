import type { BulkParts } from '../../../shared/ring/batch/process-message.ts';
import { Semaphore, unlimitedSlots } from '../../../shared/runtime/semaphore.ts';

type Given = Pick<BulkParts, 'ucwa' | 'credentials' | 'clock' | 'users' | 'ledger' | 'queues'>;

/** What processing takes, with the defaults of the settings and no chance in it. */
export function bulkParts(given: Given & Partial<BulkParts>): BulkParts {
  let ids = 0;
  return {
    random: () => 0.5,
    log: () => {},
    hostsServed: { note: () => {} },
    newId: () => `id-${++ids}`,
    attemptLimitMs: 90_000,
    rules: {
      users: { sipDomains: ['contoso.com'] },
      targets: { defaultCountry: undefined, countries: undefined, sipDomains: ['contoso.com'] },
    },
    slots: unlimitedSlots,
    inFlight: new Semaphore(16),
    maxAttempts: 6,
    giveUpAfterMs: 24 * 60 * 60_000,
    sliceMs: 240_000,
    ...given,
  };
}

/** A message as an HR system sends it: each person's team is rung after so many seconds. */
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
