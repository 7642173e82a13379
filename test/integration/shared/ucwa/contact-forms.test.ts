import { describe, expect, it } from 'vitest';
import type { Variants } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import { UcwaResponseError } from '../../../../shared/ucwa/errors.ts';
import {
  openClient,
  openSession,
  type Proof,
  readRing,
  ringWithoutProof,
  setRing,
} from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { simulate, simulateWith } from '../../../support/ucwa/simulation.ts';
import { mobile, sipUri, telUri } from '../../../support/ucwa/users.ts';

describe('a number that was set', () => {
  it.each<[Variants['numberForm'], Proof['match']]>([
    ['tel', 'same'],
    ['sip-user-phone', 'same'],
    ['sip-skip-rnl', 'same'],
    ['person', 'among-numbers'],
    ['person-bare-digits', 'unknown'],
    ['forbidden', undefined],
  ])('and is shown as %s matches as %s', async (numberForm, match) => {
    const simulator = await simulateWith({ numberForm });
    expect(await setRing(openSession(openClient(simulator)), mobile)).toEqual({
      active: 'ring',
      target: 'contact',
      match,
    });
  });

  it.each(['tel', 'sip-user-phone', 'sip-skip-rnl'] as const)(
    'with an extension and is shown as %s matches as same',
    async (numberForm) => {
      const simulator = await simulateWith({ numberForm });
      const proof = await setRing(openSession(openClient(simulator)), telUri('tel:+14255550123;ext=54321'));
      expect(proof.match).toBe('same');
    },
  );

  it.each([0, 1, 2, 3, 4])('and ends in %i is recognised among the numbers of a person', async (digit) => {
    const simulator = await simulateWith({ numberForm: 'person' });
    const proof = await setRing(openSession(openClient(simulator)), telUri(`tel:+1425555012${digit}`));
    expect(proof.match).toBe('among-numbers');
  });
});

describe('a contact that was set', () => {
  it('matches as same', async () => {
    const simulator = await simulate();
    const proof = await setRing(openSession(openClient(simulator)), sipUri('Zoe.O@Contoso.com'));
    expect(proof).toEqual({ active: 'ring', target: 'contact', match: 'same' });
  });

  it('matches as same if its name begins with a plus sign', async () => {
    const simulator = await simulate();
    const proof = await setRing(openSession(openClient(simulator)), sipUri('+14255550123@contoso.com'));
    expect(proof.match).toBe('same');
  });
});

describe('the contact of a setting', () => {
  it('is linked even if none is set, and is then undefined', async () => {
    const simulator = await simulate();
    const session = openSession(openClient(simulator));
    const { ring } = await readRing(session);
    expect(ring).toMatchObject({ target: 'none', contact: expect.any(URL) });
    expect(ring.contact && (await session.callForwarding.readContact(ring.contact))).toBeUndefined();
  });

  it('is an error, not undefined, if a proxy before UCWA forbids it', async () => {
    const simulator = await simulate();
    simulator.fail({ step: 'contact', answer: { status: 403, format: 'html' } });
    expect(await failureOf(setRing(openSession(openClient(simulator)), mobile))).toMatchObject({
      name: 'UcwaResponseError',
      step: 'contact',
      status: 403,
      fromUcwa: false,
    });
  });

  it('is an error, not undefined, if the application is gone', async () => {
    const simulator = await simulate();
    simulator.fail({ step: 'contact', answer: { status: 404, subcode: 'ApplicationNotFound' } });
    const failure = await failureOf(setRing(openSession(openClient(simulator)), mobile));
    expect(failure).toBeInstanceOf(UcwaResponseError);
    expect(failure).toMatchObject({ step: 'contact', status: 404, subcode: 'ApplicationNotFound' });
  });
});

describe('a setting that was just written', () => {
  it('may be missing from the first reading and show in the next', async () => {
    const simulator = await simulateWith({ readBackDelayReads: 1 });
    const session = openSession(openClient(simulator));
    await ringWithoutProof(session, mobile);
    expect((await readRing(session, 'read-back')).settings.active).toBe('none');
    expect((await readRing(session, 'read-back')).settings.active).toBe('ring');
  });
});
