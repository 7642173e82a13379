import { describe, expect, it } from 'vitest';
import { IdentityMismatchError } from '../../../../shared/ucwa/errors.ts';
import {
  neverAborted,
  openClient,
  openSession,
  proven,
  ringWithoutProof,
  setRing,
} from '../../../support/ucwa/client.ts';
import { failureOf, textOf } from '../../../support/ucwa/error-text.ts';
import { application, startScriptedPool } from '../../../support/ucwa/scripted-pool.ts';
import { simulate } from '../../../support/ucwa/simulation.ts';
import { alice, bob, mobile } from '../../../support/ucwa/users.ts';

describe('a token that belongs to another user', () => {
  it('is recognised by me.uri; nothing is read or written, and the application is deleted', async () => {
    const simulator = await simulate({ users: [{ ...alice, meUri: 'sip:mallory@contoso.com' }] });
    const session = openSession(openClient(simulator));

    const failure = await failureOf(ringWithoutProof(session, mobile));
    expect(failure).toBeInstanceOf(IdentityMismatchError);
    expect(String(failure)).toContain('the token belongs to sip:mallory@contoso.com.');
    await session.close(neverAborted());

    expect(simulator.count('write') + simulator.count('read') + simulator.count('read-back')).toBe(0);
    expect(simulator.requests.at(-1)).toMatchObject({ step: 'clean-up', status: 204 });
    expect(simulator.applications(alice.sip)).toBe(0);
  });

  it("is recognised if the secret holds another user's name and password", async () => {
    const simulator = await simulate();
    const session = openSession(openClient(simulator), { ...bob, sip: alice.sip });
    expect(await failureOf(ringWithoutProof(session, mobile))).toBeInstanceOf(IdentityMismatchError);
    await session.close(neverAborted());
    expect(simulator.state(bob.sip).activeSetting).toBe('None');
    expect(simulator.applications(bob.sip)).toBe(0);
  });

  it.each([
    ['digits that may be a number', 'sip:14255550123@contoso.com', 'sip:[number]@contoso.com'],
    ['a number', 'tel:+14255550123', 'another user'],
  ])('is named without %s, where me.uri is that', async (_name, meUri, shown) => {
    const simulator = await simulate({ users: [{ ...alice, meUri }] });
    const failure = await failureOf(openSession(openClient(simulator)).callForwarding.readSettings());
    expect(String(failure)).toContain(`the token belongs to ${shown}.`);
    expect(textOf(failure)).not.toContain('4255550123');
  });

  it('is named without the password, where a server echoes it as a part of the address', async () => {
    const spoken = { ...alice, password: 'open.sesame-4711' };
    const simulator = await simulate({ users: [{ ...spoken, meUri: 'sip:open.sesame-4711@contoso.com' }] });
    const failure = await failureOf(openSession(openClient(simulator), spoken).callForwarding.readSettings());
    expect(textOf(failure)).not.toContain('sesame');
  });

  it('is recognised again when the settings are read again', async () => {
    const simulator = await simulate({ users: [{ ...alice, meUri: 'sip:mallory@contoso.com' }] });
    const session = openSession(openClient(simulator));
    await failureOf(session.callForwarding.readSettings());
    expect(await failureOf(session.callForwarding.readSettings('read-back'))).toBeInstanceOf(
      IdentityMismatchError,
    );
    expect(simulator.count('application')).toBe(1);
  });
});

describe('an application', () => {
  it('belongs to the user in whatever case the server writes the address', async () => {
    const simulator = await simulate({ users: [{ ...alice, meUri: 'SIP:Alice@Contoso.COM' }] });
    expect(await setRing(openSession(openClient(simulator)), mobile)).toEqual(proven);
  });

  it.each([
    ['without me', { _links: { self: { href: '/app' } } }],
    ['whose me is not a resource', { ...application(), _embedded: { me: 'Alice' } }],
    ['whose me has no uri', { ...application(), _embedded: { me: {} } }],
  ])('%s is unusable', async (_name, json) => {
    const pool = await startScriptedPool({ 'POST /applications': { status: 201, json } });
    const session = openSession(openClient(pool));
    expect(await failureOf(session.callForwarding.readSettings())).toMatchObject({
      name: 'UnexpectedContentError',
      step: 'application',
    });
    await session.close(neverAborted());
    expect(pool.requests.at(-1)).toBe('DELETE /app');
  });
});
