import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CallForwardingState,
  type Fault,
  type SimulatedUser,
  UcwaSimulator,
  type Variants,
} from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import type { DesiredRing } from '../../../../../shared/ring/model/desired-ring.ts';
import type { Outcome } from '../../../../../shared/ring/model/outcome.ts';
import { mobile, RecoveryHarness, watchHangs } from '../../../../support/recovery/recovery-harness.ts';
import { sip } from '../../../../support/ring/addresses.ts';
import type { OutcomeView } from '../../../../support/ring/outcomes.ts';

const runs = 500;
const defaults: Variants = {
  hrefs: 'relative',
  linkQueries: false,
  settings: 'embedded',
  errors: 'json',
  challenge: 'two-headers',
  byteOrderMark: false,
  gzip: true,
  etag: 'header',
  numberForm: 'tel',
  homePool: 'link',
  discovery: 'user',
  targetInBody: 'taken',
  readBackDelayReads: 0,
  rememberTarget: false,
  unknownProperties: false,
  upnRefused: false,
};

const numberForms = [
  'tel',
  'sip-user-phone',
  'sip-skip-rnl',
  'person',
  'person-bare-digits',
  'forbidden',
] as const;
const challenges = [
  ...(['two-headers', 'one-header', 'unquoted-href', 'none', 'with-authorization-uri'] as const),
  ...(['bearer-only', 'no-password-grant'] as const),
];

/** Servers differ in a few ways from the usual one, seldom in all. */
const variants: fc.Arbitrary<Partial<Variants>> = fc.record(
  {
    hrefs: fc.constantFrom('relative', 'absolute', 'double-slash'),
    linkQueries: fc.boolean(),
    settings: fc.constantFrom('embedded', 'linked'),
    errors: fc.constantFrom('json', 'xml', 'html'),
    challenge: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...challenges.slice(0, 5)) },
      { weight: 1, arbitrary: fc.constantFrom(...challenges.slice(5)) },
    ),
    byteOrderMark: fc.boolean(),
    gzip: fc.boolean(),
    etag: fc.constantFrom('header', 'property'),
    numberForm: fc.constantFrom(...numberForms),
    homePool: fc.constantFrom('link', 'redirect'),
    discovery: fc.constantFrom('user', 'redirect', 'redirect-chain', 'redirect-loop', 'http-redirect'),
    targetInBody: fc.constantFrom('taken', 'refused'),
    readBackDelayReads: fc.constantFrom(0, 1),
    rememberTarget: fc.boolean(),
    unknownProperties: fc.boolean(),
  },
  { requiredKeys: [] },
);

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
    arbitrary: fc.constantFrom('0', '3', '50', '1000', 'soon').map((after) => ({
      status: 503,
      headers: { 'Retry-After': after },
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

/** The requests that a fault strikes; an operation alone strikes its reads before and after a write. */
const struck = fc.constantFrom<Pick<Fault, 'step' | 'operation'>>(
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
    struck,
    skip: fc.constantFrom(0, 0, 1, 2),
    times: fc.constantFrom(1, 1, 2, 3, 4, Number.POSITIVE_INFINITY),
    applied: fc.boolean(),
    answer: answers,
  })
  .map(({ struck: requests, ...rest }) => ({ ...requests, ...rest }));

const tokenFault: fc.Arbitrary<Fault> = fc.record({
  step: fc.constant('token' as const),
  times: fc.constantFrom(1, 2, 5),
  answer: fc
    .constantFrom('invalid_grant', 'unsupported_grant_type', 'server_error', 'invalid_request')
    .map((error) => ({ kind: 'token-error' as const, error })),
});

const contacts = fc.constantFrom<string>(mobile, 'sip:carol@contoso.com', 'tel:+442079460018');

const settings: fc.Arbitrary<Partial<CallForwardingState>> = fc.oneof(
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

const usual = <T>(value: T, other: T) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: fc.constant(other) });

const profile: fc.Arbitrary<Partial<SimulatedUser>> = fc.record({
  pool: fc.constantFrom('one', 'two'),
  enterpriseVoice: usual(true, false),
  simultaneousRing: usual(true, false),
  delegates: usual(true, false),
  team: usual(true, false),
  settings: fc.tuple(settings, unanswered).map(([ring, rest]) => ({ ...ring, ...rest })),
});

const desired: fc.Arbitrary<DesiredRing> = fc.oneof(
  fc.constantFrom<DesiredRing[]>(
    { ring: 'contact', target: mobile },
    { ring: 'contact', target: sip('carol@contoso.com') },
  ),
  fc.constantFrom<DesiredRing[]>({ ring: 'delegates' }, { ring: 'delegates', ringDelaySeconds: 10 }),
  fc.constantFrom<DesiredRing[]>({ ring: 'team' }, { ring: 'team', ringDelaySeconds: 0 }),
  fc.constant<DesiredRing>({ ring: 'off' }),
);

const scenes = fc.record({
  variants,
  profile,
  desired,
  faults: fc
    .tuple(fc.array(fault, { maxLength: 5 }), fc.array(tokenFault, { maxLength: 1 }))
    .map(([some, others]) => [...some, ...others]),
});

type Scene = typeof scenes extends fc.Arbitrary<infer T> ? T : never;

let simulator: UcwaSimulator;
let harness: RecoveryHarness;
let stopWatching: () => void;
let people = 0;

beforeAll(async () => {
  simulator = new UcwaSimulator({ users: [], pools: ['one', 'two'] });
  await simulator.start();
  stopWatching = watchHangs(simulator, () => harness.onHang());
});

afterAll(async () => {
  stopWatching();
  await simulator.stop();
});

describe('whatever fails on whatever server', () => {
  it('an outcome agrees with what the server holds', { timeout: 120_000 }, async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(scenes, async (scene) => {
        simulator.clearFaults();
        simulator.clearRequests();
        simulator.setVariants({ ...defaults, ...scene.variants });
        harness = new RecoveryHarness(simulator);
        const user = harness.addUser(`person-${++people}`, scene.profile);
        const before = simulator.state(user);
        for (const one of scene.faults) simulator.fail(one);

        const outcome = await harness.outcome(user, scene.desired);

        seen.set(outcome.outcome, (seen.get(outcome.outcome) ?? 0) + 1);
        requireAgreement(outcome, scene, before, simulator.state(user));
        requireRestraint(outcome);
        if (isEveryApplicationKnown(scene.faults)) expect(simulator.applications(user)).toBe(0);
      }),
      { numRuns: runs },
    );
    for (const outcome of ['applied', 'unchanged', 'deferred', 'failed']) {
      expect(seen.get(outcome), `runs that ended as ${outcome}`).toBeGreaterThan(0);
    }
  });
});

/** What may be told where a desired was not made so. */
const codesOf: Readonly<Record<string, readonly string[]>> = {
  deferred: ['ucwa-unavailable'],
  failed: [
    'ucwa-rejected',
    'user-not-enabled',
    'credential-rejected',
    'sign-in-unsupported',
    'not-effective',
  ],
};

function requireAgreement(
  outcome: OutcomeView,
  scene: Scene,
  before: CallForwardingState,
  after: CallForwardingState,
): void {
  if (outcome.outcome === 'applied' || outcome.outcome === 'unchanged') {
    expect(isSo(scene.desired, after)).toBe(true);
    expect(outcome).not.toHaveProperty('code');
  } else {
    expect(codesOf[outcome.outcome ?? '']).toContain(outcome.code);
    expect(outcome.detail).toMatch(/\.$/);
  }
  if (outcome.outcome === 'unchanged') expect(after).toEqual(before);
  if (outcome.outcome === 'applied' && scene.desired.ring === 'off' && isUnansweredTold(scene)) {
    expect(after.unanswered).toEqual(before.unanswered);
  }
  if (outcome.ucwa !== undefined) {
    expect(simulator.requests.map(({ status }) => status)).toContain(outcome.ucwa.status);
  }
  if (outcome.previous !== undefined) {
    expect(outcome.previous.ring === 'off').toBe(before.activeSetting !== 'SimultaneousRing');
    expect(outcome.previous.forwarding !== undefined).toBe(before.activeSetting === 'ImmediateForward');
  }
}

/** The server shows whom it leads unanswered calls to, so that turning off can set it again. */
function isUnansweredTold({ variants: { numberForm = 'tel' } }: Scene): boolean {
  const contacts = simulator.requests.filter(({ step }) => step === 'contact');
  const isTold = ['tel', 'sip-user-phone', 'sip-skip-rnl'].includes(numberForm);
  return isTold && contacts.every(({ status }) => status === 200);
}

function isSo(desired: DesiredRing, { activeSetting, simultaneousRing }: CallForwardingState): boolean {
  if (desired.ring === 'off') return activeSetting !== 'SimultaneousRing';
  if (activeSetting !== 'SimultaneousRing') return false;
  const { target, contact, ringDelay } = simultaneousRing;
  if (desired.ring === 'contact') return target === 'Contact' && contact === desired.target;
  const isDelayed = desired.ringDelaySeconds === undefined || desired.ringDelaySeconds === ringDelay;
  return target.toLowerCase() === desired.ring && isDelayed;
}

/** The effort is what it is said to be, and has an end. */
function requireRestraint(outcome: Outcome): void {
  expect(outcome.requests).toBe(simulator.requests.length);
  expect(outcome.attempts).toBe(outcome.recovery.length + 1);
  expect(simulator.requests.length).toBeLessThan(150);
  expect(simulator.lockouts).toBe(0);
}

/** The pool told of every application that it made, and let every one be deleted. */
function isEveryApplicationKnown(faults: readonly Fault[]): boolean {
  const isMadeUnseen = faults.some(
    ({ step, applied, answer }) =>
      step === 'application' && (applied || ('kind' in answer && answer.kind === 'bad-links')),
  );
  const isKept = simulator.requests.some(({ step, status }) => step === 'clean-up' && status !== 204);
  return !isMadeUnseen && !isKept && harness.poolChanges.length === 0;
}
