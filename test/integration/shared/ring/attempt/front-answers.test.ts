import { describe, expect, it } from 'vitest';
import { changeOnce, outcomeOf } from '../../../../support/ring/one-change.ts';
import { neverAborted, openClient } from '../../../../support/ucwa/client.ts';
import { failureOf } from '../../../../support/ucwa/error-text.ts';
import {
  links,
  type ScriptedResponse,
  settings,
  startScriptedPool,
} from '../../../../support/ucwa/scripted-pool.ts';
import { alice } from '../../../../support/ucwa/users.ts';

/** The steps of one change, each with its request and what the pool must show for it to be sent. */
const steps: readonly (readonly [step: string, line: string])[] = [
  ['discovery', 'GET /'],
  ['challenge', 'GET /user without a token'],
  ['token', 'POST /token'],
  ['home-pool', 'GET /user'],
  ['application', 'POST /applications'],
  ['read', 'GET /settings'],
  ['write', 'POST /ring'],
  ['contact', 'GET /contact'],
];

const page = { headers: { 'content-type': 'text/html' }, body: '\ufeff<!DOCTYPE html><form>Sign in</form>' };
const answers: readonly (readonly [name: string, answer: ScriptedResponse])[] = [
  ['302 to a sign-in page', { status: 302, headers: { location: 'https://login.fabrikam.com/?wa=wsignin' } }],
  ['303 without a place', { status: 303 }],
  ['200 with a page', { ...page, status: 200 }],
  ['403 with a page', { ...page, status: 403 }],
];

/** Settings that show the ring once it was written, so that the contact is read too. */
function ringingAfterWrite() {
  let isRinging = false;
  return {
    'POST /ring': (_request: unknown, response: { writeHead(status: number): { end(): void } }) => {
      isRinging = true;
      response.writeHead(204).end();
    },
    'GET /settings': (_request: unknown, response: { end(text: string): void }) => {
      const off = settings();
      const ring = {
        target: 'Contact',
        ...links({ contact: '/contact', simultaneousRingToContact: '/ring' }),
      };
      const on = { ...off, activeSetting: 'SimultaneousRing', _embedded: { simultaneousRingSettings: ring } };
      response.end(JSON.stringify(isRinging ? on : off));
    },
  };
}

describe('something in front of UCWA that answers', () => {
  const cases = steps.flatMap(([step, line]) =>
    answers.map(([name, answer]) => ({ step, line, name, answer })),
  );

  it.each(cases)(
    'the $step step with $name defers the change and is named',
    async ({ step, line, answer }) => {
      const pool = await startScriptedPool({ ...ringingAfterWrite(), [line]: answer });
      const changed = await changeOnce(openClient(pool));
      const outcome = outcomeOf(changed);
      expect(outcome).toMatchObject({ outcome: 'deferred', code: 'ucwa-unavailable' });
      expect(outcome).toHaveProperty('detail', expect.stringContaining(`in the ${step} step`));
      expect(outcome).toHaveProperty('detail', expect.stringContaining('127.0.0.1'));
      expect(outcome).toHaveProperty(
        'detail',
        expect.stringContaining('reverse proxy with pre-authentication'),
      );
      expect(outcome.recovery).toEqual(step === 'token' ? ['retry'] : ['rediscover']);
      expect(JSON.stringify(changed)).not.toContain(alice.password);
    },
  );

  it('at reading back proves nothing, and nothing is written twice', async () => {
    let reads = 0;
    const pool = await startScriptedPool({
      'POST /ring': { status: 204 },
      'GET /settings': (_request, response) => {
        reads += 1;
        response.end(reads === 1 ? JSON.stringify(settings()) : page.body);
      },
    });
    expect(outcomeOf(await changeOnce(openClient(pool)))).toMatchObject({
      outcome: 'deferred',
      code: 'ucwa-unavailable',
      recovery: ['rediscover'],
    });
    expect(pool.requests.filter((line) => line === 'POST /ring')).toHaveLength(1);
  });

  it('at clean-up changes nothing about the outcome', async () => {
    const pool = await startScriptedPool({ ...ringingAfterWrite(), 'DELETE /app': { ...page, status: 200 } });
    expect(outcomeOf(await changeOnce(openClient(pool)))).toMatchObject({
      outcome: 'applied',
      verified: true,
    });
  });

  it('with a redirect to a trusted host is followed before sign-in, and its page is named', async () => {
    const pool = await startScriptedPool({
      'GET /user without a token': { status: 302, headers: { location: '/login' } },
      'GET /login': { ...page, status: 200 },
    });
    expect(outcomeOf(await changeOnce(openClient(pool)))).toMatchObject({
      outcome: 'deferred',
      detail: expect.stringContaining("returned a page in place of UCWA's response in the challenge step"),
    });
  });

  it('tells where a redirect leads, and nothing else of it', async () => {
    const location = 'https://login.fabrikam.com/?wa=wsignin';
    const pool = await startScriptedPool({ 'GET /settings': { status: 302, headers: { location } } });
    const outcome = outcomeOf(await changeOnce(openClient(pool)));
    expect(outcome).toMatchObject({ ucwa: { status: 302 } });
    expect(outcome).toHaveProperty(
      'detail',
      expect.stringContaining('302 (a redirect to login.fabrikam.com)'),
    );
    expect(JSON.stringify(outcome)).not.toContain('wsignin');
  });

  it('fails a probe too', async () => {
    const pool = await startScriptedPool({ 'GET /user without a token': { ...page, status: 200 } });
    const failure = await failureOf(openClient(pool).probeDiscovery('contoso.com', neverAborted()));
    expect(failure).toMatchObject({ name: 'FrontAnswerError', step: 'challenge' });
  });
});
