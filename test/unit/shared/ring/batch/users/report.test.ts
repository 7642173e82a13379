import { expect, it } from 'vitest';
import { usersReport } from '../../../../../../shared/ring/batch/users/report.ts';
import { sip, tel } from '../../../../../support/ring/addresses.ts';
import { MemoryUsers } from '../../../../../support/ring/memory-users.ts';
import { outcomeOf } from '../../../../../support/ring/outcomes.ts';

const order = { effectiveAtMs: Date.parse('2026-11-23T09:00:00Z'), batch: 'hr', part: 0, entry: 0 };

it('has a row for each user that is wanted, whatever the number of pages, and no cell that is a formula', async () => {
  const store = new MemoryUsers();
  const last = (outcome: 'applied' | 'failed') => ({
    order,
    outcome: outcomeOf(outcome, { detail: '=HYPERLINK("x"), no' }),
    mayHaveWritten: outcome === 'applied',
    atMs: order.effectiveAtMs + 1_000,
  });
  const contact = { ring: 'contact', target: tel('tel:+14255550123') } as const;
  await store.write(
    sip('alice@contoso.com'),
    { newest: { order, desired: contact, source: '+hr', by: 'an-id' }, last: last('applied') },
    undefined,
  );
  await store.write(
    sip('bob@contoso.com'),
    { newest: { order, desired: contact }, last: last('failed') },
    undefined,
  );
  for (let nth = 0; nth < 1_100; nth++) {
    const record = { newest: { order, desired: { ring: 'off' } } } as const;
    await store.write(sip(`off-${nth}@contoso.com`), record, undefined);
  }
  const header =
    '\uFEFFuser,ring,target,ringDelaySeconds,activePeriod,until,provedAt,outcome,code,detail,requestedAt,endedAt,batch,source,by';
  const [first, alice, bob, ...rest] = (await usersReport(store, {})).split('\r\n');
  expect(first).toBe(header);
  expect(alice).toBe(
    "alice@contoso.com,contact,tel:+14255550123,,,,2026-11-23T09:00:01.000Z,applied,,,2026-11-23T09:00:00.000Z,2026-11-23T09:00:01.000Z,hr,'+hr,an-id",
  );
  expect(bob).toBe(
    `bob@contoso.com,,,,,,,failed,ucwa-rejected,"'=HYPERLINK(""x""), no",2026-11-23T09:00:00.000Z,2026-11-23T09:00:01.000Z,hr,,`,
  );
  expect(rest).toHaveLength(1_101);
  expect(await usersReport(store, { ring: 'team' })).toBe(`${header}\r\n`);
});
