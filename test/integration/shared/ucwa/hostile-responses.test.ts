import { describe, expect, it } from 'vitest';
import type { BrokenAnswer, Step, UcwaSimulator } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import {
  ConnectionError,
  RequestTimeoutError,
  SignInUnjudgedError,
  type UcwaError,
  UnexpectedContentError,
} from '../../../../shared/ucwa/errors.ts';
import {
  openClient,
  openSession,
  readRing,
  ringWithoutProof,
  setRing,
} from '../../../support/ucwa/client.ts';
import { failureOf, judged, textOf } from '../../../support/ucwa/error-text.ts';
import {
  challenge,
  type Script,
  scriptedToken,
  startScriptedPool,
} from '../../../support/ucwa/scripted-pool.ts';
import { simulate, simulateWith } from '../../../support/ucwa/simulation.ts';
import { timeoutAt } from '../../../support/ucwa/timeout-at.ts';
import { alice, mobile } from '../../../support/ucwa/users.ts';

type ErrorClass = abstract new (...values: never[]) => UcwaError;

const overOneMiB = 1024 * 1024 + 1;
const faults: [string, BrokenAnswer, ErrorClass][] = [
  ['a body over 1 MiB', { kind: 'huge-body', bytes: overOneMiB }, UnexpectedContentError],
  ['an endless body', { kind: 'huge-body', bytes: 1e12 }, UnexpectedContentError],
  ['broken gzip', { kind: 'broken-gzip' }, UnexpectedContentError],
  ['malformed JSON', { kind: 'malformed-json' }, UnexpectedContentError],
  ['links that are not URLs', { kind: 'bad-links' }, UnexpectedContentError],
  ['nothing at all', { kind: 'hang' }, RequestTimeoutError],
  ['a body that takes too long', { kind: 'slow-body', bytesPerSecond: 10 }, RequestTimeoutError],
  ['a reset', { kind: 'reset' }, ConnectionError],
  ['a reset within the body', { kind: 'reset-in-body' }, ConnectionError],
];
const steps = ['discovery', 'token', 'home-pool', 'application', 'read', 'contact'] as const;
const secrets = [
  alice.password,
  encodeURIComponent(alice.password),
  'cwt=',
  'grant_type',
  '4255550123',
  'target=',
];

describe.each(steps)('a server that responds to %s', (step) => {
  const hasLinks = step !== 'token' && step !== 'contact';
  it.each(faults.filter(([, { kind }]) => hasLinks || kind !== 'bad-links'))(
    'with %s causes an error without a secret in it',
    async (_name, answer, ErrorClass) => {
      const simulator = await simulate({ users: [alice] });
      simulator.fail({ step, answer, times: 1 });
      const session = openWithTimeoutAt(simulator, answer.kind, step);
      const failure = await failureOf(setRing(session, mobile));
      expect(failure instanceof SignInUnjudgedError).toBe(step === 'token');
      expect(judged(failure)).toBeInstanceOf(ErrorClass);
      expect(failure).toMatchObject({ step });
      for (const secret of secrets) expect(textOf(failure)).not.toContain(secret);
    },
  );
});

const notObjects = ['[]', '42', 'null', '"text"', ''];
const linksAreText = '{"_links":"none","_embedded":7}';
const linkIsText = '{"_links":{"self":"/"}}';
const shapes: [Step, string[], UcwaError['name']][] = [
  ['discovery', [...notObjects, linksAreText, linkIsText], 'UnexpectedContentError'],
  ['token', [...notObjects, '{"access_token":7}', '{"access_token":""}'], 'UnexpectedContentError'],
  ['home-pool', [...notObjects, linksAreText], 'UnexpectedContentError'],
  ['home-pool', [linkIsText], 'LinkMissingError'],
  ['application', [...notObjects, linksAreText, linkIsText], 'UnexpectedContentError'],
  ['read', [...notObjects, linksAreText, linkIsText], 'UnexpectedContentError'],
  ['read', ['{"activeSetting":"None","_links":{"self":"/"}}'], 'LinkMissingError'],
  ['contact', notObjects, 'UnexpectedContentError'],
];

describe('a response of the wrong shape', () => {
  it.each(shapes.flatMap(([step, bodies, name]) => bodies.map((body) => [step, body, name] as const)))(
    'to %s, %s, is a %s',
    async (step, body, name) => {
      const simulator = await simulate();
      simulator.fail({ step, answer: { status: 200, body } });
      const failure = await failureOf(setRing(openSession(openClient(simulator)), mobile));
      expect(judged(failure)).toMatchObject({ name });
    },
  );
});

describe('the time limit of a request', () => {
  it('is the configured one, and is named in the error', async () => {
    const pool = await startScriptedPool({ 'GET /': () => {} });
    const session = openSession(openClient(pool, { requestTimeoutMs: 100 }));
    const failure = await failureOf(session.callForwarding.readSettings());
    expect(failure).toBeInstanceOf(RequestTimeoutError);
    expect(String(failure)).toContain('did not respond within 0.1 seconds in the discovery step');
  });
});

describe('a write without a response', () => {
  const broken: ['reset' | 'reset-in-body' | 'hang', ErrorClass][] = [
    ['reset', ConnectionError],
    ['reset-in-body', ConnectionError],
    ['hang', RequestTimeoutError],
  ];
  it.each(broken)(
    '(%s) may have taken effect, and its error contains no number',
    async (kind, ErrorClass) => {
      const simulator = await simulateWith({ targetInBody: 'refused' });
      // The request with the number in its body gets 400; the next has it in the query and is not answered.
      simulator.fail({ step: 'write', skip: 1, answer: { kind } });
      const session = openWithTimeoutAt(simulator, kind, 'write');
      const failure = await failureOf(ringWithoutProof(session, mobile));
      expect(failure).toBeInstanceOf(ErrorClass);
      if (kind !== 'hang') {
        expect(failure).toMatchObject({ sent: true });
        expect(String(failure)).toMatch(
          /The connection to 127\.0\.0\.1:\d+ broke \(\w+\) in the write step\.$/,
        );
      }
      for (const secret of secrets) expect(textOf(failure)).not.toContain(secret);
    },
  );

  it('cannot have taken effect if connecting failed', async () => {
    const simulator = await simulate();
    const session = openSession(openClient(simulator));
    const { ring } = await readRing(session);
    await simulator.stopPool('pool');
    session.dropConnection();
    const failure = await failureOf(session.callForwarding.ringContact(ring, mobile));
    expect(failure).toBeInstanceOf(ConnectionError);
    expect(failure).toMatchObject({ step: 'write', sent: false });
    expect(String(failure)).toMatch(
      /Connecting to 127\.0\.0\.1:\d+ failed \(ECONNREFUSED\) in the write step\.$/,
    );
  });
});

describe('a server that echoes what it receives', () => {
  const echo: Script = (request, response) => {
    const body = JSON.stringify({
      code: request.headers.authorization,
      subcode: 'tel:+14255550123',
      message: 'tel:+14255550123 cannot be rung',
      parameters: [{ name: 'tel:+14255550123', reason: 'tel:+14255550123' }],
    });
    const headers = {
      'content-type': 'application/json',
      'x-ms-diagnostics': '28000;source="fe1";reason="tel:+14255550123 cannot be rung"',
      'x-ms-server-fqdn': 'tel:+14255550123',
      'x-ms-correlation-id': 'tel:+14255550123',
    };
    response.writeHead(409, headers).end(body);
  };

  it('gets nothing of it into an error', async () => {
    const pool = await startScriptedPool({ 'POST /ring': echo });
    const failure = await failureOf(ringWithoutProof(openSession(openClient(pool)), mobile));
    expect(failure).toMatchObject({ name: 'UcwaResponseError', status: 409 });
    for (const secret of [...secrets, scriptedToken]) expect(textOf(failure)).not.toContain(secret);
    expect(textOf(failure)).toContain('cannot be rung');
  });

  it('gets no query of a link into an error', async () => {
    const pool = await startScriptedPool({ 'GET /user without a token': challenge('/token?ticket=sesame') });
    const failure = await failureOf(openSession(openClient(pool)).callForwarding.readSettings());
    expect(failure).toMatchObject({ name: 'SignInUnjudgedError', step: 'token', status: 404 });
    expect(textOf(failure)).not.toContain('sesame');
  });
});

/** Opens a session whose requests time out only in the step in which the server never completes its response. */
function openWithTimeoutAt(simulator: UcwaSimulator, kind: BrokenAnswer['kind'], named: UcwaError['step']) {
  if (kind !== 'hang' && kind !== 'slow-body') return openSession(openClient(simulator));
  const { clock, onRequest } = timeoutAt(named);
  return openSession(openClient(simulator, { clock }), alice, { onRequest });
}
