import { describe, expect, it } from 'vitest';
import { Agreement } from '../../../../infra/local/demo/agreement.ts';
import type { BatchOutcome, ToldSettings } from '../../../../infra/local/demo/batch.ts';
import type { CallForwardingState } from '../../../../infra/local/ucwa-simulator/simulator.ts';

const user = 'sip:alice@contoso.com';
const mobile = 'tel:+14255550123';
const other = 'tel:+14255550124';
const bob = 'sip:bob@contoso.com';

/** The state of a user who set nothing but this. */
function stateWith(more: Partial<CallForwardingState> = {}): CallForwardingState {
  return {
    activePeriod: 'Always',
    activeSetting: 'None',
    immediateForward: { target: 'None' },
    simultaneousRing: { target: 'None', ringDelay: 0 },
    unanswered: { target: 'Voicemail', ringDelay: 20 },
    ...more,
  };
}

const ringing = (contact: string): Partial<CallForwardingState> => ({
  activeSetting: 'SimultaneousRing',
  simultaneousRing: { target: 'Contact', ringDelay: 0, contact },
});
const ringingTeam = (ringDelay: number): Partial<CallForwardingState> => ({
  activeSetting: 'SimultaneousRing',
  simultaneousRing: { target: 'Team', ringDelay },
});
const unansweredTo = (contact: string, ringDelay = 25): Partial<CallForwardingState> => ({
  unanswered: { target: 'Contact', ringDelay, contact },
});
const forwarding = (contact: string): Partial<CallForwardingState> => ({
  activeSetting: 'ImmediateForward',
  immediateForward: { target: 'Contact', contact },
});

const applied: BatchOutcome = { user, outcome: 'applied', ring: 'contact', target: mobile };
const turnedOff: BatchOutcome = { user, outcome: 'applied', ring: 'off' };
const ownTarget = { unanswered: { target: bob, ringDelaySeconds: 25 } } as const;

/** What the server held before, what was told, and what it holds now. */
interface Case {
  readonly before?: Partial<CallForwardingState>;
  readonly told?: readonly BatchOutcome[];
  readonly read?: ToldSettings;
  readonly now?: Partial<CallForwardingState>;
}

function differencesOf({ before, told = [], read, now }: Case): readonly string[] {
  const agreement = new Agreement([[user, stateWith(before)]]);
  for (const outcome of told) agreement.tell(outcome);
  if (read !== undefined) agreement.tellReading(user, read);
  return agreement.differences([[user, stateWith(now)]]);
}

const contradictions: readonly (readonly [name: string, contradiction: Case])[] = [
  ['a ring that is off', { told: [applied] }],
  ['another target', { told: [applied], now: ringing(other) }],
  ['another group', { told: [{ ...applied, ring: 'delegates' }], now: ringingTeam(0) }],
  ['another delay', { told: [{ ...applied, ring: 'team', ringDelaySeconds: 10 }], now: ringingTeam(5) }],
  ['a ring that is on', { before: ringing(mobile), told: [turnedOff], now: ringing(mobile) }],
  ['a ring that nobody asked for', { now: ringing(mobile) }],
  ['a forward that nobody asked for', { now: forwarding(mobile) }],
  ['a forward that still holds', { before: forwarding(bob), told: [applied], now: forwarding(bob) }],
  [
    'an unanswered target that was lost, without a warning',
    { before: { ...ringing(mobile), ...unansweredTo(bob) }, told: [turnedOff] },
  ],
  [
    'an unanswered target of another person',
    { before: { ...ringing(mobile), ...unansweredTo(bob) }, told: [turnedOff], now: unansweredTo(mobile) },
  ],
  [
    'another delay of the unanswered target',
    { before: { ...ringing(mobile), ...unansweredTo(bob) }, told: [turnedOff], now: unansweredTo(bob, 20) },
  ],
  [
    'an unanswered target that a PUT changed',
    { before: unansweredTo(bob), told: [applied], now: ringing(mobile) },
  ],
  [
    'voicemail that a PUT set for unanswered calls',
    { before: { unanswered: { target: 'None', ringDelay: 20 } }, told: [applied], now: ringing(mobile) },
  ],
  [
    'a warning of a target that was not lost',
    {
      before: { ...ringing(mobile), ...unansweredTo(bob) },
      told: [{ ...turnedOff, warnings: [{ code: 'unanswered-lost' }] }],
      now: unansweredTo(bob),
    },
  ],
  ['another active period', { told: [applied], now: { ...ringing(mobile), activePeriod: 'Workhours' } }],
  [
    'another ring before',
    { before: ringing(other), told: [{ ...applied, previous: { ring: 'off' } }], now: ringing(mobile) },
  ],
  [
    'another target before',
    {
      before: ringing(other),
      told: [{ ...applied, previous: { ring: 'contact', target: mobile } }],
      now: ringing(mobile),
    },
  ],
  [
    'another delay before',
    {
      before: ringingTeam(10),
      told: [{ ...applied, previous: { ring: 'team', ringDelaySeconds: 5 } }],
      now: ringing(mobile),
    },
  ],
  [
    'a forward before that is not told',
    { before: forwarding(bob), told: [{ ...applied, previous: { ring: 'off' } }], now: ringing(mobile) },
  ],
  [
    'an unanswered target before that is not told',
    {
      before: unansweredTo(bob),
      told: [{ ...applied, previous: { ring: 'off' } }],
      now: { ...ringing(mobile), ...unansweredTo(bob) },
    },
  ],
  [
    'an unchanged ring that was another',
    { before: ringing(other), told: [{ ...applied, outcome: 'unchanged' }], now: ringing(other) },
  ],
  [
    'a dry run that would apply what is so',
    {
      before: ringing(mobile),
      told: [{ ...applied, outcome: 'unchanged', dryRun: true, would: 'apply' }],
      now: ringing(mobile),
    },
  ],
  [
    'a dry run that would do nothing, although something is to be done',
    { told: [{ ...applied, outcome: 'unchanged', dryRun: true, would: 'nothing' }] },
  ],
  [
    'a dry run that wrote',
    {
      told: [{ ...applied, outcome: 'unchanged', dryRun: true, would: 'apply' }],
      now: ringing(mobile),
    },
  ],
  ['a reading of another ring', { before: ringing(mobile), read: { ring: 'off' }, now: ringing(mobile) }],
  [
    'a reading without the unanswered target',
    { before: unansweredTo(bob), read: { ring: 'off' }, now: unansweredTo(bob) },
  ],
  ['a refusal that wrote', { told: [{ ...applied, outcome: 'rejected' }], now: ringing(mobile) }],
  [
    'a failure before any write that wrote',
    { told: [{ ...applied, outcome: 'failed', code: 'credential-rejected' }], now: ringing(mobile) },
  ],
  ['a failure that set something else', { told: [{ ...applied, outcome: 'failed' }], now: ringing(other) }],
  ['a user whom the server does not know', { told: [{ ...applied, user: 'sip:nobody@contoso.com' }] }],
];

const agreements: readonly (readonly [name: string, agreement: Case])[] = [
  ['a ring', { told: [applied], now: ringing(mobile) }],
  ['a ring to a group', { told: [{ ...applied, ring: 'team', ringDelaySeconds: 10 }], now: ringingTeam(10) }],
  [
    'a ring that ended a forward, and left the unanswered target',
    {
      before: { ...forwarding(mobile), ...unansweredTo(bob) },
      told: [{ ...applied, previous: { ring: 'off', forwarding: { target: mobile }, ...ownTarget } }],
      now: { ...ringing(mobile), ...unansweredTo(bob) },
    },
  ],
  [
    'a turning off that kept the unanswered target',
    {
      before: { ...ringing(mobile), ...unansweredTo(bob) },
      told: [{ ...turnedOff, previous: { ring: 'contact', target: mobile, ...ownTarget } }],
      now: unansweredTo(bob),
    },
  ],
  [
    'a turning off that was warned of the loss',
    {
      before: { ...ringing(mobile), ...unansweredTo(bob) },
      told: [{ ...turnedOff, warnings: [{ code: 'unanswered-not-restored' }] }],
    },
  ],
  [
    'a forward that turning off leaves alone',
    {
      before: forwarding(bob),
      told: [{ ...turnedOff, outcome: 'unchanged', previous: { ring: 'off', forwarding: { target: bob } } }],
      now: forwarding(bob),
    },
  ],
  ['a deferred change that was made', { told: [{ ...applied, outcome: 'deferred' }], now: ringing(mobile) }],
  ['a deferred change that was not made', { told: [{ ...applied, outcome: 'deferred' }] }],
  [
    'a turning off that broke off before the unanswered target was set again',
    { before: { ...ringing(mobile), ...unansweredTo(bob) }, told: [{ ...turnedOff, outcome: 'failed' }] },
  ],
  [
    'the last of two changes',
    {
      told: [applied, { ...applied, target: other, previous: { ring: 'contact', target: mobile } }],
      now: ringing(other),
    },
  ],
  ['a user with an entry that is pending', { told: [{ user, entry: 0 }] }],
  ['a reading', { before: unansweredTo(bob), read: { ring: 'off', ...ownTarget }, now: unansweredTo(bob) }],
];

describe('the agreement of what is told with what the server holds', () => {
  it.each(contradictions)('is contradicted by %s', (_name, contradiction) => {
    const differences = differencesOf(contradiction);
    expect(differences.length).toBeGreaterThan(0);
    for (const sentence of differences) expect(sentence).toMatch(/^sip:.*\.$/);
  });

  it.each(agreements)('holds for %s', (_name, agreement) => {
    expect(differencesOf(agreement)).toEqual([]);
  });

  it('says nothing of a user who was added since, and does not call a reading of that user wrong', () => {
    const agreement = new Agreement([]);
    agreement.tellReading(user, { ring: 'off', ...ownTarget });
    expect(agreement.differences([[user, stateWith(unansweredTo(bob))]])).toEqual([]);
  });

  it('counts the outcome of an entry once, and the settings that a user chose since', () => {
    const agreement = new Agreement([[user, stateWith()]]);
    const ended = { ...applied, batch: 'hr', part: 0, entry: 0 };
    agreement.tell({ user, batch: 'hr', part: 0, entry: 0 });
    agreement.tell(ended);
    agreement.noteChosen(user, stateWith(forwarding(bob)));
    agreement.tell(ended);
    expect(agreement.differences([[user, stateWith(forwarding(bob))]])).toEqual([]);
    expect(agreement.differences([[user, stateWith(ringing(mobile))]])).toHaveLength(1);
  });
});
