import { describe, expect, it } from 'vitest';
import { LinkMissingError, UcwaResponseError } from '../../../../shared/ucwa/errors.ts';
import { openClient, openSession, readRing } from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { links, startScriptedPool } from '../../../support/ucwa/scripted-pool.ts';
import { simulate, simulateWith } from '../../../support/ucwa/simulation.ts';
import { alice, mobile } from '../../../support/ucwa/users.ts';

const ringing = {
  activeSetting: 'SimultaneousRing',
  simultaneousRing: { target: 'Contact', ringDelay: 0, contact: mobile },
} as const;

describe('turning off', () => {
  it.each([true, false])('ends a ring (target remembered: %s)', async (rememberTarget) => {
    const simulator = await simulateWith({ rememberTarget }, { users: [{ ...alice, settings: ringing }] });
    const session = openSession(openClient(simulator));
    await session.callForwarding.turnOff(await session.callForwarding.readSettings());
    expect(simulator.state(alice.sip).activeSetting).toBe('None');
    const { settings, ring } = await readRing(session, 'read-back');
    expect(settings.active).toBe('none');
    expect(ring.target).toBe(rememberTarget ? 'contact' : 'none');
  });

  it('is a POST without length and content type', async () => {
    const simulator = await simulate();
    const session = openSession(openClient(simulator));
    await session.callForwarding.turnOff(await session.callForwarding.readSettings());
    expect(simulator.requests.at(-1)).toMatchObject({
      step: 'write',
      operation: 'turnOffCallForwarding',
      method: 'POST',
      contentLength: '0',
      contentType: undefined,
      status: 204,
    });
  });

  it('is an error if the server does not offer it', async () => {
    const json = { activeSetting: 'SimultaneousRing', ...links({ self: '/settings' }) };
    const pool = await startScriptedPool({ 'GET /settings': { json } });
    const session = openSession(openClient(pool));
    const settings = await session.callForwarding.readSettings();
    expect(await failureOf(session.callForwarding.turnOff(settings))).toBeInstanceOf(LinkMissingError);
  });
});

describe('ringing a group', () => {
  it.each([
    ['delegates', 'Delegates', 0],
    ['delegates', 'Delegates', 10],
    ['team', 'Team', 55],
  ] as const)('of %s sets %s with a delay of %i seconds', async (group, target, ringDelay) => {
    const simulator = await simulate();
    const session = openSession(openClient(simulator));
    await session.callForwarding.ringGroup((await readRing(session)).ring, group, ringDelay);
    expect(simulator.state(alice.sip)).toMatchObject({
      activeSetting: 'SimultaneousRing',
      simultaneousRing: { target, ringDelay },
    });
    const { settings, ring } = await readRing(session, 'read-back');
    expect(settings.active).toBe('ring');
    expect(ring).toMatchObject({ target: group, ringDelaySeconds: ringDelay });
  });

  it('without a delay is a POST without length', async () => {
    const simulator = await simulate();
    const session = openSession(openClient(simulator));
    await session.callForwarding.ringGroup((await readRing(session)).ring, 'team', undefined);
    expect(simulator.requests.at(-1)).toMatchObject({
      step: 'write',
      contentLength: '0',
      contentType: undefined,
      status: 204,
    });
  });

  it.each([
    ['delegates', { delegates: false }, { status: 409, subcode: 'NoDelegatesConfigured' }],
    ['team', { team: false }, { status: 403, subcode: 'NoTeamMembersConfigured' }],
  ] as const)('of %s is refused if none are configured', async (group, lacking, expected) => {
    const simulator = await simulate({ users: [{ ...alice, ...lacking }] });
    const session = openSession(openClient(simulator));
    const { ring } = await readRing(session);
    const failure = await failureOf(session.callForwarding.ringGroup(ring, group, 10));
    expect(failure).toBeInstanceOf(UcwaResponseError);
    expect(failure).toMatchObject({ step: 'write', ...expected });
  });
});

describe('sending unanswered calls to a target', () => {
  it.each(['taken', 'refused'] as const)(
    'sets target and delay on a pool where a target in the body is %s',
    async (targetInBody) => {
      const simulator = await simulateWith({ targetInBody });
      const session = openSession(openClient(simulator));
      const unanswered = await session.callForwarding.readTarget(
        await session.callForwarding.readSettings(),
        'unansweredCallSettings',
      );
      await session.callForwarding.sendUnansweredTo(unanswered, mobile, 35);
      expect(simulator.state(alice.sip).unanswered).toEqual({
        target: 'Contact',
        contact: mobile,
        ringDelay: 35,
      });
    },
  );

  it('leaves the delay as it is if none is given', async () => {
    const simulator = await simulate();
    const session = openSession(openClient(simulator));
    const unanswered = await session.callForwarding.readTarget(
      await session.callForwarding.readSettings(),
      'unansweredCallSettings',
    );
    await session.callForwarding.sendUnansweredTo(unanswered, 'sip:bob@contoso.com', undefined);
    expect(simulator.state(alice.sip).unanswered).toMatchObject({
      contact: 'sip:bob@contoso.com',
      ringDelay: 20,
    });
  });
});

describe('reading the settings', () => {
  it.each([
    ['None', 'none'],
    ['ImmediateForward', 'forward'],
    ['SimultaneousRing', 'ring'],
  ] as const)('shows %s as %s', async (activeSetting, active) => {
    const simulator = await simulate({ users: [{ ...alice, settings: { activeSetting } }] });
    expect(await openSession(openClient(simulator)).callForwarding.readSettings()).toMatchObject({ active });
  });

  it.each([
    ['Always', 'always'],
    ['Workhours', 'workhours'],
  ] as const)('shows the active period %s', async (activePeriod, period) => {
    const simulator = await simulate({ users: [{ ...alice, settings: { activePeriod } }] });
    expect(await openSession(openClient(simulator)).callForwarding.readSettings()).toMatchObject({
      period,
    });
  });

  it.each(['embedded', 'linked'] as const)('shows an immediate forward that is %s', async (form) => {
    const immediateForward = { target: 'Contact', contact: 'sip:bob@contoso.com' } as const;
    const settings = { activeSetting: 'ImmediateForward', immediateForward } as const;
    const simulator = await simulateWith({ settings: form }, { users: [{ ...alice, settings }] });
    const session = openSession(openClient(simulator));
    const forward = await session.callForwarding.readTarget(
      await session.callForwarding.readSettings(),
      'immediateForwardSettings',
    );
    expect(forward.target).toBe('contact');
    expect(forward.contact && (await session.callForwarding.readContact(forward.contact))?.uri).toBe(
      'sip:bob@contoso.com',
    );
  });

  it('shows the target of a ring that is off as unknown if its kind is not known', async () => {
    const ringSettings = { target: 'Hologram', ringDelay: 'soon' };
    const pool = await startScriptedPool({
      'GET /settings': {
        json: { activeSetting: 'None', _embedded: { simultaneousRingSettings: ringSettings } },
      },
    });
    const { settings, ring } = await readRing(openSession(openClient(pool)));
    expect(settings.active).toBe('none');
    expect(ring).toMatchObject({ target: 'unknown', ringDelaySeconds: undefined, contact: undefined });
  });
});
