import { describe, expect, it } from 'vitest';
import { parseBatchQuery } from '../../../../shared/http/batch-query.ts';
import { issuesOf } from '../../../../shared/ring/model/validation.ts';

describe('the query of a batch', () => {
  it.each([
    [{}, { limit: 200 }],
    [
      { limit: '1000', outcome: 'failed' },
      { limit: 1000, outcome: 'failed' },
    ],
    [
      { outcome: 'pending', continuation: 'abc' },
      { limit: 200, outcome: 'pending', continuation: 'abc' },
    ],
    [{ code: 'a function key' }, { limit: 200 }],
  ])('with the parameters %j is read as %j', (query, parsed) => {
    expect(parseBatchQuery('hr-1', query)).toEqual({ ok: true, value: { batch: 'hr-1', ...parsed } });
  });

  it.each([
    ['hr/1', {}, ['/batch']],
    ['', {}, ['/batch']],
    ['hr-1', { limit: '0' }, ['/limit']],
    ['hr-1', { limit: '1001' }, ['/limit']],
    ['hr-1', { limit: 'all' }, ['/limit']],
    ['hr-1', { outcome: 'good' }, ['/outcome']],
    ['hr-1', { outcome: 'x', limit: '-1', sort: 'user' }, ['/outcome', '/limit', '/sort']],
  ])('with the name %j and the parameters %j is refused at %j', (batch, query, pointers) => {
    const parsed = parseBatchQuery(batch, query);
    expect(parsed.ok).toBe(false);
    expect(issuesOf(parsed).map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('cannot override the batch of the path', () => {
    expect(parseBatchQuery('hr-1', { batch: 'hr-2' })).toMatchObject({ ok: true, value: { batch: 'hr-1' } });
  });
});
