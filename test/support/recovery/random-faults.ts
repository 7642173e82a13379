import fc from 'fast-check';
import type { Fault } from '../../../infra/local/ucwa-simulator/simulator.ts';

const subcodes = [
  ...(['CallbackChannelError', 'ApplicationNotFound', 'InactiveApplicationExpired'] as const),
  ...(['TooManyApplications', 'AlreadyExists', 'TooManyGroups', 'CannotRedirect', 'ServiceTimeout'] as const),
  ...(['ResourceNotFound', 'UserAgentNotAllowed', 'NoDelegatesConfigured', 'BornYesterday'] as const),
];
const statuses = [
  ...([400, 401, 403, 404, 405, 408, 409, 410, 412, 413, 415, 418, 428, 429] as const),
  ...([500, 501, 502, 503, 504, 507] as const),
];

const answers: fc.Arbitrary<Fault['answer']> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ status: 500, subcode: 'CallbackChannelError' }) },
  { weight: 4, arbitrary: fc.record({ status: fc.constantFrom(...statuses) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      status: fc.constantFrom(403, 404, 409, 410, 500),
      subcode: fc.constantFrom(...subcodes),
      format: fc.constantFrom('json', 'xml', 'html'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('0', '3', '50', '1000', 'soon').map((retryAfter) => ({
      status: 503,
      headers: { 'Retry-After': retryAfter },
    })),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...([{ kind: 'hang' }, { kind: 'reset' }, { kind: 'reset-in-body' }, { kind: 'broken-gzip' }] as const),
      ...([{ kind: 'malformed-json' }, { kind: 'bad-links' }, { kind: 'wrong-shape' }] as const),
      ...([{ kind: 'huge-body', bytes: 1_100_000 }] as const),
    ),
  },
);

/** The requests that a fault matches; an operation alone matches its reads before and after a write. */
const matched = fc.constantFrom<Pick<Fault, 'step' | 'operation'>>(
  { step: 'discovery', operation: 'root' },
  { step: 'discovery', operation: 'redirect' },
  { step: 'challenge' },
  { step: 'token' },
  { step: 'home-pool', operation: 'user' },
  { step: 'home-pool', operation: 'redirect' },
  { step: 'application' },
  { operation: 'callForwardingSettings' },
  { operation: 'simultaneousRingSettings' },
  { operation: 'immediateForwardSettings' },
  { operation: 'unansweredCallSettings' },
  { step: 'read-back' },
  { operation: 'simultaneousRingToContact' },
  { operation: 'simultaneousRingToDelegates' },
  { operation: 'simultaneousRingToTeam' },
  { operation: 'turnOffCallForwarding' },
  { operation: 'unansweredCallToContact' },
  { step: 'write' },
  { step: 'contact' },
  { step: 'clean-up' },
);

const fault: fc.Arbitrary<Fault> = fc
  .record({
    matched,
    skip: fc.constantFrom(0, 0, 1, 2),
    times: fc.constantFrom(1, 1, 2, 3, 4, Number.POSITIVE_INFINITY),
    applied: fc.boolean(),
    answer: answers,
  })
  .map(({ matched: requests, ...rest }) => ({ ...requests, ...rest }));

const tokenFault: fc.Arbitrary<Fault> = fc.record({
  step: fc.constant('token' as const),
  times: fc.constantFrom(1, 2, 5),
  answer: fc
    .constantFrom('invalid_grant', 'unsupported_grant_type', 'server_error', 'invalid_request')
    .map((error) => ({ kind: 'token-error' as const, error })),
});

/** Up to five faults anywhere, and up to one error of the token service. */
export const randomFaults: fc.Arbitrary<readonly Fault[]> = fc
  .tuple(fc.array(fault, { maxLength: 5 }), fc.array(tokenFault, { maxLength: 1 }))
  .map(([anywhere, ofTokens]) => [...anywhere, ...ofTokens]);
