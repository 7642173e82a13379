import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type CallForwardingState,
  UcwaSimulator,
} from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import { asShown, isAsDesired } from '../../../../support/recovery/agreement.ts';
import { type Alteration, startAlteringProxy } from '../../../../support/recovery/altering-proxy.ts';
import {
  alterProperty,
  propertiesOf,
  randomAlterations,
} from '../../../../support/recovery/random-alterations.ts';
import { randomDesired, randomProfile } from '../../../../support/recovery/random-scenarios.ts';
import { RecoveryHarness, watchHangs } from '../../../../support/recovery/recovery-harness.ts';
import type { OutcomeView } from '../../../../support/ring/outcomes.ts';

/** `ALTERED_RESPONSES=100000` runs it by hand for longer. */
const runs = Number(process.env['ALTERED_RESPONSES'] ?? 5_000);

/** A target is given back as the server wrote it, which may be in another case than the simulator holds. */
function inLowerCase({ contact, ...unanswered }: CallForwardingState['unanswered']) {
  return { ...unanswered, ...(contact === undefined ? {} : { contact: contact.toLowerCase() }) };
}

it('tells nothing that the server contradicts, whatever is wrong with a property of its responses', {
  timeout: 600 * runs,
}, async () => {
  const simulator = new UcwaSimulator({ users: [], pools: ['one'] });
  await simulator.start();
  let alter: Alteration = (response) => response;
  const proxy = await startAlteringProxy(simulator, (response) => alter(response));
  let harness = new RecoveryHarness(simulator, { discoveryUrl: proxy.discoveryUrl });
  const stopWatching = watchHangs(simulator, () => harness.onHang());
  try {
    const properties = await seenProperties();
    const seen = new Map<string, number>();
    let users = 0;
    const scenarios = fc.record({
      alteration: randomAlterations(properties),
      profile: randomProfile.map((profile) => ({ ...profile, pool: 'one' })),
      desired: randomDesired,
    });
    await fc.assert(
      fc.asyncProperty(scenarios, async ({ alteration, profile, desired }) => {
        simulator.clearRequests();
        harness = new RecoveryHarness(simulator, { discoveryUrl: proxy.discoveryUrl });
        const user = harness.addUser(`user-${++users}`, profile);
        const before = simulator.state(user);
        alter = alterProperty(alteration);

        const read = await harness.read(user);
        if (read.ok) expect(read.value.ring !== 'off').toBe(before.activeSetting === 'SimultaneousRing');
        expect(simulator.state(user)).toEqual(before);

        const outcome: OutcomeView = await harness.outcome(user, desired);
        const after = simulator.state(user);
        seen.set(outcome.outcome ?? '', (seen.get(outcome.outcome ?? '') ?? 0) + 1);
        if (outcome.outcome === 'unchanged') expect(after).toEqual(before);
        if (outcome.outcome === 'unchanged' || outcome.verified === true)
          expect(isAsDesired(desired, after)).toBe(true);
        const isTargetKept = outcome.outcome === 'applied' && outcome.warnings === undefined;
        if (isTargetKept && before.unanswered.target === 'Contact')
          expect([before.unanswered, asShown(before.unanswered)].map(inLowerCase)).toContainEqual(
            inLowerCase(after.unanswered),
          );
        expect(harness.events.map(({ event }) => event)).not.toContain('unexpected-error');
        expect(simulator.lockouts).toBe(0);
      }),
      { numRuns: runs },
    );
    for (const outcome of ['applied', 'unchanged', 'deferred', 'failed'])
      expect(seen.get(outcome), `runs that ended as ${outcome}`).toBeGreaterThan(0);
  } finally {
    stopWatching();
    await simulator.stop();
  }

  /** Returns the names of all properties of the responses to changes of users with every kind of setting. */
  async function seenProperties(): Promise<readonly string[]> {
    const names = new Set<string>();
    alter = (response) => {
      if (response.headers['content-type']?.includes('json'))
        for (const name of propertiesOf(response.body)) names.add(name);
      return response;
    };
    const contact = 'sip:carol@contoso.com';
    const user = harness.addUser('seen', {
      settings: {
        activeSetting: 'SimultaneousRing',
        simultaneousRing: { target: 'Contact', ringDelay: 0, contact },
        unanswered: { target: 'Contact', ringDelay: 15, contact },
      },
    });
    await harness.outcome(user, { ring: 'off' });
    await harness.outcome(user, { ring: 'team', ringDelaySeconds: 10 });
    return [...names].sort();
  }
});
