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
import { mobile, sipUri, telUri } from '../../../support/ucwa/people.ts';
import { simulate, simulateWith } from '../../../support/ucwa/simulation.ts';

describe('a number that was set and comes back as', () => {
  it.each<[Variants['numberForm'], Proof['likeness']]>([
    ['tel', 'same'],
    ['sip-user-phone', 'same'],
    ['sip-skip-rnl', 'same'],
    ['person', 'among-numbers'],
    ['person-bare-digits', 'untold'],
    ['forbidden', undefined],
  ])('%s is %s', async (numberForm, likeness) => {
    const simulator = await simulateWith({ numberForm });
    expect(await setRing(openSession(openClient(simulator)), mobile)).toEqual({
      active: 'ring',
      target: 'contact',
      likeness,
    });
  });

  it.each(['tel', 'sip-user-phone', 'sip-skip-rnl'] as const)(
    '%s is the same with an extension',
    async (numberForm) => {
      const simulator = await simulateWith({ numberForm });
      const proof = await setRing(openSession(openClient(simulator)), telUri('tel:+14255550123;ext=54321'));
      expect(proof.likeness).toBe('same');
    },
  );

  it.each([0, 1, 2, 3, 4])('any number of a person is among them (number ending in %i)', async (digit) => {
    const simulator = await simulateWith({ numberForm: 'person' });
    const proof = await setRing(openSession(openClient(simulator)), telUri(`tel:+1425555012${digit}`));
    expect(proof.likeness).toBe('among-numbers');
  });
});

describe('a contact that was set', () => {
  it('comes back as the same', async () => {
    const simulator = await simulate();
    const proof = await setRing(openSession(openClient(simulator)), sipUri('Zoe.O@Contoso.com'));
    expect(proof).toEqual({ active: 'ring', target: 'contact', likeness: 'same' });
  });

  it('comes back as the same where its name begins with a plus sign', async () => {
    const simulator = await simulate();
    const proof = await setRing(openSession(openClient(simulator)), sipUri('+14255550123@contoso.com'));
    expect(proof.likeness).toBe('same');
  });
});

describe('the contact of a setting', () => {
  it('is linked even where nobody is set, and is nobody then', async () => {
    const simulator = await simulate();
    const session = openSession(openClient(simulator));
    const { ring } = await readRing(session);
    expect(ring).toMatchObject({ target: 'none', contact: expect.any(URL) });
    expect(ring.contact && (await session.readContact(ring.contact))).toBeUndefined();
  });

  it('cannot be told where something in front of UCWA forbids it: that is an error', async () => {
    const simulator = await simulate();
    simulator.fail({ step: 'read-contact', answer: { status: 403, format: 'html' } });
    expect(await failureOf(setRing(openSession(openClient(simulator)), mobile))).toMatchObject({
      name: 'UcwaResponseError',
      step: 'contact',
      status: 403,
      fromUcwa: false,
    });
  });

  it('is not gone where the application is: that is an error', async () => {
    const simulator = await simulate();
    simulator.fail({ step: 'read-contact', answer: { status: 404, subcode: 'ApplicationNotFound' } });
    const failure = await failureOf(setRing(openSession(openClient(simulator)), mobile));
    expect(failure).toBeInstanceOf(UcwaResponseError);
    expect(failure).toMatchObject({ step: 'contact', status: 404, subcode: 'ApplicationNotFound' });
  });
});

describe('a setting just written', () => {
  it('may not show at the first reading, and does at the next', async () => {
    const simulator = await simulateWith({ readBackDelayReads: 1 });
    const session = openSession(openClient(simulator));
    await ringWithoutProof(session, mobile);
    expect((await readRing(session, 'read-back')).settings.active).toBe('none');
    expect((await readRing(session, 'read-back')).settings.active).toBe('ring');
  });
});
