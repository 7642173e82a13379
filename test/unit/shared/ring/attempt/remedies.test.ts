import { describe, expect, it } from 'vitest';
import {
  classify,
  failures,
  interrupted,
  noSlot,
  notBegun,
  outOfTime,
  outOfTimeAtVault,
} from '../../../../../shared/ring/attempt/decision-table.ts';
import { explain } from '../../../../../shared/ring/attempt/explain.ts';
import { OutOfTimeError } from '../../../../../shared/ring/attempt/out-of-time.ts';
import {
  ConnectionError,
  FrontAnswerError,
  PoolPausedError,
  RequestTimeoutError,
  SignInUnjudgedError,
  UcwaError,
  UserUnknownError,
} from '../../../../../shared/ucwa/errors.ts';
import { discoveryError } from '../../../../../shared/ucwa/sign-in/discovery-error.ts';
import { Link } from '../../../../../shared/ucwa/transport/link.ts';
import { TlsError } from '../../../../../shared/ucwa/transport/tls-error.ts';
import { UntrustedHostError } from '../../../../../shared/ucwa/transport/untrusted-host-error.ts';
import { expectedDecisions } from '../../../../support/ring/expected-decisions.ts';
import { endsInRemedy, repeated } from '../../../../support/ring/remedy.ts';
import { responseError } from '../../../../support/ring/response-error.ts';

const host = 'pool.contoso.com';
const proxy = { url: new URL('https://proxy.contoso.com/'), step: 'discovery' } as const;

/** Returns what a caller is told of an error. */
function detailOf(error: unknown): string {
  const failure = classify(error);
  if (failure === undefined) throw new Error('The decision table has no row for this error.');
  return explain(failure, error).detail;
}

const gone = new ConnectionError('discovery', 'a.contoso.com', false, 'ENOTFOUND');

/** Failures whose advice differs from that of their row. */
const others: readonly (readonly [name: string, error: Error])[] = [
  ...(['issuer', 'period', 'name', 'certificate', 'version', 'plain'] as const).map(
    (problem) => [`TLS: ${problem}`, new TlsError('discovery', host, problem, 'EPROTO')] as const,
  ),
  ...(['host', 'scheme', 'user-info'] as const).map(
    (problem) =>
      [
        `a link: ${problem}`,
        new UntrustedHostError('challenge', new Link(new URL('http://x.example/'), proxy), problem),
      ] as const,
  ),
  ['a user who is homed online', new UserUnknownError('home-pool', host, 'homed-online')],
  ['404 at discovery', responseError(404, { step: 'discovery' })],
  ['a page with 404 at reading', responseError(404)],
  ['302 at discovery', responseError(302, { step: 'discovery' })],
  ...[
    new RequestTimeoutError('token', host, 24_000),
    new FrontAnswerError('token', host),
    responseError(500, { code: 'ServiceFailure', step: 'token' }),
    responseError(400, { step: 'token' }),
  ].map((cause) => [`no verdict: ${cause.message}`, new SignInUnjudgedError(host, cause)] as const),
  ...[gone, responseError(503, { step: 'discovery' }), responseError(404, { step: 'discovery' })].map(
    (error) =>
      [
        `two roots: ${error.message}`,
        discoveryError('contoso.com', { root: new URL('https://a.contoso.com'), error: gone }, [
          { root: new URL(`https://${host}`), error },
        ]),
      ] as const,
  ),
];

describe('what a caller is told', () => {
  it('is tested for every row of the decision table', () => {
    const tested = new Set(
      [...expectedDecisions, ...others.map(([name, error]) => [name, error] as const)].map(([, error]) =>
        classify(error),
      ),
    );
    expect(failures.filter((row) => !tested.has(row)).map(({ name }) => name)).toEqual([]);
  });

  it.each([...expectedDecisions.map(([name, error]) => [name, error] as const), ...others])(
    'ends in a remedy, and says nothing twice: %s',
    (_name, error) => {
      const detail = detailOf(error);
      expect(detail).not.toBe(error.message);
      expect(detail).toSatisfy(endsInRemedy);
      expect(repeated(detail)).toEqual([]);
    },
  );

  it.each(expectedDecisions.filter(([, error]) => error instanceof UcwaError))(
    'names the host: %s',
    (_name, error) => {
      expect(detailOf(error)).toContain((error as UcwaError).host);
    },
  );

  it.each([...expectedDecisions.map(([name, error]) => [name, error] as const), ...others])(
    'ends in a remedy where the time ran out too: %s',
    (_name, error) => {
      const { detail } = explain(outOfTime, error);
      expect(detail).toSatisfy(endsInRemedy);
      expect(repeated(detail)).toEqual([]);
    },
  );

  it.each([
    ['a silent server', outOfTime, { step: 'read', host, sinceMs: 0, isSent: true }],
    ['a busy pool', outOfTime, { step: 'read', host, sinceMs: 0, isSent: false }],
    ['nothing', outOfTime, undefined],
    ['the secret', outOfTimeAtVault, 'secret'],
  ] as const)('ends in a remedy where the time ran out waiting for %s', (_what, failure, waitedFor) => {
    expect(explain(failure, new OutOfTimeError(waitedFor, 1_000)).detail).toSatisfy(endsInRemedy);
  });

  it.each([notBegun, noSlot])('ends in a remedy where nothing was begun: $name', (failure) => {
    expect(explain(failure, undefined).detail).toSatisfy(endsInRemedy);
  });

  it('has no remedy where the instance stopped, which passes by itself', () => {
    expect(explain(interrupted, undefined).detail).toBe('The instance stopped while this was in progress.');
  });
});

describe('a text', () => {
  it.each<[string, Error, string]>([
    [
      'about a link blames the server that returned it',
      new UntrustedHostError('challenge', new Link(new URL('http://pool.contoso.com/'), proxy), 'scheme'),
      'A link that proxy.contoso.com returned in the discovery step leads to pool.contoso.com over http:// instead of https://, so nothing was sent to it. Make the reverse proxy, or whatever else ends TLS before proxy.contoso.com, keep https:// in the links that it returns.',
    ],
    [
      'about a sign-in without an answer is one sentence, in seconds',
      new SignInUnjudgedError(host, new RequestTimeoutError('token', host, 24_000)),
      'pool.contoso.com did not respond within 24 seconds in the token step, so the sign-in ended without a verdict on the password. If this lasts, check that pool.contoso.com is up and that the network lets this app reach it: DNS, routes and firewalls.',
    ],
    [
      'about a pause says why',
      new PoolPausedError('read', host, `${host} returned 503 in the home-pool step.`),
      'pool.contoso.com failed too often in a row and is paused for up to a minute, so nothing was sent to it. The last failure: pool.contoso.com returned 503 in the home-pool step. If this lasts, look at pool.contoso.com and the network on the way to it.',
    ],
    [
      'about two roots tells that one without a name needs no repair',
      discoveryError('contoso.com', { root: new URL('https://a.contoso.com'), error: gone }, [
        { root: new URL(`https://${host}`), error: responseError(503, { step: 'discovery' }) },
      ]),
      'a.contoso.com needs no name in DNS as long as another address of the domain works. If this lasts, look at pool.contoso.com: whether its services run, and how busy they are.',
    ],
  ])('%s', (_name, error, text) => {
    expect(detailOf(error)).toContain(text);
  });
});
