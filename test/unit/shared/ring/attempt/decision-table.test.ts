import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classify,
  type Decision,
  decide,
  failures,
} from '../../../../../shared/ring/attempt/decision-table.ts';
import {
  VaultRefusedError,
  VaultUnavailableError,
} from '../../../../../shared/ring/ports/credential-store.ts';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import { ConnectionError, PoolPausedError, RequestTimeoutError } from '../../../../../shared/ucwa/errors.ts';
import { discoveryError } from '../../../../../shared/ucwa/sign-in/discovery-error.ts';
import { TlsError } from '../../../../../shared/ucwa/transport/tls-error.ts';
import { UntrustedHostError } from '../../../../../shared/ucwa/transport/untrusted-host-error.ts';
import { expectedDecisions } from '../../../../support/ring/expected-decisions.ts';
import { responseError } from '../../../../support/ring/response-error.ts';

const host = 'pool.contoso.com';
const serviceFailure = { code: 'ServiceFailure' };
const forbidden = { code: 'Forbidden' };
const otherCode = { code: 'invalid_token' };

/** Returns the decisions on a failure that persists, to the end of the attempt. */
function decisionsOf(error: unknown, isRouteCached = true): Decision[] {
  const failure = classify(error);
  if (failure === undefined) return [];
  const decisions: Decision[] = [];
  for (let seen = 0; seen < 10; seen++) {
    const decision = decide(failure, seen, isRouteCached);
    decisions.push(decision);
    if (decision === 'defer' || decision === 'fail') break;
  }
  return decisions;
}

describe('the decision table', () => {
  it.each(expectedDecisions)(
    'has the steps and the code of the design for %s',
    (_name, error, steps, code) => {
      expect(decisionsOf(error)).toEqual(steps);
      expect(classify(error)?.code).toBe(code);
    },
  );

  it('has no row without an example in the design, except discovery-absent', () => {
    const examples = [...expectedDecisions.map(([, error]) => error), responseError(418)];
    const reached = new Set(examples.map((error) => classify(error)));
    const others = failures.filter((failure) => !reached.has(failure)).map(({ name }) => name);
    expect(others).toEqual(['discovery-absent']);
  });

  it('has a different name for each row', () => {
    const names = failures.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('rediscovers once when discovery returns 404', () => {
    expect(decisionsOf(responseError(404, { step: 'discovery' }))).toEqual(['rediscover', 'defer']);
  });

  it('fails on a response that no other row matches, after one rediscovery', () => {
    for (const status of [404, 418]) {
      expect(decisionsOf(responseError(status))).toEqual(['rediscover', 'fail']);
      expect(classify(responseError(status))?.code).toBe('ucwa-rejected');
    }
  });

  it('recognises a subcode that is sent as the code', () => {
    const error = responseError(500, { code: 'CallbackChannelError' });
    expect(classify(error)?.name).toBe('callback-channel');
  });

  it('treats an unknown subcode as its status', () => {
    const unknownSubcode = fc.stringMatching(/^[A-Z][A-Za-z]{3,20}X$/);
    const anyStatus = fc.constantFrom(400, 401, 403, 404, 408, 409, 410, 412, 429, 500, 502, 503, 504);
    fc.assert(
      fc.property(anyStatus, unknownSubcode, (status, subcode) => {
        const withoutSubcode = classify(responseError(status, otherCode));
        expect(classify(responseError(status, { ...otherCode, subcode }))).toBe(withoutSubcode);
      }),
    );
  });

  it('skips rediscovery after 403 from UCWA when the route is not from the cache', () => {
    expect(decisionsOf(responseError(403, forbidden), false)).toEqual(['fail']);
    expect(decisionsOf(responseError(403), false)).toEqual(['rediscover', 'defer']);
  });

  it('ends in the same way however often a failure is met', () => {
    fc.assert(
      fc.property(fc.constantFrom(...failures), fc.nat(100), fc.boolean(), (failure, more, isRouteCached) => {
        const end = failure.steps.at(-1);
        expect(decide(failure, failure.steps.length + more, isRouteCached)).toBe(end);
      }),
    );
  });

  it.each([
    ['a defect', new TypeError('x is not a function')],
    ['an abort', new DOMException('The time ran out.', 'TimeoutError')],
    ['a failure of storage', new StorageUnavailableError('Storage is down.')],
    ['undefined', undefined],
  ])('has no row for %s', (_name, error) => {
    expect(classify(error)).toBeUndefined();
  });

  it('requires an operator for everything that only settings, certificates or roles can mend', () => {
    expect(failures.filter(({ requiresOperator }) => requiresOperator).map(({ name }) => name)).toEqual([
      'delegation-misconfigured',
      'tls-failed',
      'untrusted-host',
      'vault-refused',
    ]);
  });

  it('decides by the most telling failure where discovery failed from several roots', () => {
    const first = {
      root: new URL('https://a.contoso.com/'),
      error: new TlsError('discovery', host, 'issuer', 'X'),
    };
    const second = {
      root: new URL('https://b.contoso.com/'),
      error: new ConnectionError('discovery', host, false, 'ENOTFOUND'),
    };
    for (const [one, other] of [
      [first, second],
      [second, first],
    ] as const) {
      expect(classify(discoveryError('contoso.com', one, [other]))?.name).toBe('tls-failed');
    }
  });
});

describe('an attempt', () => {
  it.each([
    ['counts', 'an error of the pool', responseError(500, serviceFailure), true],
    ['counts', 'a timeout of the pool', new RequestTimeoutError('write', host, 10_000), true],
    ['does not count', 'a paused pool', new PoolPausedError('discovery', host), false],
    ['does not count', 'a vault that does not respond', new VaultUnavailableError('It is down.'), false],
    ['does not count', 'a vault that refuses access', new VaultRefusedError('It refused.'), false],
    [
      'does not count',
      'an untrusted host',
      new UntrustedHostError('home-pool', new URL('https://pool.contoso.local/')),
      false,
    ],
  ])('%s when it ends with %s', (_verb, _name, error, counts) => {
    expect(classify(error)?.countsAsAttempt).toBe(counts);
  });
});
