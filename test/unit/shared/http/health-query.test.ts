import { describe, expect, it } from 'vitest';
import { parseHealthQuery } from '../../../../shared/http/health-query.ts';

const rules = { sipDomains: ['contoso.com'] };

describe('the query of the health check', () => {
  it.each([
    [{}, {}],
    [{ code: 'a key' }, {}],
    [{ user: 'Alice@contoso.com' }, { user: 'sip:alice@contoso.com' }],
    [{ user: 'sip:alice@contoso.com' }, { user: 'sip:alice@contoso.com' }],
  ])('%j is read', (query, expected) => {
    expect(parseHealthQuery(query, rules)).toEqual({ ok: true, value: expected });
  });

  it.each([
    [{ user: 'alice' }, ['/user']],
    [{ user: '' }, ['/user']],
    [{ user: 'alice@elsewhere.example' }, ['/user']],
    [{ user: 'alice@contoso.com,bob@contoso.com' }, ['/user']],
    [{ users: 'alice@contoso.com' }, ['/users']],
    [{ x: '1', user: 'alice' }, ['/x', '/user']],
  ])('%j is refused, naming everything that is wrong', (query, pointers) => {
    const read = parseHealthQuery(query, rules);
    expect(read.ok ? [] : read.error.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('judges no user while settings are wrong', () => {
    expect(parseHealthQuery({ user: 'alice' }, undefined)).toEqual({ ok: true, value: {} });
  });
});
