import { describe, expect, it } from 'vitest';
import type { UserRecord } from '../../../../../shared/ring/ports/user-store.ts';
import { userStatus } from '../../../../../shared/ring/user/list-users.ts';
import { sip, tel } from '../../../../support/ring/addresses.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const user = sip('alice@contoso.com');
const requestedAtMs = Date.parse('2026-11-23T09:00:00Z');
const atMs = requestedAtMs + 2_000;
const order = { effectiveAtMs: requestedAtMs, batch: 'hr', part: 0, entry: 3 };
const newest = {
  order,
  desired: { ring: 'contact', target: tel('tel:+14255550123') },
  source: 'hr',
} as const;
const request = { requestedAt: '2026-11-23T09:00:00.000Z', batch: 'hr' };
const endedAt = '2026-11-23T09:00:02.000Z';

const cases: readonly (readonly [string, UserRecord, object])[] = [
  [
    'who was set',
    { newest, last: { order, outcome: outcomeOf('applied'), mayHaveWritten: true, atMs } },
    { ...newest.desired, provedAt: endedAt, outcome: 'applied', ...request, endedAt, source: 'hr' },
  ],
  [
    'whose last request failed without a write: what stands is that of an earlier one',
    {
      newest: { order, desired: { ring: 'off' } },
      standing: {
        order: { ...order, batch: 'old' },
        desired: { ring: 'team', ringDelaySeconds: 5 },
        provedAtMs: 0,
      },
      last: {
        order,
        outcome: outcomeOf('failed', { code: 'busy', detail: 'So.' }),
        mayHaveWritten: false,
        atMs,
      },
    },
    {
      ring: 'team',
      ringDelaySeconds: 5,
      provedAt: '1970-01-01T00:00:00.000Z',
      outcome: 'failed',
      code: 'busy',
      detail: 'So.',
      ...request,
      endedAt,
    },
  ],
  [
    'for whom nothing was set yet',
    { newest, last: { order, outcome: outcomeOf('failed'), mayHaveWritten: false, atMs } },
    {
      outcome: 'failed',
      code: 'ucwa-rejected',
      detail: 'It was refused.',
      ...request,
      endedAt,
      source: 'hr',
    },
  ],
  [
    'whose request waits',
    { newest, last: { order, outcome: outcomeOf('deferred', { code: 'busy' }), mayHaveWritten: true, atMs } },
    {
      ...newest.desired,
      outcome: 'deferred',
      code: 'busy',
      detail: 'It was refused.',
      ...request,
      source: 'hr',
    },
  ],
  [
    'whose request is at work',
    { newest, claim: { id: 'c', untilMs: atMs } },
    { ...newest.desired, ...request, source: 'hr' },
  ],
  [
    'whose results were purged',
    { newest: { order }, standing: { ...newest, provedAtMs: atMs } },
    { ...newest.desired, provedAt: endedAt, ...request },
  ],
  ['whose results 0.1 purged', { newest: { order } }, request],
];

describe('the status of a user', () => {
  it.each(cases)('%s', (_who, record, expected) => {
    expect(userStatus({ user, record })).toEqual({ user, ...expected });
  });
});
