import { describe, expect, it } from 'vitest';
import type { StatusAnswer, Step } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import { UcwaResponseError } from '../../../../shared/ucwa/errors.ts';
import { openClient, openSession, setRing } from '../../../support/ucwa/client.ts';
import { failureOf, judged } from '../../../support/ucwa/error-text.ts';
import { simulate, simulateWith } from '../../../support/ucwa/simulation.ts';
import { mobile } from '../../../support/ucwa/users.ts';

const channelError: StatusAnswer = { status: 500, code: 'ServiceFailure', subcode: 'CallbackChannelError' };

/** Rings a number on a server that fails once, and returns the error. */
async function failAt(step: Step, answer: StatusAnswer): Promise<unknown> {
  const simulator = await simulate();
  simulator.fail({ step, answer });
  return failureOf(setRing(openSession(openClient(simulator)), mobile));
}

describe('an error body of UCWA', () => {
  it.each(['json', 'xml'] as const)('is read from %s', async (format) => {
    const failure = await failAt('write', { ...channelError, format });
    expect(failure).toBeInstanceOf(UcwaResponseError);
    expect(failure).toMatchObject({
      step: 'write',
      status: 500,
      code: 'ServiceFailure',
      subcode: 'CallbackChannelError',
      fromUcwa: true,
      hasChallenge: false,
      retryAfter: undefined,
    });
    expect(String(failure)).toMatch(
      /^UcwaResponseError: 127\.0\.0\.1:\d+ returned 500 ServiceFailure CallbackChannelError in the write step\.$/,
    );
  });

  it('is not found in an HTML page', async () => {
    const failure = await failAt('write', { ...channelError, format: 'html' });
    expect(failure).toMatchObject({ status: 500, code: undefined, subcode: undefined, fromUcwa: false });
  });

  it('is read after a byte order mark', async () => {
    const simulator = await simulateWith({ byteOrderMark: true });
    simulator.fail({ step: 'read', answer: channelError });
    const failure = await failureOf(setRing(openSession(openClient(simulator)), mobile));
    expect(failure).toMatchObject({ step: 'read', subcode: 'CallbackChannelError' });
  });

  it('is read even if its subcode is not text', async () => {
    const body = JSON.stringify({ code: 'ServiceFailure', subcode: 4711, parameters: 'none' });
    const failure = await failAt('write', { status: 500, body });
    expect(failure).toMatchObject({ code: 'ServiceFailure', subcode: undefined, fromUcwa: true });
  });
});

describe('the error of a response', () => {
  it('has the headers for diagnosis', async () => {
    const failure = await failAt('write', {
      ...channelError,
      headers: { 'X-Ms-diagnostics': '28000;source="fe1";reason="The channel is down."' },
    });
    expect(failure).toMatchObject({
      diagnosis: {
        'x-ms-diagnostics': '28000;source="fe1";reason="The channel is down."',
        'x-ms-server-fqdn': 'pool.simulator.local',
        'x-ms-correlation-id': expect.any(String),
      },
    });
  });

  it('has Retry-After as the server wrote it', async () => {
    const failure = await failAt('read', { status: 503, headers: { 'Retry-After': '17' } });
    expect(failure).toMatchObject({ status: 503, retryAfter: '17' });
  });

  it('tells whether the response has a challenge', async () => {
    const failure = await failAt('read', { status: 401, format: 'html' });
    expect(failure).toMatchObject({ status: 401, hasChallenge: true, fromUcwa: false });
  });

  it.each<Step>([
    'discovery',
    'challenge',
    'token',
    'home-pool',
    'application',
    'read',
    'write',
    'read-back',
    'contact',
  ])('names the step %s', async (step) => {
    const failure = await failAt(step, { status: 503, subcode: 'SomethingNew' });
    expect(judged(failure)).toBeInstanceOf(UcwaResponseError);
    expect(judged(failure)).toMatchObject({ step, status: 503, subcode: 'SomethingNew' });
  });

  it('to the second reading of the settings names the step read-back', async () => {
    const simulator = await simulate();
    simulator.fail({ operation: 'callForwardingSettings', skip: 1, answer: { status: 504 } });
    const failure = await failureOf(setRing(openSession(openClient(simulator)), mobile));
    expect(failure).toMatchObject({ step: 'read-back', status: 504 });
  });
});
