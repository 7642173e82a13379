import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Certificate, makeCertificate } from '../../../../infra/local/key-vault/certificate.ts';
import { KeyVaultEmulator } from '../../../../infra/local/key-vault/key-vault-emulator.ts';

const trusted = getCACertificates('default');
let certificate: Certificate;
let vault: KeyVaultEmulator;

beforeAll(async () => {
  certificate = await makeCertificate();
  setDefaultCACertificates([...trusted, certificate.cert]);
});
afterAll(() => setDefaultCACertificates(trusted));

beforeEach(async () => {
  vault = new KeyVaultEmulator({ acceptsToken: (token) => token === 'good', certificate });
  await vault.start();
});
afterEach(() => vault.stop());

function control(method: string, path: string, body?: unknown): Promise<Response> {
  const content = body === undefined ? null : JSON.stringify(body);
  return fetch(`${vault.url}/control/${path}`, { method, body: content });
}

async function read(name: string): Promise<number> {
  const headers = { authorization: 'Bearer good' };
  return (await fetch(`${vault.url}/secrets/${name}?api-version=7.4`, { headers })).status;
}

describe('the control API of the vault', () => {
  it('sets, disables and deletes secrets', async () => {
    const secrets = [
      { name: 'a', value: '1' },
      { name: 'b', value: '2', enabled: false },
      { name: 'c', value: '3', contentType: 'text/plain' },
    ];
    const response = await control('PUT', 'secrets', secrets);
    const version = expect.stringMatching(/^[0-9a-f]{32}$/);
    expect(await response.json()).toEqual({ versions: [version, version, version] });
    expect([await read('a'), await read('b'), await read('c')]).toEqual([200, 403, 200]);
    await control('PUT', 'secrets/a/disabled');
    await control('DELETE', 'secrets/c');
    expect([await read('a'), await read('c')]).toEqual([403, 404]);
  });

  it('replaces and clears faults', async () => {
    vault.setSecret('a', '1');
    await control('PUT', 'faults', [{ status: 500 }]);
    await control('PUT', 'faults', [{ name: 'a', status: 503, retryAfterSeconds: 7 }]);
    expect(await read('a')).toBe(503);
    await control('DELETE', 'faults');
    expect(await read('a')).toBe(200);
  });

  it('refuses the identity and accepts it again', async () => {
    vault.setSecret('a', '1');
    await control('PUT', 'identity', { refused: true });
    expect(await read('a')).toBe(403);
    await control('PUT', 'identity', { refused: false });
    expect(await read('a')).toBe(200);
  });

  it('lists reads', async () => {
    await read('a');
    await read('b');
    const reads = [{ name: 'b', status: 404 }];
    expect(await (await control('GET', 'reads?name=B')).json()).toEqual({ count: 1, reads });
    expect(await (await control('GET', 'reads')).json()).toMatchObject({ count: 2 });
  });

  it.each([
    ['PUT', 'secrets', [{ name: 'under_score', value: 'x' }], 400, 'under_score'],
    ['PUT', 'secrets', { name: 'a' }, 400, 'expected array'],
    ['PUT', 'faults', [{ status: 200 }], 400, '>=400'],
    ['DELETE', 'secrets/nobody', undefined, 400, 'nobody'],
    ['GET', 'nothing', undefined, 404, '/control/nothing'],
  ])('refuses %s %s %j with %i and a reason', async (method, path, body, status, message) => {
    const response = await control(method, path, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.stringContaining(message) });
  });
});
