import { HttpRequest } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { parseBatchQuery, parseListQuery } from '../../../../shared/http/batch-query.ts';
import { queryOf, unknownParameters } from '../../../../shared/http/parameters.ts';

/** A request as the host hands it over: its query apart from its URL. */
function requestOf(search: string): HttpRequest {
  const names = [...new URLSearchParams(search)].filter(([name]) => name !== '__proto__');
  return new HttpRequest({
    method: 'GET',
    url: `http://127.0.0.1/api/bulk${search}`,
    query: Object.fromEntries(names),
  });
}

const pointersOf = (parsed: ReturnType<typeof parseListQuery>) =>
  parsed.ok ? [] : parsed.error.map(({ pointer }) => pointer);

describe('a query parameter of a route that takes none', () => {
  it('is refused, with a hint at where its options go', () => {
    const request = requestOf('?dryRun=true');
    expect(unknownParameters(request)).toMatchObject([
      { pointer: '/dryRun', detail: 'This route takes no query parameters.' },
    ]);
    expect(unknownParameters(request, 'Put options such as dryRun in the body.')).toMatchObject([
      { detail: 'This route takes no query parameters. Put options such as dryRun in the body.' },
    ]);
  });
});

describe('the query of a request', () => {
  it.each(['?__proto__=1', '?limit=5&__proto__=', '?__proto__=a&__proto__=b', '?%5F%5Fproto%5F%5F=1'])(
    'names the parameter that the library loses: %s',
    (search) => {
      const request = requestOf(search);
      expect(Object.keys(queryOf(request))).toContain('__proto__');
      expect(pointersOf(parseListQuery(queryOf(request)))).toEqual(['/__proto__']);
      expect(parseBatchQuery(queryOf(request)).ok).toBe(false);
      expect(unknownParameters(requestOf('?__proto__=1'))).toMatchObject([{ pointer: '/__proto__' }]);
    },
  );

  it.each(['toString', 'constructor', 'hasOwnProperty', 'limit2'])('has no parameter %s', (name) => {
    const request = requestOf(`?${name}=1`);
    expect(pointersOf(parseListQuery(queryOf(request)))).toEqual([`/${name}`]);
    expect(unknownParameters(request)).toMatchObject([{ pointer: `/${name}` }]);
  });

  it('is what the host made of it, a function key included', () => {
    const request = requestOf('?limit=7&code=secret&clientId=default');
    expect(queryOf(request)).toEqual({ limit: '7', code: 'secret', clientId: 'default' });
    expect(parseListQuery(queryOf(request))).toEqual({ ok: true, value: { limit: 7 } });
    expect(unknownParameters(requestOf('?code=secret'))).toEqual([]);
  });

  it('keeps the value that the host gave where names differ in case alone', () => {
    const url = 'http://127.0.0.1/api/bulk?limit=1&LIMIT=2';
    const request = new HttpRequest({ method: 'GET', url, query: { limit: '1,2' } });
    expect(queryOf(request)).toEqual({ limit: '1,2' });
  });
});
