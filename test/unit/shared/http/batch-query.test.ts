import { describe, expect, it } from 'vitest';
import { parseBatchName, parseBatchQuery } from '../../../../shared/http/batch-query.ts';
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
    expect(parseBatchQuery(query)).toEqual({ ok: true, value: parsed });
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
    const issues = issuesOf(parseBatchName(batch), parseBatchQuery(query));
    expect(issues.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('cannot override the batch of the path', () => {
    expect(issuesOf(parseBatchQuery({ batch: 'hr-2' }))).toMatchObject([{ pointer: '/batch' }]);
    expect(parseBatchName('hr-1')).toEqual({ ok: true, value: { batch: 'hr-1' } });
  });
});
