import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { FunctionsHost } from '../../infra/local/functions-host/functions-host.ts';
import { description, paths } from '../support/api/described.ts';
import { responseErrors } from '../support/api/response-errors.ts';

/** The built functions, without a single setting. */
let host: FunctionsHost;

beforeAll(async () => {
  host = new FunctionsHost({ appDirectory: inject('appDirectory'), port: 0, environment: {}, log: () => {} });
  await host.start();
});

afterAll(() => host?.stop({ reason: 'interrupt' }));

const get = (path: string) => fetch(new URL(path, host.url));

/** The console is a page for people, without data of its own. */
function isPage(route = ''): boolean {
  return /^(api\/)?console(\/|$)/.test(route);
}

describe('the description that the functions return', () => {
  it('needs no settings', async () => {
    const response = await get('/api/openapi.json');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response.json()).toEqual(description);
  });

  it('takes no query parameters', async () => {
    const { status, headers, body } = await get('/api/openapi.json?version=2').then(async (response) => ({
      status: response.status,
      headers: response.headers,
      body: await response.json(),
    }));
    expect([status, body]).toMatchObject([400, { code: 'invalid-request' }]);
    expect(responseErrors('GET', '/api/openapi.json?version=2', { status, headers, body })).toEqual([]);
  });

  it('has every route that the functions have for programs, and no other', () => {
    const registered = host.functions
      .filter(({ trigger, route }) => trigger === 'http' && !isPage(route))
      .flatMap(({ route, methods = [] }) => methods.map((method) => `${method} /${route}`));
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, operation]) =>
        Array.isArray(operation) ? [] : [`${method.toUpperCase()} ${path}`],
      ),
    );
    expect(registered.length).toBeGreaterThanOrEqual(9);
    expect(described.toSorted()).toEqual(registered.toSorted());
  });

  it('says of a route that it needs no key exactly where it is anonymous', () => {
    for (const { route, methods = [], authLevel, trigger } of host.functions) {
      if (trigger !== 'http' || isPage(route)) continue;
      for (const method of methods) {
        const operation = Object(paths[`/${route}`]?.[method.toLowerCase()]);
        const isOpen = Array.isArray(operation.security) && operation.security.length === 0;
        expect(isOpen, `${method} ${route}`).toBe(authLevel === 'anonymous');
      }
    }
  });
});
