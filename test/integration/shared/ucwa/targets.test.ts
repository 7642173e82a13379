import { describe, expect, it } from 'vitest';
import { UcwaResponseError } from '../../../../shared/ucwa/errors.ts';
import { openClient, openSession, proven, setRing } from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { simulate, simulateWith } from '../../../support/ucwa/simulation.ts';
import { alice, bob, mobile, sipUri, telUri } from '../../../support/ucwa/users.ts';

/** Returns a SIP address of the given length. */
function addressOf(length: number) {
  const start = 'sip:';
  const end = '@contoso.com';
  return sipUri(`${start}${'x'.repeat(length - start.length - end.length)}${end}`);
}

describe('a target', () => {
  it('is sent as JSON in the body, with its plus sign', async () => {
    const simulator = await simulate();
    await setRing(openSession(openClient(simulator)), mobile);
    expect(simulator.state(alice.sip).simultaneousRing.contact).toBe('tel:+14255550123');
    expect(simulator.requests.filter(({ step }) => step === 'write')).toMatchObject([
      { targetIn: 'body', target: 'tel:+14255550123', contentType: 'application/json', status: 204 },
    ]);
  });

  it('is sent in the query, with its plus sign, if the pool refuses it in the body', async () => {
    const simulator = await simulateWith({ targetInBody: 'refused' });
    const session = openSession(openClient(simulator));
    expect(await setRing(session, mobile)).toEqual(proven);
    expect(simulator.state(alice.sip).simultaneousRing.contact).toBe('tel:+14255550123');
    expect(simulator.requests.filter(({ step }) => step === 'write')).toMatchObject([
      { targetIn: 'body', status: 400 },
      { targetIn: 'query', status: 204, contentLength: '0', contentType: undefined },
    ]);
    expect(session.requests).toBe(11);
  });

  it('is sent in the query at once for the next user of such a pool', async () => {
    const simulator = await simulateWith({ targetInBody: 'refused' });
    const client = openClient(simulator);
    await setRing(openSession(client, alice), mobile);
    simulator.clearRequests();
    expect(await setRing(openSession(client, bob), mobile)).toEqual(proven);
    expect(simulator.requests.filter(({ step }) => step === 'write')).toMatchObject([
      { targetIn: 'query', target: mobile, status: 204 },
    ]);
  });

  it('is still sent in the body to another pool', async () => {
    const simulator = await simulateWith(
      { targetInBody: 'refused' },
      { pools: ['pool', 'other'], users: [alice, { ...bob, pool: 'other' }] },
    );
    const client = openClient(simulator);
    await setRing(openSession(client, alice), mobile);
    simulator.setVariants({ targetInBody: 'taken' });
    await setRing(openSession(client, bob), mobile);
    expect(simulator.requests.filter(({ step }) => step === 'write').at(-1)).toMatchObject({
      pool: 'other',
      targetIn: 'body',
    });
  });

  it('does not mark the pool if it is refused in both forms', async () => {
    const simulator = await simulate();
    const client = openClient(simulator);
    await failureOf(setRing(openSession(client, alice), addressOf(81)));
    simulator.clearRequests();
    await setRing(openSession(client, bob), mobile);
    expect(simulator.requests.filter(({ step }) => step === 'write')).toMatchObject([{ targetIn: 'body' }]);
  });

  it('is not sent again after another error than 400', async () => {
    const simulator = await simulate();
    simulator.fail({ step: 'write', answer: { status: 409, subcode: 'AlreadyExists' } });
    const failure = await failureOf(setRing(openSession(openClient(simulator)), mobile));
    expect(failure).toMatchObject({ status: 409, subcode: 'AlreadyExists' });
    expect(simulator.count('write')).toBe(1);
  });

  it.each(['taken', 'refused'] as const)('may be a contact if the body is %s', async (targetInBody) => {
    const simulator = await simulateWith({ targetInBody });
    const target = sipUri("sip:o'hara+harness=2@contoso.com");
    expect(await setRing(openSession(openClient(simulator)), target)).toEqual(proven);
    expect(simulator.state(alice.sip).simultaneousRing.contact).toBe(target);
  });

  it.each(['taken', 'refused'] as const)('may have an extension if the body is %s', async (targetInBody) => {
    const simulator = await simulateWith({ targetInBody });
    const target = telUri('tel:+14255550123;ext=54321');
    expect(await setRing(openSession(openClient(simulator)), target)).toEqual(proven);
    expect(simulator.state(alice.sip).simultaneousRing.contact).toBe(target);
  });

  it.each(['taken', 'refused'] as const)(
    'of 80 characters is accepted if the body is %s',
    async (targetInBody) => {
      const simulator = await simulateWith({ targetInBody });
      expect(await setRing(openSession(openClient(simulator)), addressOf(80))).toEqual(proven);
    },
  );

  it('of 81 characters is refused by the server', async () => {
    const simulator = await simulate();
    const failure = await failureOf(setRing(openSession(openClient(simulator)), addressOf(81)));
    expect(failure).toBeInstanceOf(UcwaResponseError);
    expect(failure).toMatchObject({
      step: 'write',
      status: 400,
      code: 'BadRequest',
      subcode: 'ParameterValidationFailure',
    });
    expect(simulator.state(alice.sip).activeSetting).toBe('None');
  });
});
