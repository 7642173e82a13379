import { describe, expect, it } from 'vitest';
import { readBatch } from '../../../../../../shared/ring/batch/status.ts';
import { checkUsers } from '../../../../../../shared/ring/batch/users/check.ts';
import type { DesiredRing } from '../../../../../../shared/ring/model/desired-ring.ts';
import { StorageUnavailableError } from '../../../../../../shared/ring/ports/storage-error.ts';
import type { UserRecord } from '../../../../../../shared/ring/ports/user-store.ts';
import { sip, tel } from '../../../../../support/ring/addresses.ts';
import { openHarness } from '../../../../../support/ring/batch-harness.ts';
import { outcomeOf } from '../../../../../support/ring/outcomes.ts';
import { invocation, teamMessage } from '../../../../../support/ring/ring-deps.ts';

const order = { effectiveAtMs: 1, batch: 'hr', part: 0, entry: 0 };

function endedIn(
  desired: DesiredRing,
  outcome: 'applied' | 'failed' | 'deferred',
  requestedAtMs = 1,
): UserRecord {
  const of = { ...order, requestedAtMs };
  const last = {
    order: of,
    outcome: outcomeOf(outcome),
    mayHaveWritten: outcome === 'applied',
    atMs: requestedAtMs,
  };
  return { newest: { order: of, desired }, last };
}

describe('a check of users', () => {
  it('dry-runs what stands for each user whose ring is not off and whose last request has ended', async () => {
    const harness = await openHarness();
    const nowMs = harness.clock.nowMs();
    const contact = { ring: 'contact', target: tel('tel:+14255550123') } as const;
    const records: Readonly<Record<string, UserRecord>> = {
      set: endedIn(contact, 'applied'),
      delayed: endedIn({ ring: 'team', ringDelaySeconds: 5 }, 'applied'),
      off: endedIn({ ring: 'off' }, 'applied'),
      'never-set': endedIn(contact, 'failed'),
      'kept-after-failure': { ...endedIn({ ring: 'off' }, 'failed'), standing: { order, desired: contact } },
      waiting: { ...endedIn(contact, 'deferred', nowMs), standing: { order, desired: contact } },
      'given-up': { ...endedIn(contact, 'deferred'), standing: { order, desired: contact } },
      purged: { newest: { order }, standing: { order, desired: { ring: 'delegates' } } },
      'purged-by-0-1': { newest: { order } },
      'at-work': {
        newest: { order, desired: contact },
        claim: { id: 'c', untilMs: nowMs + 1 },
      },
      refused: { refusedVersion: 'v1' },
    };
    for (const [name, record] of Object.entries(records)) {
      await harness.users.write(sip(`${name}@contoso.com`), record, undefined);
    }
    const checked = await checkUsers(harness.deps, invocation());
    expect(checked).toEqual({ batch: 'check-id-1', entries: 5, parts: 1 });
    const [message] = harness.queues.bulk.map(({ text }) => JSON.parse(text));
    expect(message).toMatchObject({ batch: 'check-id-1', part: 0, parts: 1, dryRun: true });
    expect(message.entries).toEqual([
      { user: 'delayed@contoso.com', ring: 'team', ringDelaySeconds: 5 },
      { user: 'given-up@contoso.com', ...contact },
      { user: 'kept-after-failure@contoso.com', ...contact },
      { user: 'purged@contoso.com', ring: 'delegates' },
      { user: 'set@contoso.com', ...contact },
    ]);
  });

  it('sends nothing where there is nobody to check', async () => {
    const harness = await openHarness();
    await harness.users.write(sip('off@contoso.com'), endedIn({ ring: 'off' }, 'applied'), undefined);
    expect(await checkUsers(harness.deps, invocation())).toBeUndefined();
    expect(harness.queues.bulk).toEqual([]);
    expect(await harness.ledger.listBatches({ limit: 5 })).toEqual({ batches: [] });
  });

  it('finds exactly the users who have drifted, and what stands there now', async () => {
    const harness = await openHarness();
    const users = harness.addUsers(4);
    await harness.deliver(teamMessage(users.map((user) => [user, 7])));
    const [kept = '', off = '', other = '', slow = ''] = users;
    harness.simulator.setState(off, { activeSetting: 'None' });
    harness.simulator.setState(other, {
      simultaneousRing: { target: 'Contact', ringDelay: 0, contact: 'tel:+14255550199' },
    });
    harness.simulator.setState(slow, { simultaneousRing: { target: 'Team', ringDelay: 20 } });
    const before = users.map((user) => harness.users.peek(user));
    const { batch = '' } = (await checkUsers(harness.deps, invocation())) ?? {};
    const summaries = harness.queues.results.length;
    await harness.drain();
    const read = await readBatch(harness.ledger, batch, { limit: 10 });
    expect(read).toMatchObject({ finished: true, entries: 4, counts: { unchanged: 4 } });
    const found = new Map(
      read?.outcomes.map((one) => [one.user, 'would' in one ? [one.would, one.previous] : []]),
    );
    expect(found).toEqual(
      new Map([
        [kept, ['nothing', { ring: 'team', ringDelaySeconds: 7 }]],
        [off, ['apply', { ring: 'off' }]],
        [other, ['apply', { ring: 'contact', target: 'tel:+14255550199' }]],
        [slow, ['apply', { ring: 'team', ringDelaySeconds: 20 }]],
      ]),
    );
    expect(harness.queues.results).toHaveLength(summaries);
    expect(users.map((user) => harness.users.peek(user))).toEqual(before);
  });

  it('names its batch where sending stops half-way', async () => {
    const harness = await openHarness();
    await harness.users.write(sip('a@contoso.com'), endedIn({ ring: 'team' }, 'applied'), undefined);
    harness.hooks.before = async (call) => {
      if (call.startsWith('send')) throw new StorageUnavailableError(`No response to ${call}.`);
    };
    await expect(checkUsers(harness.deps, invocation())).rejects.toThrow('check-id-1');
  });
});
