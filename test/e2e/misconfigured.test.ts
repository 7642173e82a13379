import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { FunctionsChild } from '../support/e2e/functions-child.ts';

/** The functions with missing and invalid settings. Each invalid value contains a text that must not be shown. */
let functions: FunctionsChild;

beforeAll(async () => {
  functions = await FunctionsChild.start({
    LOCAL_APP_DIRECTORY: inject('appDirectory'),
    SIP_DOMAINS: 'contoso.com',
    KEY_VAULT_URL: 'http://vault.secret-value.example',
    UCWA_CONCURRENCY: 'lots-of-secret-value',
    TARGET_COUNTRIES: 'US,secret-value',
  });
});

afterAll(async () => {
  await functions?.stop();
});

const invalidSettings = [
  'KEY_VAULT_URL',
  'UCWA_CONCURRENCY',
  'TARGET_COUNTRIES',
  'BulkStorage__queueServiceUri',
];

describe('invalid settings', () => {
  it.each([
    ['GET', '/api/users/alice@contoso.com/simultaneous-ring'],
    ['PUT', '/api/users/alice@contoso.com/simultaneous-ring'],
    ['DELETE', '/api/users/alice@contoso.com/simultaneous-ring'],
    ['GET', '/api/bulk/some-batch'],
  ])('make %s %s return misconfigured with the name of each setting and no value', async (method, path) => {
    const body = method === 'PUT' ? { body: '{"target":"+14255550123"}' } : {};
    const response = await fetch(new URL(path, functions.url), { method, ...body });
    const text = await response.text();
    expect(response.status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ code: 'misconfigured' });
    for (const setting of invalidSettings) expect(text).toContain(setting);
    expect(text).not.toContain('secret-value');
  });

  it('are named by the health check', async () => {
    const response = await fetch(new URL('/api/health', functions.url));
    const text = await response.text();
    expect(response.status).toBe(503);
    for (const setting of invalidSettings) expect(text).toContain(setting);
    expect(text).not.toContain('secret-value');
  });

  it('are named in the log, and the host does not listen to the queue', () => {
    for (const setting of invalidSettings) expect(functions.output).toContain(setting);
    expect(functions.output).not.toContain('secret-value');
    expect(functions.output).toMatch(/Host started: 16 functions/);
  });
});
