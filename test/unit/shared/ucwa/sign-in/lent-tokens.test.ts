import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../../shared/runtime/clock.ts';
import { RouteCache } from '../../../../../shared/ucwa/sign-in/route-cache.ts';
import { sipUri } from '../../../../support/ucwa/users.ts';

const alice = sipUri('alice@contoso.com');
const bob = sipUri('bob@contoso.com');
const registrar = 'https://registrar.contoso.com';
const home = 'https://home.contoso.com';

/** A cache with a token of Alice that the home pool issued for the registrar. */
function cacheWithLoan(): RouteCache {
  const cache = new RouteCache(systemClock);
  cache.rememberToken(alice, registrar, 'cwt=1', 3600, home);
  return cache;
}

describe('a token that one host issued for another', () => {
  it('is kept for both, and is on loan at the one that issued it', () => {
    const cache = cacheWithLoan();
    expect([cache.token(alice, registrar), cache.token(alice, home)]).toEqual(['cwt=1', 'cwt=1']);
    expect([cache.isOnLoan(alice, registrar), cache.isOnLoan(alice, home)]).toEqual([false, true]);
    expect([cache.issuer(alice, registrar), cache.issuer(alice, home)]).toEqual([home, home]);
    expect(cache.token(bob, home)).toBeUndefined();
  });

  it('does not replace a token of its own', () => {
    const cache = new RouteCache(systemClock);
    cache.rememberToken(alice, home, 'cwt=own', 3600, home);
    cache.rememberToken(alice, registrar, 'cwt=1', 3600, home);
    expect(cache.token(alice, home)).toBe('cwt=own');
    expect(cache.isOnLoan(alice, home)).toBe(false);
  });

  it('replaces an earlier loan, and is replaced by a token of its own', () => {
    const cache = cacheWithLoan();
    cache.rememberToken(alice, registrar, 'cwt=2', 3600, home);
    expect(cache.token(alice, home)).toBe('cwt=2');
    cache.rememberToken(alice, home, 'cwt=own', 3600, home);
    expect(cache.token(alice, home)).toBe('cwt=own');
    expect(cache.token(alice, registrar)).toBe('cwt=2');
  });

  it.each([registrar, home])('is forgotten for both with %s', (origin) => {
    const cache = cacheWithLoan();
    cache.forgetToken(alice, origin);
    expect([cache.token(alice, registrar), cache.token(alice, home)]).toEqual([undefined, undefined]);
  });

  it('leaves another token of the other host alone when it is forgotten', () => {
    const cache = cacheWithLoan();
    cache.rememberToken(alice, home, 'cwt=own', 3600, home);
    cache.forgetToken(alice, registrar);
    expect(cache.token(alice, home)).toBe('cwt=own');
  });

  it('is not lent to a host that refuses loans, for any user', () => {
    const cache = cacheWithLoan();
    cache.refuseLoans(alice, home);
    expect([cache.token(alice, registrar), cache.token(alice, home)]).toEqual(['cwt=1', undefined]);
    cache.rememberToken(bob, registrar, 'cwt=2', 3600, home);
    expect([cache.token(bob, registrar), cache.token(bob, home)]).toEqual(['cwt=2', undefined]);
  });
});

describe('forgetting a route', () => {
  it("forgets the user's tokens for all hosts, and those of no other user", () => {
    const cache = cacheWithLoan();
    const other = sipUri('alice@contoso.com.example');
    cache.rememberToken(alice, 'https://next.contoso.com', 'cwt=2', 3600);
    for (const user of [bob, other]) cache.rememberToken(user, home, 'cwt=3', 3600);
    cache.forgetRoute(alice, 'contoso.com');
    for (const origin of [registrar, home, 'https://next.contoso.com']) {
      expect(cache.token(alice, origin)).toBeUndefined();
    }
    for (const user of [bob, other]) expect(cache.token(user, home)).toBe('cwt=3');
  });
});
