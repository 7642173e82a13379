import { TableClient } from '@azure/data-tables';
import { describe, expect, it, onTestFinished } from 'vitest';
import { batchSchema, readBatch } from '../../infra/local/demo/batch.ts';
import { TableLedger } from '../../shared/azure/storage/table-ledger.ts';
import { TableUsers } from '../../shared/azure/storage/users/table-users.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';
import { sip } from '../support/ring/addresses.ts';

const addresses = Array.from({ length: 12 }, (_, nth) => `user${nth}@restart.example`);
const users = addresses.map((address) => sip(address));
/** UCWA responds to none of four users: it applies the write of the first, and the reads of the others hang. */
const [written = sip('user0@restart.example'), ...unwritten] = users.slice(0, 4);
const done = users.slice(4);

const batch = 'restarted';

/** No request times out before the ten seconds of a restart are over. */
const settings = { UCWA_REQUEST_TIMEOUT_MS: '60000', LOCAL_LEASE_SECONDS: '5' };

async function start() {
  const system = await System.start(
    addresses.map((address) => localUser(address)),
    settings,
  );
  onTestFinished(() => system.stop());
  const table = (name: string) =>
    TableClient.fromConnectionString(system.services.storage.connectionString, name, {
      allowInsecureConnection: true,
    });
  const store = new TableUsers(table('simringusers'));
  const recordOf = async (user: (typeof users)[number]) => (await store.read(user)).record;
  return { system, store, recordOf, ledger: new TableLedger(table('simringledger')) };
}

/** Waits until four requests hang and all other users are done. */
async function waitUntilOnlyHangsRemain({
  system,
  recordOf,
}: Awaited<ReturnType<typeof start>>): Promise<void> {
  await eventually(
    async () => ({
      hanging: system.services.ucwa.requests.filter(({ status }) => status === 'hang').length,
      records: await Promise.all(done.map(recordOf)),
    }),
    ({ hanging, records }) => hanging === 4 && records.every(({ last, claim }) => last && !claim),
  );
}

describe.each([
  ['Ctrl-C', 'SIGINT'],
  ["Azure's restart", 'SIGTERM'],
] as const)('%s', (_name, signal) => {
  it('ends the host and leaves a claim only for a write in progress, so that the next start finishes the batch', async () => {
    const started = await start();
    const { system, store, recordOf, ledger } = started;
    const { ucwa } = system.services;
    ucwa.fail({ user: written, step: 'write', applied: true, answer: { kind: 'hang' } });
    for (const user of unwritten) ucwa.fail({ user, step: 'read', answer: { kind: 'hang' } });
    const entries = addresses.map((user) => ({ user, target: '+1 425 555 0199' }));
    const message = { schema: 'simring/bulk/1', batch, parts: 1, entries };
    await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
    await waitUntilOnlyHangsRemain(started);

    expect(await system.functions.stop(signal)).toBe(0);
    expect(system.functions.output).not.toContain('does not wait for them any longer');
    const claims = await Promise.all(users.map(async (user) => ({ user, ...(await recordOf(user)) })));
    expect(claims.flatMap(({ user, claim }) => (claim === undefined ? [] : [user]))).toEqual([written]);
    const stored = await ledger.readEntries({ batch, part: 0 });
    expect(stored.map(({ outcome }) => outcome?.outcome)).toEqual([
      ...Array(4).fill(undefined),
      ...done.map(() => 'applied'),
    ]);

    // Stands in for the expiry of the claim.
    const { record, etag } = await store.read(written);
    const { claim: _expired, ...unclaimed } = record;
    await store.write(written, unclaimed, etag);
    const next = await system.startInstance();
    onTestFinished(async () => void (await next.stop()));
    const ended = await eventually(
      () => readBatch(next.url, `/api/bulk/${batch}`),
      (status) => status?.finished === true,
    );
    expect(batchSchema.parse(ended).counts).toEqual({ applied: addresses.length });
    const ringing = { target: 'Contact', contact: 'tel:+14255550199' };
    for (const user of users) {
      expect(ucwa.state(user).simultaneousRing).toMatchObject(ringing);
      expect(ucwa.count('write', { user })).toBe(1);
    }
    await system.expectAgreement(next.url);
  });
});
