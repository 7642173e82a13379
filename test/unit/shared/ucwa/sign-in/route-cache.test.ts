import { describe, expect, it } from 'vitest';
import { RouteCache } from '../../../../../shared/ucwa/sign-in/route-cache.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { sipUri } from '../../../../support/ucwa/users.ts';

const alice = sipUri('alice@contoso.com');
const bob = sipUri('bob@contoso.com');
const pool = 'https://pool.contoso.com';
const url = new URL(`${pool}/applications`);
const minuteMs = 60_000;

function createCache() {
  const clock = new FakeClock();
  return { cache: new RouteCache(clock), pass: (ms: number) => clock.pass(ms) };
}

describe('a cached token', () => {
  it.each([
    [28_364, 5 * minuteMs],
    [361, 5 * minuteMs],
    [120, minuteMs],
    [61, 1000],
  ])('that expires in %i seconds is kept for %i ms', (expiresInSeconds, keptMs) => {
    const { cache, pass } = createCache();
    cache.rememberToken(alice, pool, 'cwt=1', expiresInSeconds);
    pass(keptMs);
    expect(cache.token(alice, pool)).toBe('cwt=1');
    pass(1);
    expect(cache.token(alice, pool)).toBeUndefined();
  });

  it.each([60, 59, 0, -1, Number.NEGATIVE_INFINITY])('that expires in %d seconds is not kept', (seconds) => {
    const { cache } = createCache();
    cache.rememberToken(alice, pool, 'cwt=1', seconds);
    expect(cache.token(alice, pool)).toBeUndefined();
  });

  it('belongs to one user and one host', () => {
    const { cache } = createCache();
    cache.rememberToken(alice, pool, 'cwt=1', 3600);
    expect(cache.token(bob, pool)).toBeUndefined();
    expect(cache.token(alice, 'https://other.contoso.com')).toBeUndefined();
    expect(cache.token(alice, 'http://pool.contoso.com')).toBeUndefined();
  });

  it('is dropped when too many newer ones are cached', () => {
    const { cache } = createCache();
    cache.rememberToken(alice, pool, 'cwt=1', 3600);
    for (let index = 0; index < 4000; index++) {
      cache.rememberToken(sipUri(`user${index}@contoso.com`), pool, 'cwt=2', 3600);
    }
    expect(cache.token(alice, pool)).toBeUndefined();
    expect(cache.token(sipUri('user3999@contoso.com'), pool)).toBe('cwt=2');
  });
});

describe('forgetting a route', () => {
  it("drops the domain's user URL, the user's applications URL, and the token URLs and tokens of both hosts", () => {
    const { cache } = createCache();
    const userUrl = new URL('https://registrar.contoso.com/user');
    cache.rememberUserUrl('contoso.com', userUrl);
    cache.rememberApplicationsUrl(alice, url);
    for (const { origin } of [userUrl, url]) {
      cache.rememberTokenUrl(origin, new URL('/token', origin));
      cache.rememberToken(alice, origin, 'cwt=1', 3600);
    }

    cache.forgetRoute(alice, 'contoso.com');

    expect(cache.userUrl('contoso.com')).toBeUndefined();
    expect(cache.applicationsUrl(alice)).toBeUndefined();
    for (const { origin } of [userUrl, url]) {
      expect(cache.tokenUrl(origin)).toBeUndefined();
      expect(cache.token(alice, origin)).toBeUndefined();
    }
  });

  it('keeps the routes and tokens of other users, and what is known about pools', () => {
    const { cache } = createCache();
    cache.rememberApplicationsUrl(alice, url);
    cache.rememberApplicationsUrl(bob, url);
    cache.rememberToken(bob, url.origin, 'cwt=2', 3600);
    cache.rememberTargetInQueryOnly(url.origin);
    cache.forgetRoute(alice, 'contoso.com');
    expect(cache.applicationsUrl(bob)).toBe(url);
    expect(cache.token(bob, url.origin)).toBe('cwt=2');
    expect(cache.takesTargetInQueryOnly(url.origin)).toBe(true);
  });
});

describe('the route cache', () => {
  it('keeps the applications URL of a user for five minutes', () => {
    const { cache, pass } = createCache();
    cache.rememberApplicationsUrl(alice, url);
    pass(5 * minuteMs);
    expect(cache.applicationsUrl(alice)).toBe(url);
    pass(1);
    expect(cache.applicationsUrl(alice)).toBeUndefined();
  });

  it('keeps what is known about a domain or a pool for an hour', () => {
    const { cache, pass } = createCache();
    cache.rememberUserUrl('contoso.com', url);
    cache.rememberTokenUrl(pool, url);
    cache.rememberTargetInQueryOnly(pool);
    const known = () => [
      cache.userUrl('contoso.com'),
      cache.tokenUrl(pool),
      cache.takesTargetInQueryOnly(pool),
    ];
    pass(60 * minuteMs);
    expect(known()).toEqual([url, url, true]);
    pass(1);
    expect(known()).toEqual([undefined, undefined, false]);
  });
});
