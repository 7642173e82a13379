import { describe, expect, test } from 'vitest';
import type { CallForwardingState } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import {
  alice,
  embedded,
  linkOf,
  readError,
  readResource,
  signIn,
  simulate,
} from '../../../support/infra/ucwa-simulator/client.ts';

const number = 'tel:+14255550123';

describe('the settings', () => {
  test('are off at first, with a link to a contact that does not exist', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    const settings = await client.settings();
    expect(settings).toMatchObject({
      activePeriod: 'Always',
      activeSetting: 'None',
      unansweredCallHandling: 'Enabled',
    });
    expect(embedded(settings, 'simultaneousRingSettings')).toMatchObject({ target: 'None', ringDelay: 0 });
    for (const resource of [
      'immediateForwardSettings',
      'simultaneousRingSettings',
      'unansweredCallSettings',
    ]) {
      expect((await client.contact(resource)).status).toBe(404);
    }
  });

  test('are the initial settings of the user', async () => {
    const unanswered = { target: 'Contact', ringDelay: 30, contact: 'sip:desk@contoso.com' } as const;
    const simulator = await simulate({
      users: [{ ...alice, settings: { activePeriod: 'Workhours', unanswered } }],
    });
    const client = await signIn(simulator);
    const settings = await client.settings();
    expect(settings).toMatchObject({ activePeriod: 'Workhours' });
    expect(embedded(settings, 'unansweredCallSettings')).toMatchObject({ target: 'Contact', ringDelay: 30 });
    expect(await readResource(await client.contact('unansweredCallSettings'))).toMatchObject({
      uri: 'sip:desk@contoso.com',
    });
    expect(simulator.state(alice.sip).unanswered).toEqual(unanswered);
  });

  test('lack the operations that a user is not allowed, and forbid them', async () => {
    const simulator = await simulate({ users: [{ ...alice, simultaneousRing: false }] });
    const client = await signIn(simulator);
    const ringSettings = embedded(await client.settings(), 'simultaneousRingSettings');
    expect(Object.keys(ringSettings._links)).toEqual(['self', 'contact']);
    const url = `${linkOf(ringSettings, 'self', client.origin)}/simultaneousRingToContact`;
    expect((await client.post(url, { target: number })).status).toBe(403);
  });
});

describe('ringing a contact', () => {
  test('shows in the settings, with a link to the contact', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    const response = await client.ring(number);
    expect([response.status, response.headers.get('content-type')]).toEqual([204, null]);
    const settings = await client.settings();
    expect(settings).toMatchObject({ activeSetting: 'SimultaneousRing' });
    expect(embedded(settings, 'simultaneousRingSettings')).toMatchObject({ target: 'Contact' });
    expect(await readResource(await client.contact())).toMatchObject({ rel: 'contact', uri: number });
    expect(simulator.state(alice.sip).simultaneousRing).toEqual({
      target: 'Contact',
      ringDelay: 0,
      contact: number,
    });
  });

  test('accepts an encoded target in the query', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    const url = await client.urlIn('simultaneousRingSettings', 'simultaneousRingToContact');
    expect((await client.post(`${url}?target=tel%3A%2B14255550123`)).status).toBe(204);
    expect(simulator.requests.at(-1)).toMatchObject({
      step: 'write',
      operation: 'simultaneousRingToContact',
      target: number,
      targetIn: 'query',
    });
  });

  test('refuses an unencoded plus sign in the query, which is a space', async () => {
    const client = await signIn(await simulate());
    const url = await client.urlIn('simultaneousRingSettings', 'simultaneousRingToContact');
    const response = await client.post(`${url}?target=tel:+14255550123`);
    expect((await readError(response)).subcode).toBe('NormalizationFailed');
  });

  test('links each contact at its own URL, the same contact at the same URL', async () => {
    const client = await signIn(await simulate());
    const links: string[] = [];
    for (const target of [number, 'sip:bob@contoso.com', number]) {
      await client.ring(target);
      links.push(await client.urlIn('simultaneousRingSettings', 'contact'));
    }
    expect(new Set(links).size).toBe(2);
    expect(links[2]).toBe(links[0]);
  });

  test('ends an immediate forward', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    await client.post(await client.urlIn('immediateForwardSettings', 'immediateForwardToVoicemail'));
    expect(simulator.state(alice.sip)).toMatchObject({
      activeSetting: 'ImmediateForward',
      immediateForward: { target: 'Voicemail' },
    });
    await client.ring(number);
    expect(simulator.state(alice.sip)).toMatchObject({
      activeSetting: 'SimultaneousRing',
      immediateForward: { target: 'None' },
    });
  });
});

describe('ringing delegates and team', () => {
  test.each([
    ['Delegates', {}, 0],
    ['Delegates', { ringDelay: 10 }, 10],
    ['Team', { ringDelay: 55 }, 55],
  ] as const)('%s with %o rings after %i seconds', async (target, body, ringDelay) => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    const url = await client.urlIn('simultaneousRingSettings', `simultaneousRingTo${target}`);
    expect((await client.post(url, body)).status).toBe(204);
    expect(simulator.state(alice.sip)).toMatchObject({
      activeSetting: 'SimultaneousRing',
      simultaneousRing: { target, ringDelay },
    });
  });

  test('accepts the delay in the query without a body', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    const url = await client.urlIn('simultaneousRingSettings', 'simultaneousRingToTeam');
    expect((await client.post(`${url}?ringDelay=5`)).status).toBe(204);
    expect(simulator.state(alice.sip).simultaneousRing).toEqual({ target: 'Team', ringDelay: 5 });
    expect(simulator.requests.at(-1)).toMatchObject({ contentLength: '0', contentType: undefined });
  });

  test.each([
    ['Delegates', { ringDelay: 56 }],
    ['Team', { ringDelay: -1 }],
    ['Team', { ringDelay: 1.5 }],
    ['Team', { ringDelay: 'soon' }],
  ])('refuses %s with %o', async (target, body) => {
    const client = await signIn(await simulate());
    const url = await client.urlIn('simultaneousRingSettings', `simultaneousRingTo${target}`);
    const response = await client.post(url, body);
    expect(response.status).toBe(400);
    expect((await readError(response)).parameters).toMatchObject([{ name: 'ringDelay' }]);
  });

  test.each([
    ['Delegates', { delegates: false }, 409, 'NoDelegatesConfigured'],
    ['Team', { team: false }, 403, 'NoTeamMembersConfigured'],
  ])('refuses %s for a user without them', async (target, rights, status, subcode) => {
    const simulator = await simulate({ users: [{ ...alice, ...rights }] });
    const client = await signIn(simulator);
    const url = await client.urlIn('simultaneousRingSettings', `simultaneousRingTo${target}`);
    const response = await client.post(url);
    expect([response.status, await readError(response)]).toMatchObject([status, { subcode }]);
  });
});

describe('turning off', () => {
  const ringing: Partial<CallForwardingState> = {
    activeSetting: 'SimultaneousRing',
    simultaneousRing: { target: 'Contact', ringDelay: 0, contact: number },
    unanswered: { target: 'Contact', ringDelay: 40, contact: 'sip:desk@contoso.com' },
  };

  test('resets the target of unanswered calls', async () => {
    const simulator = await simulate();
    simulator.setState(alice.sip, ringing);
    expect((await (await signIn(simulator)).turnOff()).status).toBe(204);
    expect(simulator.state(alice.sip)).toEqual({
      activePeriod: 'Always',
      activeSetting: 'None',
      immediateForward: { target: 'None' },
      simultaneousRing: { target: 'None', ringDelay: 0 },
      unanswered: { target: 'Voicemail', ringDelay: 20 },
    });
  });

  test('keeps the target with the variant rememberTarget', async () => {
    const simulator = await simulate({ variants: { rememberTarget: true } });
    simulator.setState(alice.sip, ringing);
    const client = await signIn(simulator);
    await client.turnOff();
    expect(await client.settings()).toMatchObject({ activeSetting: 'None' });
    expect(simulator.state(alice.sip).simultaneousRing).toEqual(ringing.simultaneousRing);
    expect(await readResource(await client.contact())).toMatchObject({ uri: number });
  });
});

describe('unanswered calls', () => {
  test('go to a contact after a delay, to voicemail, and again to the default', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    const send = async (rel: string, body?: object) =>
      client.post(await client.urlIn('unansweredCallSettings', rel), body);
    await send('unansweredCallToContact', { target: 'sip:desk@contoso.com', ringDelay: 45 });
    const contact = 'sip:desk@contoso.com';
    expect(simulator.state(alice.sip).unanswered).toEqual({ target: 'Contact', ringDelay: 45, contact });
    await send('unansweredCallToVoicemail', { ringDelay: 60 });
    expect(simulator.state(alice.sip).unanswered).toEqual({ target: 'Voicemail', ringDelay: 60 });
    await send('resetUnansweredCallSettings');
    expect(simulator.state(alice.sip).unanswered).toEqual({ target: 'Voicemail', ringDelay: 20 });
    expect(simulator.count('write', { user: alice.sip })).toBe(3);
  });

  test.each([4, 61])('refuse a delay of %i seconds', async (ringDelay) => {
    const client = await signIn(await simulate());
    const url = await client.urlIn('unansweredCallSettings', 'unansweredCallToContact');
    expect((await client.post(url, { target: number, ringDelay })).status).toBe(400);
  });

  test('cannot be changed while every call is forwarded', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    const forward = await client.urlIn('immediateForwardSettings', 'immediateForwardToContact');
    await client.post(forward, { target: number });
    expect(await client.settings()).toMatchObject({ unansweredCallHandling: 'Disabled' });
    const url = await client.urlIn('unansweredCallSettings', 'unansweredCallToContact');
    expect((await client.post(url, { target: number })).status).toBe(403);
  });
});

describe('the state', () => {
  test('is returned as a copy', async () => {
    const simulator = await simulate();
    simulator.state(alice.sip).simultaneousRing.target = 'Team';
    expect(simulator.state(alice.sip).simultaneousRing.target).toBe('None');
  });

  test('of an unknown user is an error that names the user', async () => {
    const simulator = await simulate();
    expect(() => simulator.state('sip:eve@contoso.com')).toThrow('sip:eve@contoso.com');
  });
});
