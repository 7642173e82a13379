import { describe, expect, it } from 'vitest';
import { IdentityMismatchError } from '../../../../shared/ucwa/errors.ts';
import {
  openClient,
  openSession,
  proven,
  ringWithoutProof,
  setRing,
  unhurried,
} from '../../../support/ucwa/client.ts';
import { failureOf, textOf } from '../../../support/ucwa/error-text.ts';
import { alice, bob, mobile } from '../../../support/ucwa/people.ts';
import { application, playPool } from '../../../support/ucwa/scripted-pool.ts';
import { simulate } from '../../../support/ucwa/simulation.ts';

describe('a token that belongs to someone else', () => {
  it('is found out by me.uri: nothing is read or written, and the application is deleted', async () => {
    const simulator = await simulate({ users: [{ ...alice, meUri: 'sip:mallory@contoso.com' }] });
    const session = openSession(openClient(simulator));

    const failure = await failureOf(ringWithoutProof(session, mobile));
    expect(failure).toBeInstanceOf(IdentityMismatchError);
    expect(textOf(failure)).not.toContain('mallory');
    await session.close(unhurried());

    expect(simulator.count('set-ring') + simulator.count('read-settings')).toBe(0);
    expect(simulator.requests.at(-1)).toMatchObject({ step: 'delete-application', status: 204 });
    expect(simulator.applications(alice.sip)).toBe(0);
  });

  it("is found out where a secret holds another person's name and password", async () => {
    const simulator = await simulate();
    const session = openSession(openClient(simulator), { ...bob, sip: alice.sip });
    expect(await failureOf(ringWithoutProof(session, mobile))).toBeInstanceOf(IdentityMismatchError);
    await session.close(unhurried());
    expect(simulator.state(bob.sip).activeSetting).toBe('None');
    expect(simulator.applications(bob.sip)).toBe(0);
  });

  it('stays found out when the settings are read again', async () => {
    const simulator = await simulate({ users: [{ ...alice, meUri: 'sip:mallory@contoso.com' }] });
    const session = openSession(openClient(simulator));
    await failureOf(session.readSettings());
    expect(await failureOf(session.readSettings('read-back'))).toBeInstanceOf(IdentityMismatchError);
    expect(simulator.count('create-application')).toBe(1);
  });
});

describe('an application', () => {
  it('is of the user whatever case the server writes the address in', async () => {
    const simulator = await simulate({ users: [{ ...alice, meUri: 'SIP:Alice@Contoso.COM' }] });
    expect(await setRing(openSession(openClient(simulator)), mobile)).toEqual(proven);
  });

  it.each([
    ['without me', { _links: { self: { href: '/app' } } }],
    ['whose me is no resource', { ...application(), _embedded: { me: 'Alice' } }],
    ['whose me has no uri', { ...application(), _embedded: { me: {} } }],
  ])('%s cannot be used', async (_name, json) => {
    const pool = await playPool({ 'POST /applications': { status: 201, json } });
    const session = openSession(openClient(pool));
    expect(await failureOf(session.readSettings())).toMatchObject({
      name: 'UnexpectedContentError',
      step: 'application',
    });
    await session.close(unhurried());
    expect(pool.requests.at(-1)).toBe('DELETE /app');
  });
});
