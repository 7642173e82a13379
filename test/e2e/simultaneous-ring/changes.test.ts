import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, localUser, System } from '../../support/e2e/system.ts';

const number = '+1 (425) 555-0123';
const tel = 'tel:+14255550123';
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let system: System;

beforeAll(async () => {
  system = await System.start([
    localUser('first@counts.example'),
    localUser('second@counts.example'),
    localUser('again@again.example'),
    localUser('change@change.example'),
    localUser('off@off.example'),
    localUser('unanswered@off.example'),
    localUser('forward@off.example'),
    localUser('forwarded@forward.example'),
    localUser('dry@dry.example'),
    localUser('peer@sip.example'),
    localUser('caller@sip.example'),
    localUser('delegates@group.example'),
    localUser('trace@trace.example'),
    localUser('source@source.example'),
  ]);
});

afterEach(() => system.expectAgreement());
afterAll(() => system?.stop());

describe('PUT', () => {
  it('sends ten requests for the first user of a domain and eight for the next, proof included', async () => {
    const first = await system.ring('PUT', 'first@counts.example', { target: number });
    const second = await system.ring('PUT', 'second@counts.example', { target: number });
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      user: 'sip:first@counts.example',
      outcome: 'applied',
      ring: 'contact',
      target: tel,
      previous: { ring: 'off' },
      verified: true,
      attempts: 1,
      recovery: [],
      requests: 10,
      correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      requestedAt: expect.stringMatching(isoTime),
      endedAt: expect.stringMatching(isoTime),
    });
    expect(second.body).toMatchObject({ outcome: 'applied', verified: true, requests: 8 });
    expect(system.services.ucwa.state('sip:second@counts.example')).toMatchObject({
      activeSetting: 'SimultaneousRing',
      simultaneousRing: { target: 'Contact', contact: tel },
    });
    expect(system.services.ucwa.applications('sip:first@counts.example')).toBe(0);
  });

  it('returns unchanged without a write when the ring is already as desired', async () => {
    await system.ring('PUT', 'again@again.example', { target: number });
    const again = await system.ring('PUT', 'again@again.example', { target: tel });
    expect(again.body).toMatchObject({
      outcome: 'unchanged',
      verified: true,
      previous: { ring: 'contact', target: tel },
    });
    expect(system.count('write', 'again@again.example')).toBe(1);
  });

  it('sends six requests for the same user soon after, and one more to read another contact', async () => {
    await system.ring('PUT', 'change@change.example', { target: number });
    const changed = await system.ring('PUT', 'change@change.example', { target: '+44 20 7946 0018' });
    expect(changed.body).toMatchObject({
      outcome: 'applied',
      verified: true,
      requests: 7,
      previous: { target: tel },
    });
    await system.ring('DELETE', 'change@change.example');
    const afterOff = await system.ring('PUT', 'change@change.example', { target: number });
    expect(afterOff.body).toMatchObject({ outcome: 'applied', requests: 6 });
  });

  it('with dryRun writes nothing and returns the change that would be made', async () => {
    const dryRun = await system.ring('PUT', 'dry@dry.example', { target: number, dryRun: true });
    expect(dryRun.body).toMatchObject({
      outcome: 'unchanged',
      dryRun: true,
      would: 'apply',
      previous: { ring: 'off' },
    });
    expect(system.count('write', 'dry@dry.example')).toBe(0);
    expect(system.services.ucwa.state('sip:dry@dry.example').activeSetting).toBe('None');
  });

  it('accepts a SIP address as target and converts it to lower case', async () => {
    const response = await system.ring('PUT', 'caller@sip.example', { target: 'SIP:Peer@SIP.example' });
    expect(response.body).toMatchObject({
      outcome: 'applied',
      verified: true,
      target: 'sip:peer@sip.example',
    });
  });

  it('rings the delegates after a delay', async () => {
    const response = await system.ring('PUT', 'delegates@group.example', {
      ring: 'delegates',
      ringDelaySeconds: 15,
    });
    expect(response.body).toMatchObject({
      outcome: 'applied',
      verified: true,
      ring: 'delegates',
      ringDelaySeconds: 15,
    });
  });

  it('ends an immediate forward and returns it as previous', async () => {
    const state = {
      activeSetting: 'ImmediateForward',
      immediateForward: { target: 'Contact', contact: tel },
    } as const;
    system.choose('forwarded@forward.example', state);
    const response = await system.ring('PUT', 'forwarded@forward.example', { target: '+44 20 7946 0018' });
    expect(response.body).toMatchObject({
      outcome: 'applied',
      previous: { ring: 'off', forwarding: { target: tel } },
    });
  });
});

describe('DELETE', () => {
  it('turns the ring off with proof, as GET shows, and changes nothing the second time', async () => {
    await system.ring('PUT', 'off@off.example', { target: number });
    expect((await system.ring('GET', 'off@off.example')).body).toEqual({
      user: 'sip:off@off.example',
      ring: 'contact',
      target: tel,
    });
    const off = await system.ring('DELETE', 'off@off.example');
    expect(off.body).toMatchObject({
      outcome: 'applied',
      ring: 'off',
      verified: true,
      previous: { ring: 'contact', target: tel },
    });
    expect((await system.ring('GET', 'off@off.example')).body).toEqual({
      user: 'sip:off@off.example',
      ring: 'off',
    });
    expect((await system.ring('DELETE', 'off@off.example')).body).toMatchObject({ outcome: 'unchanged' });
  });

  it('does not change an immediate forward', async () => {
    const state = {
      activeSetting: 'ImmediateForward',
      immediateForward: { target: 'Contact', contact: tel },
    } as const;
    system.choose('forward@off.example', state);
    const off = await system.ring('DELETE', 'forward@off.example');
    expect(off.body).toMatchObject({
      outcome: 'unchanged',
      previous: { ring: 'off', forwarding: { target: tel } },
    });
    expect(system.services.ucwa.state('sip:forward@off.example').activeSetting).toBe('ImmediateForward');
  });

  it('restores the target for unanswered calls with its delay', async () => {
    system.choose('unanswered@off.example', {
      activeSetting: 'SimultaneousRing',
      simultaneousRing: { target: 'Contact', ringDelay: 0, contact: tel },
      unanswered: { target: 'Contact', ringDelay: 25, contact: 'tel:+442079460018' },
    });
    const off = await system.ring('DELETE', 'unanswered@off.example');
    expect(off.body).toMatchObject({
      outcome: 'applied',
      verified: true,
      previous: { unanswered: { target: 'tel:+442079460018', ringDelaySeconds: 25 } },
    });
    expect(system.services.ucwa.state('sip:unanswered@off.example')).toMatchObject({
      activeSetting: 'None',
      unanswered: { target: 'Contact', ringDelay: 25, contact: 'tel:+442079460018' },
    });
  });
});

describe('the header x-source', () => {
  const path = '/api/users/source@source.example/simultaneous-ring';

  it('comes back in the response and stands in the log of the change, without the number', async () => {
    const put = await system.call('PUT', path, { target: number }, { 'x-source': 'HR portal' });
    expect(put.body).toMatchObject({ outcome: 'applied', source: 'HR portal' });
    const off = await system.call('DELETE', path, undefined, { 'x-source': 'HR portal' });
    expect(off.body).toMatchObject({ outcome: 'applied', source: 'HR portal' });
    const changes = await eventually(
      async () => system.functions.output.split('\n').filter((line) => line.includes('"ring-changed"')),
      (lines) => lines.filter((line) => line.includes('source@source.example')).length === 2,
    );
    const [set, turnedOff] = changes.filter((line) => line.includes('source@source.example'));
    expect(set).toContain('"ring":"contact","outcome":"applied","previousRing":"off","source":"HR portal"');
    expect(turnedOff).toContain('"ring":"off","outcome":"applied","previousRing":"contact"');
    expect(changes.join()).not.toContain('4255550123');
  });

  it('is refused where it is too long, and nothing is changed', async () => {
    for (const method of ['PUT', 'DELETE']) {
      const body = method === 'PUT' ? { target: number } : undefined;
      const refused = await system.call(method, path, body, { 'x-source': 'x'.repeat(101) });
      expect(refused.status).toBe(400);
      expect(refused.body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/x-source' }] });
    }
  });
});

describe('a correlation id', () => {
  it('is sent to UCWA and returned to the caller', async () => {
    const path = '/api/users/trace@trace.example/simultaneous-ring';
    const response = await system.call('GET', path, undefined, { 'x-correlation-id': 'ticket-4711' });
    expect(response.headers.get('x-correlation-id')).toBe('ticket-4711');
    const ids = system.services.ucwa.requests
      .filter(({ user }) => user === 'sip:trace@trace.example')
      .map(({ correlationId }) => correlationId);
    expect(ids.length).toBeGreaterThan(3);
    expect(new Set(ids)).toEqual(new Set(['ticket-4711']));
  });

  it('is replaced where it is not well formed', async () => {
    const path = '/api/bulk/none';
    const response = await system.call('GET', path, undefined, { 'x-correlation-id': 'a b\tc' });
    expect(response.status).toBe(404);
    expect(response.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.body).toMatchObject({ code: 'batch-not-found' });
  });
});
