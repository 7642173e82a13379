import { describe, expect, it } from 'vitest';
import type {
  CallForwardingState,
  UcwaSimulator,
  Variants,
} from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import { readBatch } from '../../../../../shared/ring/batch/status.ts';
import { undoBatch } from '../../../../../shared/ring/batch/undo/undo-batch.ts';
import { checkUsers } from '../../../../../shared/ring/batch/users/check.ts';
import type { SuccessOutcome } from '../../../../../shared/ring/model/outcome.ts';
import { listUsers } from '../../../../../shared/ring/user/list-users.ts';
import type { SipUri } from '../../../../../shared/ucwa/uri.ts';
import { BatchHarness } from '../../../../support/ring/batch-harness.ts';
import { invocation } from '../../../../support/ring/ring-deps.ts';
import { ScheduledQueue } from '../../../../support/ring/scheduled-queue.ts';
import { simulateWith } from '../../../../support/ucwa/simulation.ts';

const bob = 'sip:bob@contoso.com';
const carol = 'tel:+14255550177';

const settings: Readonly<Record<string, Partial<CallForwardingState>>> = {
  nothing: {},
  'work hours': { activePeriod: 'Workhours' },
  'a ring to a contact': {
    activeSetting: 'SimultaneousRing',
    simultaneousRing: { target: 'Contact', ringDelay: 0, contact: bob },
  },
  'a ring to a local number, as the server writes it': {
    activeSetting: 'SimultaneousRing',
    simultaneousRing: {
      target: 'Contact',
      ringDelay: 0,
      contact: 'tel:5550123;phone-context=defaultprofile',
    },
  },
  'delegates after ten seconds': {
    activeSetting: 'SimultaneousRing',
    simultaneousRing: { target: 'Delegates', ringDelay: 10 },
  },
  'a forward to a contact': {
    activeSetting: 'ImmediateForward',
    immediateForward: { target: 'Contact', contact: bob },
  },
  'a forward to voicemail, in work hours': {
    activePeriod: 'Workhours',
    activeSetting: 'ImmediateForward',
    immediateForward: { target: 'Voicemail' },
  },
  'a forward to the delegates': {
    activeSetting: 'ImmediateForward',
    immediateForward: { target: 'Delegates' },
  },
  'a target for unanswered calls': { unanswered: { target: 'Contact', ringDelay: 25, contact: carol } },
  'a ring and a target for unanswered calls': {
    activeSetting: 'SimultaneousRing',
    simultaneousRing: { target: 'Team', ringDelay: 5 },
    unanswered: { target: 'Contact', ringDelay: 30, contact: carol },
  },
  'voicemail after a delay of the user': { unanswered: { target: 'Voicemail', ringDelay: 40 } },
  'no target for unanswered calls': { unanswered: { target: 'None', ringDelay: 20 } },
};

const requests = {
  'a contact': { target: '+1 425 555 0123' },
  'the team in work hours': { ring: 'team', ringDelaySeconds: 7, activePeriod: 'workhours' },
  'the delegates, always': { ring: 'delegates', activePeriod: 'always' },
  off: { ring: 'off' },
} as const;

interface Opened {
  readonly harness: BatchHarness;
  readonly queue: ScheduledQueue;
  readonly simulator: UcwaSimulator;
  addUser(state: Partial<CallForwardingState>): SipUri;
}

async function open(variants: Partial<Variants> = {}): Promise<Opened> {
  const simulator = await simulateWith(variants, { users: [] });
  const harness = new BatchHarness(simulator);
  const queue = new ScheduledQueue(harness);
  const addUser = (state: Partial<CallForwardingState>) => {
    const user = harness.addUser();
    simulator.setState(user, state);
    return user;
  };
  return { harness, queue, simulator, addUser };
}

/** Applies a request to every user, undoes it, and returns the outcomes of the undo. */
async function applyAndUndo({ harness, queue }: Opened, users: readonly SipUri[], request: object) {
  await harness.deliver({
    schema: 'simring/bulk/1',
    batch: 'hr',
    entries: users.map((user) => ({ user, ...request })),
  });
  await queue.passTo(harness.clock.nowMs() + 60_000);
  const undone = await undoBatch(harness.deps, invocation(), 'hr', { dryRun: false });
  if (!undone.ok) throw new Error(undone.error);
  await queue.passTo(harness.clock.nowMs() + 60_000);
  const found = await readBatch(harness.ledger, undone.value.batch, { limit: 100 });
  return found?.outcomes ?? [];
}

const variants: readonly (readonly [string, Partial<Variants>])[] = [
  ['usual', {}],
  ['with linked settings and etags in the body', { settings: 'linked', etag: 'property' }],
  ['with random-named properties', { unknownProperties: true }],
  ['with separate targets', { forwardingTarget: 'separate' }],
  ['that resets the period with each POST', { periodAfterPost: 'reset' }],
  ['that hides links while it forwards', { linksWhileForwarding: 'hidden' }],
  ['that shows a write late', { readBackDelayReads: 1 }],
  ['that remembers targets', { rememberTarget: true }],
  ['with the default delay where none is sent', { omittedDelay: 'default' }],
  ['that takes targets in the query alone', { targetInBody: 'refused' }],
];

describe.each(variants)('an undo on a server %s', (_which, given) => {
  it.each(Object.entries(requests))('puts back every setting after %s', async (_what, request) => {
    const opened = await open(given);
    const states = Object.entries(settings).map(([name, state]) => [name, opened.addUser(state)] as const);
    const before = states.map(([name, user]) => [name, comparable(opened.simulator.state(user))]);
    const outcomes = await applyAndUndo(
      opened,
      states.map(([, user]) => user),
      request,
    );
    const after = states.map(([name, user]) => [name, comparable(opened.simulator.state(user))]);
    expect(after).toEqual(before);
    expect(outcomes.filter((one) => 'outcome' in one && one.outcome !== 'applied')).toEqual([]);
    expect(outcomes.filter((one) => 'warnings' in one)).toEqual([]);
  });

  it('leaves a record of the ring that was put back, which a check finds to stand', async () => {
    const opened = await open(given);
    const { harness, queue } = opened;
    const added = Object.values(settings).map((state) => opened.addUser(state));
    const undone = await applyAndUndo(opened, added, requests['a contact']);
    const { users } = await listUsers(harness.users, { limit: 100 });
    const listed = new Map(users.map((user) => [user.user, user]));
    // A number without a country can be put back, and cannot be asked for.
    const known = undone.filter((one) => !('target' in one && one.target?.startsWith('tel:555')));
    expect(known.length).toBe(undone.length - 1);
    for (const outcome of known) {
      const { user, ring, target, ringDelaySeconds } = outcome as SuccessOutcome;
      expect(listed.get(user)).toMatchObject(JSON.parse(JSON.stringify({ ring, target, ringDelaySeconds })));
    }
    const check = await checkUsers(harness.deps, invocation());
    await queue.passTo(harness.clock.nowMs() + 60_000);
    const found = await readBatch(harness.ledger, check?.batch ?? '', { limit: 100 });
    const ringing = known.filter((one) => 'ring' in one && one.ring !== 'off');
    expect(found?.counts).toEqual({ unchanged: ringing.length });
    expect(found?.outcomes.filter((one) => 'would' in one && one.would !== 'nothing')).toEqual([]);
  });
});

/** What the server remembers of a setting that is not on is not part of the settings. */
function comparable(state: CallForwardingState): Partial<CallForwardingState> {
  const { activePeriod, activeSetting, immediateForward, simultaneousRing, unanswered } = state;
  return {
    activePeriod,
    activeSetting,
    ...(activeSetting === 'ImmediateForward' ? { immediateForward } : {}),
    ...(activeSetting === 'SimultaneousRing' ? { simultaneousRing } : {}),
    unanswered,
  };
}

describe('an undo', () => {
  it('leaves alone and tells what the user has changed since', async () => {
    const opened = await open();
    const [changed, forwarded, target] = [opened.addUser({}), opened.addUser({}), opened.addUser({})];
    const { harness, simulator } = opened;
    await harness.deliver({
      schema: 'simring/bulk/1',
      batch: 'hr',
      entries: [changed, forwarded, target].map((user) => ({ user, target: '+1 425 555 0123' })),
    });
    const contact = 'sip:dave@contoso.com';
    simulator.setState(changed, { simultaneousRing: { target: 'Contact', ringDelay: 0, contact } });
    simulator.setState(forwarded, {
      activeSetting: 'ImmediateForward',
      immediateForward: { target: 'Voicemail' },
    });
    simulator.setState(target, { unanswered: { target: 'Contact', ringDelay: 15, contact } });
    const undone = await undoBatch(harness.deps, invocation(), 'hr', { dryRun: false });
    if (!undone.ok) throw new Error(undone.error);
    await opened.queue.passTo(harness.clock.nowMs() + 60_000);
    const found = await readBatch(harness.ledger, undone.value.batch, { limit: 100 });
    expect(found?.outcomes).toMatchObject([
      { outcome: 'superseded', detail: expect.stringContaining('own client') },
      { outcome: 'superseded', detail: expect.stringContaining('own client') },
      { outcome: 'applied', warnings: [{ code: 'not-restored', detail: expect.stringContaining('chosen') }] },
    ]);
    expect(simulator.state(changed).simultaneousRing.contact).toBe(contact);
    expect(simulator.state(forwarded).activeSetting).toBe('ImmediateForward');
    expect(simulator.state(target)).toMatchObject({ activeSetting: 'None', unanswered: { contact } });
  });

  it('puts back also whom a later batch found set as they were', async () => {
    const opened = await open();
    const { harness, queue, simulator } = opened;
    const same = opened.addUser({ unanswered: { target: 'Contact', ringDelay: 25, contact: carol } });
    const other = opened.addUser({});
    const send = async (batch: string, targets: readonly string[]) => {
      const entries = [same, other].map((user, index) => ({ user, target: targets[index] }));
      await harness.deliver({ schema: 'simring/bulk/1', batch, entries });
      await queue.passTo(harness.clock.nowMs() + 60_000);
      return (await readBatch(harness.ledger, batch, { limit: 100 }))?.outcomes;
    };
    await send('first', ['+1 425 555 0123', '+1 425 555 0123']);
    const again = await send('again', ['+1 425 555 0123', '+1 425 555 0177']);
    expect(again).toMatchObject([{ outcome: 'unchanged' }, { outcome: 'applied' }]);
    const undone = await undoBatch(harness.deps, invocation(), 'first', { dryRun: false });
    if (!undone.ok) throw new Error(undone.error);
    await queue.passTo(harness.clock.nowMs() + 60_000);
    const found = await readBatch(harness.ledger, undone.value.batch, { limit: 100 });
    expect(found?.outcomes).toMatchObject([{ outcome: 'applied' }, { outcome: 'superseded' }]);
    expect(simulator.state(same)).toMatchObject({ activeSetting: 'None', unanswered: { contact: carol } });
    expect(simulator.state(other)).toMatchObject({ activeSetting: 'SimultaneousRing' });
  });

  it('keeps the key of the sender, and is pending until its message comes', async () => {
    const { harness, queue, addUser } = await open();
    const entries = [{ user: addUser({}), ring: 'team', ref: 'E1' }];
    await harness.deliver({ schema: 'simring/bulk/1', batch: 'hr', entries });
    const undone = await undoBatch(harness.deps, invocation(), 'hr', { dryRun: false });
    if (!undone.ok) throw new Error(undone.error);
    const shown = () => readBatch(harness.ledger, undone.value.batch, { limit: 10 });
    expect(await shown()).toMatchObject({ counts: { pending: 1 }, outcomes: [{ ref: 'E1' }] });
    await queue.passTo(harness.clock.nowMs() + 60_000);
    expect(await shown()).toMatchObject({ counts: { applied: 1 }, outcomes: [{ ref: 'E1' }] });
  });

  it('warns of what the server refuses, and puts back the rest', async () => {
    const opened = await open();
    const user = opened.addUser({
      activePeriod: 'Workhours',
      activeSetting: 'ImmediateForward',
      immediateForward: { target: 'Voicemail' },
    });
    const { simulator } = opened;
    simulator.fail({
      user,
      operation: 'callForwardingSettings',
      step: 'write',
      skip: 1,
      times: Number.POSITIVE_INFINITY,
      answer: { status: 403, code: 'Forbidden' },
    });
    const outcomes = await applyAndUndo(opened, [user], { ring: 'team', activePeriod: 'always' });
    expect(outcomes).toMatchObject([{ outcome: 'applied', warnings: [{ code: 'not-restored' }] }]);
    expect(simulator.state(user)).toMatchObject({
      activeSetting: 'ImmediateForward',
      activePeriod: 'Always',
    });
  });
});
