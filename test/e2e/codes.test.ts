import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureCodes } from '../../shared/ring/model/failure-code.ts';
import { codeCases } from '../support/e2e/code-cases.ts';
import { another, outcomeOfEntry, sendEntry, target } from '../support/e2e/code-requests.ts';
import { localUser, System } from '../support/e2e/system.ts';
import { endsInRemedy } from '../support/ring/remedy.ts';

const userOf = (code: string, way: 'http' | 'batch') => `${code}-${way}@codes.example`;
const users = failureCodes.flatMap((code) => [userOf(code, 'http'), userOf(code, 'batch')]);

/** What shows where a text was put together of something that was not there. */
const placeholder = /undefined|null|NaN|\[object|\$\{|%[sdj]/;

/** What passes by itself, and is told only what becomes of the request. */
const passing: ReadonlySet<string> = new Set(['busy', 'interrupted']);

let system: System;

beforeAll(async () => {
  const options = { HTTP_BUDGET_MS: '4000', UCWA_REQUEST_TIMEOUT_MS: '8000' };
  system = await System.start([another, ...users.map((address) => localUser(address))], options);
  for (const code of failureCodes) {
    const { prepare, batch } = codeCases[code];
    for (const way of ['http', 'batch'] as const) await prepare?.(system, userOf(code, way));
    if ('absent' in batch || batch.send !== undefined) continue;
    await sendEntry(system, `code-${code}`, { user: userOf(code, 'batch'), ...(batch.entry ?? { target }) });
  }
});

afterAll(() => system?.stop());

describe('each code over HTTP', () => {
  it.each(failureCodes)('%s is returned with its status and a detail', async (code) => {
    const { http } = codeCases[code];
    if ('absent' in http) return expect(http.absent).toMatch(/\w/);
    const user = userOf(code, 'http');
    const response = await (http.send?.(system, user) ?? system.ring('PUT', user, { target }));
    expect(response.body).toMatchObject({ code, detail: expect.stringMatching(/\w{3,}.*\.$/) });
    expect(response.body).toHaveProperty('detail', expect.not.stringMatching(placeholder));
    if (!passing.has(code)) expect(response.body).toHaveProperty('detail', expect.toSatisfy(endsInRemedy));
    expect(response.status).toBe(http.status);
    if (http.status === 202) return expect(response.body).toMatchObject({ outcome: 'deferred' });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.body).toMatchObject({ status: http.status, title: expect.stringMatching(/\w/) });
    expect(response.headers.get('retry-after') === null).toBe(http.status !== 503);
  });
});

describe('each code in a batch', () => {
  it.each(failureCodes)('%s stands in an outcome with a detail', async (code) => {
    const { batch } = codeCases[code];
    if ('absent' in batch) return expect(batch.absent).toMatch(/\w/);
    const user = userOf(code, 'batch');
    const shown = await (batch.send?.(system, user) ?? outcomeOfEntry(system, `code-${code}`));
    expect(shown).toMatchObject({ outcome: batch.outcome, code });
    expect(shown?.detail).toMatch(/\w{3,}.*\.$/);
    expect(shown?.detail).not.toMatch(placeholder);
    if (!passing.has(code)) expect(shown?.detail).toSatisfy(endsInRemedy);
  });
});
