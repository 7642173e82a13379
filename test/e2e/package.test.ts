import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Unzipped, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchForm } from '../../infra/local/demo/batch.ts';
import { makePackage } from '../../infra/package.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const alice = 'alice@package.example';

let zip: Uint8Array;
let files: Unzipped;
let directory: string;
let system: System | undefined;

beforeAll(async () => {
  zip = await makePackage();
  files = unzipSync(zip);
  directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-unpacked-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content);
  }
});

afterAll(async () => {
  await system?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('the package', () => {
  it('holds the built functions, host.json and package.json, and nothing else', () => {
    const names = Object.keys(files);
    expect(names).toContain('dist/functions/simultaneous-ring.js');
    expect(names).toContain('dist/functions/bulk-process.js');
    const others = names.filter((name) => !/^dist\/(functions|chunks)\/[\w-]+\.js$/.test(name));
    expect(others.sort()).toEqual(['host.json', 'package.json']);
    const text = names.map((name) => Buffer.from(files[name] ?? []).toString('latin1')).join('\n');
    const strangers = ['UcwaSimulator', 'KeyVaultEmulator', 'FunctionsHost', 'LocalStorage'];
    expect(strangers.filter((stranger) => text.includes(stranger))).toEqual([]);
  });

  it('is the same, byte for byte, each time it is made', async () => {
    expect(Buffer.from(await makePackage()).equals(zip)).toBe(true);
  });

  it('serves a PUT and a message of the queue where it is unpacked, with nothing else installed', async () => {
    system = await System.start([localUser(alice)], { LOCAL_APP_DIRECTORY: directory });
    const put = await system.ring('PUT', alice, { target: '+1 425 555 0123' });
    expect(put.body).toMatchObject({ outcome: 'applied', verified: true });
    const requestedAt = new Date().toISOString();
    const message = {
      schema: 'simring/bulk/1',
      batch: 'unpacked',
      requestedAt,
      entries: [{ user: alice, ring: 'off' }],
    };
    await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
    const status = await eventually(
      async () => {
        const { status: code, body } = (await system?.call('GET', '/api/bulk/unpacked')) ?? {};
        return code === 200 ? batchForm.parse(body) : undefined;
      },
      (seen) => seen?.finished === true,
    );
    expect(status?.counts).toEqual({ applied: 1 });
  });
});
