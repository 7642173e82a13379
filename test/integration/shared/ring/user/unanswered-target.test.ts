import { describe, expect, it } from 'vitest';
import type { CallForwardingState } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import type { DesiredRing } from '../../../../../shared/ring/model/desired-ring.ts';
import type { SipUri } from '../../../../../shared/ucwa/uri.ts';
import { startAlteringProxy } from '../../../../support/recovery/altering-proxy.ts';
import { alterProperty } from '../../../../support/recovery/random-alterations.ts';
import { openHarness, RecoveryHarness, ringMobile } from '../../../../support/recovery/recovery-harness.ts';
import type { OutcomeView } from '../../../../support/ring/outcomes.ts';
import { simulate } from '../../../../support/ucwa/simulation.ts';

const bob = 'sip:bob@contoso.com';
const off: DesiredRing = { ring: 'off' };
const forever = { times: Number.POSITIVE_INFINITY } as const;

/** Ringing the team, with a target of the user's own for unanswered calls. */
function ringingWith(contact: string): Partial<CallForwardingState> {
  return {
    activeSetting: 'SimultaneousRing',
    simultaneousRing: { target: 'Team', ringDelay: 0 },
    unanswered: { target: 'Contact', ringDelay: 15, contact },
  };
}

async function openWith(contact = bob): Promise<{ harness: RecoveryHarness; alice: SipUri }> {
  const harness = await openHarness();
  return { harness, alice: harness.addUser('alice', { settings: ringingWith(contact) }) };
}

/** A server that leaves a property out of every response. */
async function openWithout(property: string): Promise<{ harness: RecoveryHarness; alice: SipUri }> {
  const simulator = await simulate({ users: [] });
  const leaveOut = alterProperty({ property, change: 'missing', responses: Number.POSITIVE_INFINITY });
  const proxy = await startAlteringProxy(simulator, leaveOut);
  const harness = new RecoveryHarness(simulator, { discoveryUrl: proxy.discoveryUrl });
  return { harness, alice: harness.addUser('alice', { settings: ringingWith(bob) }) };
}

async function outcomeOf(harness: RecoveryHarness, user: SipUri, desired: DesiredRing): Promise<OutcomeView> {
  return await harness.outcome(user, desired);
}

describe('a target for unanswered calls', () => {
  it.each([
    'sip:bob@contoso.com',
    'tel:+14255550177',
    'tel:4255551212;phone-context=defaultprofile',
    'sip:+14255550177@contoso.com;user=phone',
    'sip:bob%2Btest@contoso.com',
  ])('is set again byte for byte after turning off, and shown: %s', async (contact) => {
    const { harness, alice } = await openWith(contact);
    const outcome = await outcomeOf(harness, alice, off);
    expect(outcome).toMatchObject({ outcome: 'applied', verified: true });
    expect(outcome).not.toHaveProperty('warnings');
    expect(outcome.previous?.unanswered?.target).toBeDefined();
    const { unanswered, activeSetting } = harness.simulator.state(alice);
    expect(activeSetting).toBe('None');
    expect(unanswered).toEqual({ target: 'Contact', ringDelay: 15, contact });
  });

  it('that UCWA does not show is lost with a warning', async () => {
    const { harness, alice } = await openWith();
    harness.simulator.fail({ step: 'contact', user: alice, ...forever, answer: { status: 403 } });
    const outcome = await outcomeOf(harness, alice, off);
    expect(outcome).toMatchObject({ outcome: 'applied', verified: true });
    expect(outcome.warnings).toMatchObject([{ code: 'unanswered-lost' }]);
  });

  it('whose delay UCWA does not show is set again, with a warning', async () => {
    const { harness, alice } = await openWithout('ringDelay');
    const outcome = await outcomeOf(harness, alice, off);
    expect(outcome.warnings).toMatchObject([
      { code: 'unanswered-lost', detail: expect.stringContaining('delay') },
    ]);
    expect(harness.simulator.state(alice).unanswered).toMatchObject({ target: 'Contact', contact: bob });
  });

  it('is lost with a warning where UCWA has no link to it', async () => {
    const { harness, alice } = await openWithout('unansweredCallSettings');
    const outcome = await outcomeOf(harness, alice, off);
    expect(outcome).toMatchObject({ outcome: 'applied', warnings: [{ code: 'unanswered-lost' }] });
  });

  it('is set again where the server shows the turning off late, and refuses to turn off once more', async () => {
    const harness = await openHarness({ variants: { readBackDelayReads: 1 } });
    const alice = harness.addUser('alice', { settings: ringingWith(bob) });
    harness.simulator.fail({
      operation: 'unansweredCallToContact',
      answer: { status: 500, subcode: 'CallbackChannelError' },
    });
    harness.simulator.fail({
      operation: 'turnOffCallForwarding',
      skip: 1,
      answer: { status: 404, format: 'html' },
    });
    const outcome = await outcomeOf(harness, alice, off);
    expect(outcome).toMatchObject({ outcome: 'applied' });
    expect(outcome).not.toHaveProperty('warnings');
    expect(harness.simulator.state(alice).unanswered).toEqual({
      target: 'Contact',
      ringDelay: 15,
      contact: bob,
    });
  });

  it('is set again by the next try of a change that set another ring since', async () => {
    const { harness, alice } = await openWith();
    harness.simulator.fail({ operation: 'unansweredCallToContact', ...forever, answer: { status: 503 } });
    await harness.change(alice, off);
    harness.simulator.clearFaults();
    harness.clock.pass(120_000);
    harness.simulator.fail({ operation: 'unansweredCallToContact', answer: { status: 503 } });
    const outcome = await outcomeOf(harness, alice, ringMobile);
    expect(outcome).toMatchObject({ outcome: 'applied', verified: true });
    expect(outcome).not.toHaveProperty('warnings');
    expect(harness.simulator.state(alice)).toMatchObject({
      activeSetting: 'SimultaneousRing',
      unanswered: { target: 'Contact', ringDelay: 15, contact: bob },
    });
  });

  it('that was not removed, since turning off was refused, is not remembered', async () => {
    const { harness, alice } = await openWith();
    const refusal = { operation: 'turnOffCallForwarding', answer: { status: 409 } } as const;
    harness.simulator.fail({ ...refusal, user: alice });
    expect(await harness.outcome(alice, off)).toMatchObject({ outcome: 'failed' });
    expect(harness.users.peek(alice)).not.toHaveProperty('unansweredToRestore');
    harness.simulator.setState(alice, ringingWith('sip:carol@contoso.com'));
    expect(await harness.outcome(alice, off)).toMatchObject({ outcome: 'applied', verified: true });
    expect(harness.simulator.state(alice).unanswered.contact).toBe('sip:carol@contoso.com');
  });

  it('that the user replaced by voicemail since is left alone by a PUT of what is set', async () => {
    const { harness, alice } = await openWith();
    harness.simulator.fail({ operation: 'turnOffCallForwarding', ...forever, answer: { status: 503 } });
    expect(await harness.outcome(alice, off)).toMatchObject({ outcome: 'deferred' });
    harness.simulator.clearFaults();
    harness.clock.pass(60_000);
    harness.simulator.setState(alice, {
      activeSetting: 'SimultaneousRing',
      simultaneousRing: { target: 'Team', ringDelay: 0 },
      unanswered: { target: 'Voicemail', ringDelay: 20 },
    });
    expect(await harness.outcome(alice, { ring: 'team' })).toMatchObject({ outcome: 'unchanged' });
    expect(harness.simulator.state(alice).unanswered.target).toBe('Voicemail');
  });

  it('that was removed before a crash is set again by whichever request comes next', async () => {
    const { harness, alice } = await openWith();
    harness.simulator.fail({ operation: 'unansweredCallToContact', ...forever, answer: { status: 503 } });
    expect(await harness.outcome(alice, off)).toMatchObject({ outcome: 'deferred' });
    expect(harness.simulator.state(alice).unanswered.target).not.toBe('Contact');
    harness.simulator.clearFaults();
    harness.clock.pass(60_000);
    expect(await harness.outcome(alice, ringMobile)).toMatchObject({ outcome: 'applied', verified: true });
    expect(harness.simulator.state(alice).unanswered).toEqual({
      target: 'Contact',
      ringDelay: 15,
      contact: bob,
    });
    expect(harness.users.peek(alice)).not.toHaveProperty('unansweredToRestore');
  });

  it('that UCWA refuses to set again leaves the change applied, with a warning, and is forgotten', async () => {
    const { harness, alice } = await openWith();
    harness.simulator.fail({
      operation: 'unansweredCallToContact',
      ...forever,
      answer: { status: 404, subcode: 'ResourceNotFound' },
    });
    const outcome = await outcomeOf(harness, alice, off);
    expect(outcome).toMatchObject({ outcome: 'applied', verified: true });
    expect(outcome.warnings).toMatchObject([{ code: 'unanswered-not-restored' }]);
    expect(harness.users.peek(alice)).not.toHaveProperty('unansweredToRestore');
    for (const desired of [ringMobile, { ring: 'team' } as const]) {
      const next = await outcomeOf(harness, alice, desired);
      expect(next).toMatchObject({ outcome: 'applied', verified: true });
      expect(next).not.toHaveProperty('warnings');
    }
  });
});
