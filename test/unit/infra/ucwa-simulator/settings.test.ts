import { describe, expect, test } from 'vitest';
import type { CallForwardingState } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import {
  alice,
  embedded,
  linkOf,
  readError,
  readResource,
  simulate,
  visit,
} from '../../../support/infra/ucwa-simulator/client.ts';

const number = 'tel:+14255550123';

describe('the settings', () => {
  test('are off at first, with a contact link that names nobody', async () => {
    const simulator = await simulate();
    const visitor = await visit(simulator);
    const settings = await visitor.settings();
    expect(settings).toMatchObject({
      activePeriod: 'Always',
      activeSetting: 'None',
      unansweredCallHandling: 'Enabled',
    });
    expect(embedded(settings, 'simultaneousRingSettings')).toMatchObject({ target: 'None', ringDelay: 0 });
    for (const part of ['immediateForwardSettings', 'simultaneousRingSettings', 'unansweredCallSettings']) {
      expect((await visitor.contact(part)).status).toBe(404);
    }
  });

  test('are those that a user came with', async () => {
    const unanswered = { target: 'Contact', ringDelay: 30, contact: 'sip:desk@contoso.com' } as const;
    const simulator = await simulate({
      users: [{ ...alice, settings: { activePeriod: 'Workhours', unanswered } }],
    });
    const visitor = await visit(simulator);
    const settings = await visitor.settings();
    expect(settings).toMatchObject({ activePeriod: 'Workhours' });
    expect(embedded(settings, 'unansweredCallSettings')).toMatchObject({ target: 'Contact', ringDelay: 30 });
    expect(await readResource(await visitor.contact('unansweredCallSettings'))).toMatchObject({
      uri: 'sip:desk@contoso.com',
    });
    expect(simulator.state(alice.sip).unanswered).toEqual(unanswered);
  });

  test('lack the operations of who may not ring simultaneously, and forbid them', async () => {
    const simulator = await simulate({ users: [{ ...alice, simultaneousRing: false }] });
    const visitor = await visit(simulator);
    const part = embedded(await visitor.settings(), 'simultaneousRingSettings');
    expect(Object.keys(part._links)).toEqual(['self', 'contact']);
    const url = `${linkOf(part, 'self', visitor.origin)}/simultaneousRingToContact`;
    expect((await visitor.post(url, { target: number })).status).toBe(403);
  });
});

describe('ringing a contact', () => {
  test('shows in the settings, and its contact tells who is rung', async () => {
    const simulator = await simulate();
    const visitor = await visit(simulator);
    const response = await visitor.ring(number);
    expect([response.status, response.headers.get('content-type')]).toEqual([204, null]);
    const settings = await visitor.settings();
    expect(settings).toMatchObject({ activeSetting: 'SimultaneousRing' });
    expect(embedded(settings, 'simultaneousRingSettings')).toMatchObject({ target: 'Contact' });
    expect(await readResource(await visitor.contact())).toMatchObject({ rel: 'contact', uri: number });
    expect(simulator.state(alice.sip).simultaneousRing).toEqual({
      target: 'Contact',
      ringDelay: 0,
      contact: number,
    });
  });

  test('takes the target in the query, decoded', async () => {
    const simulator = await simulate();
    const visitor = await visit(simulator);
    const url = await visitor.partUrl('simultaneousRingSettings', 'simultaneousRingToContact');
    expect((await visitor.post(`${url}?target=tel%3A%2B14255550123`)).status).toBe(204);
    expect(simulator.requests.at(-1)).toMatchObject({
      step: 'write',
      operation: 'simultaneousRingToContact',
      target: number,
      targetIn: 'query',
    });
  });

  test('refuses a plus sign in the query that was not encoded, since it is a space', async () => {
    const visitor = await visit(await simulate());
    const url = await visitor.partUrl('simultaneousRingSettings', 'simultaneousRingToContact');
    const response = await visitor.post(`${url}?target=tel:+14255550123`);
    expect((await readError(response)).subcode).toBe('NormalizationFailed');
  });

  test('gives another contact link for another contact, and the same for the same', async () => {
    const visitor = await visit(await simulate());
    const links: string[] = [];
    for (const target of [number, 'sip:bob@contoso.com', number]) {
      await visitor.ring(target);
      links.push(await visitor.partUrl('simultaneousRingSettings', 'contact'));
    }
    expect(new Set(links).size).toBe(2);
    expect(links[2]).toBe(links[0]);
  });

  test('ends an immediate forward', async () => {
    const simulator = await simulate();
    const visitor = await visit(simulator);
    await visitor.post(await visitor.partUrl('immediateForwardSettings', 'immediateForwardToVoicemail'));
    expect(simulator.state(alice.sip)).toMatchObject({
      activeSetting: 'ImmediateForward',
      immediateForward: { target: 'Voicemail' },
    });
    await visitor.ring(number);
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
    const visitor = await visit(simulator);
    const url = await visitor.partUrl('simultaneousRingSettings', `simultaneousRingTo${target}`);
    expect((await visitor.post(url, body)).status).toBe(204);
    expect(simulator.state(alice.sip)).toMatchObject({
      activeSetting: 'SimultaneousRing',
      simultaneousRing: { target, ringDelay },
    });
  });

  test('takes the delay in the query, and no body at all', async () => {
    const simulator = await simulate();
    const visitor = await visit(simulator);
    const url = await visitor.partUrl('simultaneousRingSettings', 'simultaneousRingToTeam');
    expect((await visitor.post(`${url}?ringDelay=5`)).status).toBe(204);
    expect(simulator.state(alice.sip).simultaneousRing).toEqual({ target: 'Team', ringDelay: 5 });
    expect(simulator.requests.at(-1)).toMatchObject({ contentLength: '0', contentType: undefined });
  });

  test.each([
    ['Delegates', { ringDelay: 56 }],
    ['Team', { ringDelay: -1 }],
    ['Team', { ringDelay: 1.5 }],
    ['Team', { ringDelay: 'soon' }],
  ])('refuses %s with %o', async (target, body) => {
    const visitor = await visit(await simulate());
    const url = await visitor.partUrl('simultaneousRingSettings', `simultaneousRingTo${target}`);
    const response = await visitor.post(url, body);
    expect(response.status).toBe(400);
    expect((await readError(response)).parameters).toMatchObject([{ name: 'ringDelay' }]);
  });

  test.each([
    ['Delegates', { delegates: false }, 409, 'NoDelegatesConfigured'],
    ['Team', { team: false }, 403, 'NoTeamMembersConfigured'],
  ])('refuses %s of who has none', async (target, rights, status, subcode) => {
    const simulator = await simulate({ users: [{ ...alice, ...rights }] });
    const visitor = await visit(simulator);
    const url = await visitor.partUrl('simultaneousRingSettings', `simultaneousRingTo${target}`);
    const response = await visitor.post(url);
    expect([response.status, await readError(response)]).toMatchObject([status, { subcode }]);
  });
});

describe('turning off', () => {
  const ringing: Partial<CallForwardingState> = {
    activeSetting: 'SimultaneousRing',
    simultaneousRing: { target: 'Contact', ringDelay: 0, contact: number },
    unanswered: { target: 'Contact', ringDelay: 40, contact: 'sip:desk@contoso.com' },
  };

  test('loses the target for unanswered calls', async () => {
    const simulator = await simulate();
    simulator.setState(alice.sip, ringing);
    expect((await (await visit(simulator)).turnOff()).status).toBe(204);
    expect(simulator.state(alice.sip)).toEqual({
      activePeriod: 'Always',
      activeSetting: 'None',
      immediateForward: { target: 'None' },
      simultaneousRing: { target: 'None', ringDelay: 0 },
      unanswered: { target: 'Voicemail', ringDelay: 20 },
    });
  });

  test('leaves the target beside the setting where it is remembered', async () => {
    const simulator = await simulate({ variants: { rememberTarget: true } });
    simulator.setState(alice.sip, ringing);
    const visitor = await visit(simulator);
    await visitor.turnOff();
    expect(await visitor.settings()).toMatchObject({ activeSetting: 'None' });
    expect(simulator.state(alice.sip).simultaneousRing).toEqual(ringing.simultaneousRing);
    expect(await readResource(await visitor.contact())).toMatchObject({ uri: number });
  });
});

describe('unanswered calls', () => {
  test('go to a contact after a delay, to voicemail, and back to the default', async () => {
    const simulator = await simulate();
    const visitor = await visit(simulator);
    const send = async (rel: string, body?: object) =>
      visitor.post(await visitor.partUrl('unansweredCallSettings', rel), body);
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
    const visitor = await visit(await simulate());
    const url = await visitor.partUrl('unansweredCallSettings', 'unansweredCallToContact');
    expect((await visitor.post(url, { target: number, ringDelay })).status).toBe(400);
  });

  test('cannot be set while every call is forwarded', async () => {
    const simulator = await simulate();
    const visitor = await visit(simulator);
    const forward = await visitor.partUrl('immediateForwardSettings', 'immediateForwardToContact');
    await visitor.post(forward, { target: number });
    expect(await visitor.settings()).toMatchObject({ unansweredCallHandling: 'Disabled' });
    const url = await visitor.partUrl('unansweredCallSettings', 'unansweredCallToContact');
    expect((await visitor.post(url, { target: number })).status).toBe(403);
  });
});

describe('the state', () => {
  test('that is handed out is a copy', async () => {
    const simulator = await simulate();
    simulator.state(alice.sip).simultaneousRing.target = 'Team';
    expect(simulator.state(alice.sip).simultaneousRing.target).toBe('None');
  });

  test('of someone unknown is an error that names whom', async () => {
    const simulator = await simulate();
    expect(() => simulator.state('sip:eve@contoso.com')).toThrow('sip:eve@contoso.com');
  });
});
