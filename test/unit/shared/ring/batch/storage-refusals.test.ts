import { describe, expect, it } from 'vitest';
import type { PartKey, StoredEntry } from '../../../../../shared/ring/ports/ledger.ts';
import { StorageRefusedError } from '../../../../../shared/ring/ports/storage-error.ts';
import type { UserRecord } from '../../../../../shared/ring/ports/user-store.ts';
import { changeForCaller } from '../../../../../shared/ring/serve-caller.ts';
import type { SipUri } from '../../../../../shared/ucwa/uri.ts';
import { openHarness } from '../../../../support/ring/batch-harness.ts';
import { MemoryLedger } from '../../../../support/ring/memory-ledger.ts';
import { MemoryUsers } from '../../../../support/ring/memory-users.ts';
import { invocation, teamMessage } from '../../../../support/ring/ring-deps.ts';

/** A ledger that refuses outcomes of some users in full, and with `most` even the least of them. */
class RefusingLedger extends MemoryLedger {
  refused: readonly string[] = [];
  refusesAll = false;

  override async writeEntries(part: PartKey, entries: readonly StoredEntry[]) {
    const isRefused = ({ user, outcome }: StoredEntry) =>
      this.refused.includes(user) && outcome !== undefined && (this.refusesAll || outcome.ring !== undefined);
    if (entries.some(isRefused))
      throw new StorageRefusedError('Storage refused to write outcomes (400 PropertyValueTooLarge).');
    return await super.writeEntries(part, entries);
  }
}

/** Users whose rows are refused once they hold an outcome, or only one in full. */
class RefusingUsers extends MemoryUsers {
  refused: SipUri | undefined;
  takesTheLeast = false;

  override async write(user: SipUri, record: UserRecord, etag: string | undefined) {
    const { last } = record;
    const isRefused = last !== undefined && !(this.takesTheLeast && last.outcome.ring === undefined);
    if (user === this.refused && isRefused) {
      throw new StorageRefusedError('Storage refused to write the row of a user (413 RequestBodyTooLarge).');
    }
    return await super.write(user, record, etag);
  }
}

const defect = {
  event: 'unexpected-error',
  level: 'error',
  detail: expect.stringContaining('Storage refused'),
};

describe('an outcome that the ledger refuses', () => {
  it('is stored with the least that tells how the entry ended, and the others in full', async () => {
    const ledger = new RefusingLedger();
    const harness = await openHarness({ ledger });
    const users = harness.addUsers(3);
    ledger.refused = users.slice(1, 2);
    await harness.deliver(teamMessage(users.map((user) => [user, 7])));
    const key = { batch: 'hr', part: 0 };
    expect(ledger.peek(key).map(({ outcome }) => outcome)).toMatchObject([
      { outcome: 'applied', ring: 'team' },
      { outcome: 'applied', verified: true, requests: expect.any(Number) },
      { outcome: 'applied', ring: 'team' },
    ]);
    expect(harness.events).toContainEqual(expect.objectContaining(defect));
    expect(await ledger.readPart(key)).toMatchObject({ finished: true, counts: { applied: 3 } });
  });

  it('is stored as deferred where the entry goes on, and ends later', async () => {
    const ledger = new RefusingLedger();
    const harness = await openHarness({ ledger });
    const users = harness.addUsers(2);
    ledger.refused = users.slice(0, 1);
    harness.simulator.fail({ user: users[0] ?? '', step: 'read', times: 4, answer: { status: 429 } });
    await harness.deliver(teamMessage(users.map((user) => [user, 7])));
    const [entry] = ledger.peek({ batch: 'hr', part: 0 });
    expect(entry?.outcome).toMatchObject({ outcome: 'deferred', detail: expect.stringContaining('refused') });
    await harness.drain();
    expect(ledger.peek({ batch: 'hr', part: 0 }).map(({ outcome }) => outcome?.outcome)).toEqual([
      'applied',
      'applied',
    ]);
  });

  it('brings the message back where even the least is refused', async () => {
    const ledger = new RefusingLedger();
    const harness = await openHarness({ ledger });
    const users = harness.addUsers(2);
    ledger.refused = users;
    ledger.refusesAll = true;
    await expect(harness.deliver(teamMessage(users.map((user) => [user, 7])))).rejects.toThrow(
      StorageRefusedError,
    );
  });
});

describe("a user's record that storage refuses", () => {
  it('ends the entry as failed, and the others as they end', async () => {
    const users = new RefusingUsers();
    const harness = await openHarness({ users });
    const added = harness.addUsers(3);
    users.refused = added[1];
    await harness.deliver(teamMessage(added.map((user) => [user, 7])));
    expect(harness.outcomes('hr')).toEqual(['applied', 'failed', 'applied']);
    expect(harness.ledger.peek({ batch: 'hr', part: 0 })[1]?.outcome).toMatchObject({
      code: 'storage-unavailable',
      detail: expect.stringContaining('not known whether the ring was set'),
    });
    expect(harness.events).toContainEqual(expect.objectContaining(defect));
  });

  it('leaves no claim where storage takes the least that tells how the change ended', async () => {
    const users = new RefusingUsers();
    users.takesTheLeast = true;
    const harness = await openHarness({ users });
    const [user] = harness.addUsers(1);
    if (user === undefined) throw new Error('No user was added.');
    users.refused = user;
    await harness.deliver(teamMessage([[user, 7]]));
    expect(harness.outcomes('hr')).toEqual(['failed']);
    expect(users.peek(user)).not.toHaveProperty('claim');
    expect(users.peek(user).last?.outcome).toMatchObject({ outcome: 'applied', verified: true });
    expect(harness.events).toContainEqual(expect.objectContaining(defect));
  });

  it('is an error to a caller, which no retry hides', async () => {
    const users = new RefusingUsers();
    const harness = await openHarness({ users });
    const [user] = harness.addUsers(1);
    if (user === undefined) throw new Error('No user was added.');
    users.refused = user;
    const change = { user, desired: { ring: 'off' }, dryRun: false } as const;
    await expect(changeForCaller(harness.deps, invocation(), change)).rejects.toThrow(StorageRefusedError);
  });
});

it('a source that is not well-formed is stored all the same', async () => {
  const harness = await openHarness();
  const [a = ''] = harness.addUsers(1);
  await harness.deliver(JSON.stringify(teamMessage([[a, 7]], { source: 'HR\ud800' })));
  expect(await harness.ledger.readPart({ batch: 'hr', part: 0 })).toMatchObject({ source: 'HR\ufffd' });
});
