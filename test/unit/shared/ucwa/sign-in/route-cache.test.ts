import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../../shared/runtime/clock.ts';
import { RouteCache } from '../../../../../shared/ucwa/sign-in/route-cache.ts';
import { sipUri } from '../../../../support/ucwa/people.ts';

const alice = sipUri('alice@contoso.com');
const bob = sipUri('bob@contoso.com');
const pool = 'https://pool.contoso.com';
const url = new URL(`${pool}/applications`);
const minuteMs = 60_000;

function remember() {
  let nowMs = 1_700_000_000_000;
  const memory = new RouteCache({ ...systemClock, nowMs: () => nowMs });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { memory, pass };
}

describe('a token', () => {
  it.each([
    [28_364, 5 * minuteMs],
    [361, 5 * minuteMs],
    [120, minuteMs],
    [61, 1000],
  ])('that holds for %i seconds is kept for %i ms', (expiresInSeconds, keptMs) => {
    const { memory, pass } = remember();
    memory.rememberToken(alice, pool, 'cwt=1', expiresInSeconds);
    pass(keptMs);
    expect(memory.token(alice, pool)).toBe('cwt=1');
    pass(1);
    expect(memory.token(alice, pool)).toBeUndefined();
  });

  it.each([60, 59, 0, -1, Number.NEGATIVE_INFINITY])('that holds for %d seconds is not kept', (seconds) => {
    const { memory } = remember();
    memory.rememberToken(alice, pool, 'cwt=1', seconds);
    expect(memory.token(alice, pool)).toBeUndefined();
  });

  it('belongs to one user and one host', () => {
    const { memory } = remember();
    memory.rememberToken(alice, pool, 'cwt=1', 3600);
    expect(memory.token(bob, pool)).toBeUndefined();
    expect(memory.token(alice, 'https://other.contoso.com')).toBeUndefined();
    expect(memory.token(alice, 'http://pool.contoso.com')).toBeUndefined();
  });

  it('of an old user goes when there are too many', () => {
    const { memory } = remember();
    memory.rememberToken(alice, pool, 'cwt=1', 3600);
    for (let index = 0; index < 4000; index++) {
      memory.rememberToken(sipUri(`user${index}@contoso.com`), pool, 'cwt=2', 3600);
    }
    expect(memory.token(alice, pool)).toBeUndefined();
    expect(memory.token(sipUri('user3999@contoso.com'), pool)).toBe('cwt=2');
  });
});

describe('forgetting the way', () => {
  it("forgets the domain's user resource, the user's applications, and what belongs to their hosts", () => {
    const { memory } = remember();
    const userUrl = new URL('https://registrar.contoso.com/user');
    memory.rememberUserUrl('contoso.com', userUrl);
    memory.rememberApplicationsUrl(alice, url);
    for (const { origin } of [userUrl, url]) {
      memory.rememberTokenUrl(origin, new URL('/token', origin));
      memory.rememberToken(alice, origin, 'cwt=1', 3600);
    }

    memory.forgetRoute(alice, 'contoso.com');

    expect(memory.userUrl('contoso.com')).toBeUndefined();
    expect(memory.applicationsUrl(alice)).toBeUndefined();
    for (const { origin } of [userUrl, url]) {
      expect(memory.tokenUrl(origin)).toBeUndefined();
      expect(memory.token(alice, origin)).toBeUndefined();
    }
  });

  it('leaves what is known of other users, and of pools', () => {
    const { memory } = remember();
    memory.rememberApplicationsUrl(alice, url);
    memory.rememberApplicationsUrl(bob, url);
    memory.rememberToken(bob, url.origin, 'cwt=2', 3600);
    memory.rememberTargetInQueryOnly(url.origin);
    memory.forgetRoute(alice, 'contoso.com');
    expect(memory.applicationsUrl(bob)).toBe(url);
    expect(memory.token(bob, url.origin)).toBe('cwt=2');
    expect(memory.takesTargetInQueryOnly(url.origin)).toBe(true);
  });
});

describe('what is known', () => {
  it('of a user is kept for five minutes', () => {
    const { memory, pass } = remember();
    memory.rememberApplicationsUrl(alice, url);
    pass(5 * minuteMs);
    expect(memory.applicationsUrl(alice)).toBe(url);
    pass(1);
    expect(memory.applicationsUrl(alice)).toBeUndefined();
  });

  it('of a domain or a pool is kept for an hour', () => {
    const { memory, pass } = remember();
    memory.rememberUserUrl('contoso.com', url);
    memory.rememberTokenUrl(pool, url);
    memory.rememberTargetInQueryOnly(pool);
    const known = () => [
      memory.userUrl('contoso.com'),
      memory.tokenUrl(pool),
      memory.takesTargetInQueryOnly(pool),
    ];
    pass(60 * minuteMs);
    expect(known()).toEqual([url, url, true]);
    pass(1);
    expect(known()).toEqual([undefined, undefined, false]);
  });
});
