import { describe, expect, it } from 'vitest';
import { parseListQuery } from '../../../../shared/http/batch-query.ts';
import { nextPage } from '../../../../shared/http/parameters.ts';
import { parseUsersFilter, parseUsersQuery } from '../../../../shared/http/users-query.ts';
import { issuesOf } from '../../../../shared/ring/model/validation.ts';

describe('the query of users', () => {
  it.each([
    [{}, { limit: 200 }],
    [
      { limit: '1000', ring: 'off', outcome: 'failed', continuation: 'a-40b' },
      { limit: 1000, ring: 'off', outcome: 'failed', continuation: 'a-40b' },
    ],
    [{ user: 'alice' }, { limit: 200, user: 'alice' }],
    [{ user: ' SIP:Alice.B@Contoso' }, { limit: 200, user: 'alice.b@contoso' }],
    [{ user: 'sip' }, { limit: 200, user: 'sip' }],
    [{ code: 'a function key' }, { limit: 200 }],
  ])('with the parameters %j is read as %j', (query, parsed) => {
    expect(parseUsersQuery(query)).toEqual({ ok: true, value: parsed });
  });

  it.each([
    [{ limit: '1001' }, ['/limit']],
    [{ ring: 'all', outcome: 'pending', sort: 'ring' }, ['/ring', '/outcome', '/sort']],
  ])('with the parameters %j is refused at %j', (query, pointers) => {
    expect(issuesOf(parseUsersQuery(query)).map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('of a CSV file has filters, and no pages', () => {
    const value = { ring: 'team', user: 'al' };
    expect(parseUsersFilter({ ring: 'team', user: 'Al' })).toEqual({ ok: true, value });
    const issues = issuesOf(parseUsersFilter({ limit: '5', continuation: 'a' }));
    expect(issues.map(({ pointer }) => pointer)).toEqual(['/limit', '/continuation']);
  });
});

describe('the query of the list of batches', () => {
  it('takes all of them on request', () => {
    expect(parseListQuery({})).toEqual({ ok: true, value: { limit: 20 } });
    expect(parseListQuery({ all: 'true' })).toEqual({ ok: true, value: { all: true, limit: 20 } });
    expect(parseListQuery({ all: 'yes' })).toMatchObject({ error: [{ pointer: '/all' }] });
  });
});

describe('the link to the next page', () => {
  it('repeats the parameters that were given', () => {
    const next = nextPage('/api/users', { ring: 'team', user: undefined, limit: 5 }, 'a+b');
    expect(next).toEqual({ next: '/api/users?ring=team&limit=5&continuation=a%2Bb' });
    expect(nextPage('/api/users', { limit: 5 }, undefined)).toEqual({});
  });
});
