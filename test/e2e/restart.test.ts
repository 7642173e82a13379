import { TableClient } from '@azure/data-tables';
import { expect, it, onTestFinished } from 'vitest';
import { batchSchema, readBatch } from '../../infra/local/demo/batch.ts';
import { TableLedger } from '../../shared/azure/storage/table-ledger.ts';
import { TableUsers } from '../../shared/azure/storage/table-users.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';
import { sip } from '../support/ring/addresses.ts';

const people = Array.from({ length: 12 }, (_, nth) => `person${nth}@restart.example`);
const users = people.map((address) => sip(address));
/** UCWA takes the change of the first, and lets the next three wait before anything is written; it answers none of them. */
const [written = sip('person0@restart.example'), ...unwritten] = users.slice(0, 4);
const done = users.slice(4);

const batch = 'restarted';

/** No request ends by itself before the ten seconds of a restart are over. */
const settings = { UCWA_REQUEST_TIMEOUT_MS: '60000', LOCAL_LEASE_SECONDS: '5' };

async function start() {
  const system = await System.start(
    people.map((address) => localUser(address)),
    settings,
  );
  onTestFinished(() => system.stop());
  const table = (name: string) =>
    TableClient.fromConnectionString(system.services.storage.connectionString, name, {
      allowInsecureConnection: true,
    });
  const known = new TableUsers(table('simringusers'));
  const recordOf = async (user: (typeof users)[number]) => (await known.read(user)).record;
  return { system, known, recordOf, ledger: new TableLedger(table('simringledger')) };
}

/** Until four requests hang, and everybody else is done. */
async function untilOnlyHangs({ system, recordOf }: Awaited<ReturnType<typeof start>>): Promise<void> {
  await eventually(
    async () => ({
      hanging: system.services.ucwa.requests.filter(({ status }) => status === 'hang').length,
      records: await Promise.all(done.map(recordOf)),
    }),
    ({ hanging, records }) => hanging === 4 && records.every(({ last, claim }) => last && !claim),
  );
}

it.each([
  ['Ctrl-C', 'SIGINT'],
  ["Azure's restart", 'SIGTERM'],
] as const)(
  '%s ends the host by itself, leaves a claim only where a write is under way, and the next start finishes the batch',
  async (_, signal) => {
    const started = await start();
    const { system, known, recordOf, ledger } = started;
    const { ucwa } = system.services;
    ucwa.fail({ user: written, step: 'write', applied: true, answer: { kind: 'hang' } });
    for (const user of unwritten) ucwa.fail({ user, step: 'read', answer: { kind: 'hang' } });
    const entries = people.map((user) => ({ user, target: '+1 425 555 0199' }));
    const message = { schema: 'simring/bulk/1', batch, parts: 1, entries };
    await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
    await untilOnlyHangs(started);

    expect(await system.functions.stop(signal)).toBe(0);
    expect(system.functions.printed).not.toContain('does not wait for them any longer');
    const claims = await Promise.all(users.map(async (user) => ({ user, ...(await recordOf(user)) })));
    expect(claims.flatMap(({ user, claim }) => (claim === undefined ? [] : [user]))).toEqual([written]);
    const stored = await ledger.readEntries({ batch, part: 0 });
    expect(stored.map(({ outcome }) => outcome?.outcome)).toEqual([
      ...Array(4).fill(undefined),
      ...done.map(() => 'applied'),
    ]);

    // As if the claim's time were over.
    const { record, etag } = await known.read(written);
    const { claim: _over, ...unclaimed } = record;
    await known.write(written, unclaimed, etag);
    const next = await system.startInstance();
    onTestFinished(async () => void (await next.stop()));
    const ended = await eventually(
      () => readBatch(next.url, `/api/bulk/${batch}`),
      (status) => status?.finished === true,
    );
    expect(batchSchema.parse(ended).counts).toEqual({ applied: people.length });
    const rung = { target: 'Contact', contact: 'tel:+14255550199' };
    for (const user of users) {
      expect(ucwa.state(user).simultaneousRing).toMatchObject(rung);
      expect(ucwa.count('write', { user })).toBe(1);
    }
  },
  90_000,
);
