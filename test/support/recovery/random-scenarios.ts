import fc from 'fast-check';
import type { CallForwardingState, SimulatedUser } from '../../../infra/local/ucwa-simulator/simulator.ts';
import type { DesiredRing } from '../../../shared/ring/model/desired-ring.ts';
import { sip } from '../ring/addresses.ts';
import { randomFaults } from './random-faults.ts';
import { randomVariants } from './random-variants.ts';
import { mobile } from './recovery-harness.ts';

const contacts = fc.constantFrom<string>(mobile, 'sip:carol@contoso.com', 'tel:+442079460018');

const active: fc.Arbitrary<Partial<CallForwardingState>> = fc.oneof(
  fc.constant({}),
  contacts.map((contact) => ({
    activeSetting: 'SimultaneousRing' as const,
    simultaneousRing: { target: 'Contact' as const, ringDelay: 0, contact },
  })),
  fc
    .record({ target: fc.constantFrom('Delegates', 'Team'), ringDelay: fc.constantFrom(0, 10) })
    .map((simultaneousRing) => ({ activeSetting: 'SimultaneousRing' as const, simultaneousRing })),
  contacts.map((contact) => ({
    activeSetting: 'ImmediateForward' as const,
    immediateForward: { target: 'Contact' as const, contact },
  })),
);

const unanswered: fc.Arbitrary<Partial<CallForwardingState>> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('tel:+14255550177', 'sip:dave@contoso.com').map((contact) => ({
      unanswered: { target: 'Contact' as const, ringDelay: 15, contact },
    })),
  },
);

/** Gives the usual value nine times out of ten. */
const usually = <T>(value: T, other: T) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: fc.constant(other) });

/** What a user may and has set. */
export const randomProfile: fc.Arbitrary<Partial<SimulatedUser>> = fc.record({
  pool: fc.constantFrom('one', 'two'),
  enterpriseVoice: usually(true, false),
  simultaneousRing: usually(true, false),
  delegates: usually(true, false),
  team: usually(true, false),
  settings: fc.tuple(active, unanswered).map(([some, others]) => ({ ...some, ...others })),
});

export const randomDesired: fc.Arbitrary<DesiredRing> = fc.oneof(
  fc.constantFrom<DesiredRing[]>(
    { ring: 'contact', target: mobile },
    { ring: 'contact', target: sip('carol@contoso.com') },
  ),
  fc.constantFrom<DesiredRing[]>({ ring: 'delegates' }, { ring: 'delegates', ringDelaySeconds: 10 }),
  fc.constantFrom<DesiredRing[]>({ ring: 'team' }, { ring: 'team', ringDelaySeconds: 0 }),
  fc.constant<DesiredRing>({ ring: 'off' }),
);

/** A change of one user's ring on some server, with failures. */
export const randomScenarios = fc.record({
  variants: randomVariants,
  profile: randomProfile,
  desired: randomDesired,
  faults: randomFaults,
});

export type Scenario = typeof randomScenarios extends fc.Arbitrary<infer T> ? T : never;
