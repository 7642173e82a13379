import { expect, it } from 'vitest';
import { rel } from '../../../../../shared/ucwa/vocabulary.ts';
import { openHarness } from '../../../../support/ring/batch-harness.ts';
import { openClient, openSession } from '../../../../support/ucwa/client.ts';

it('loses nothing that another client sets between reading and the write of the period', async () => {
  const harness = await openHarness();
  const user = harness.addUser();
  const name = user.slice('sip:'.length, user.indexOf('@'));
  const credential = { username: `CONTOSO\\${name}`, password: `password of ${name}` };
  const other = openSession(openClient(harness.simulator), { sip: user, ...credential });
  let writes = 0;
  harness.hooks.after = async (call) => {
    if (!call.startsWith('write sip:')) return;
    writes += 1;
    // The second write of the row comes between reading the settings and changing them.
    if (writes !== 2) return;
    const settings = await other.callForwarding.readSettings();
    const unanswered = await other.callForwarding.readTarget(settings, rel.unansweredCallSettings);
    await other.callForwarding.sendUnansweredTo(unanswered, 'sip:bob@contoso.com', 30);
  };
  const entry = { user, ring: 'team', ringDelaySeconds: 5, activePeriod: 'workhours' };
  const until = new Date(harness.clock.nowMs() + 86_400_000).toISOString();
  await harness.deliver({ schema: 'simring/bulk/1', batch: 'hr', entries: [{ ...entry, until }] });
  expect(harness.outcomes('hr')).toEqual(['applied']);
  expect(harness.simulator.state(user)).toMatchObject({
    activePeriod: 'Workhours',
    activeSetting: 'SimultaneousRing',
    simultaneousRing: { target: 'Team', ringDelay: 5 },
    unanswered: { target: 'Contact', contact: 'sip:bob@contoso.com', ringDelay: 30 },
  });
  const puts = harness.simulator.requests.filter(({ method }) => method === 'PUT');
  expect(puts.map(({ status }) => status)).toEqual([412, 200]);
});
