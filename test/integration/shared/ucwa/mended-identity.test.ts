import { describe, expect, it } from 'vitest';
import type { Variants } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import { IdentityMismatchError } from '../../../../shared/ucwa/errors.ts';
import { neverAborted, openClient, openSession, proven, setRing } from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { simulateWith } from '../../../support/ucwa/simulation.ts';
import { alice, bob, mobile, sipUri } from '../../../support/ucwa/users.ts';

describe('a secret that signed in as another user', () => {
  it.each<[Variants['tokenService'], Variants['homePool']]>([
    ['own-host', 'link'],
    ['own-host', 'redirect'],
    ['other-pool', 'link'],
    ['other-pool', 'redirect'],
    ['other-pool-for-registrar', 'link'],
    ['other-pool-for-itself', 'link'],
  ])(
    'can be mended at once, once the route was dropped (token service: %s, home pool: %s)',
    async (tokenService, homePool) => {
      const users = [alice, bob].map((user) => ({ ...user, pool: 'home' }));
      const simulator = await simulateWith(
        { tokenService, homePool },
        { pools: ['registrar', 'home'], users },
      );
      const client = openClient(simulator);
      const wrong = openSession(client, { ...bob, sip: alice.sip });
      expect(await failureOf(wrong.callForwarding.readSettings())).toBeInstanceOf(IdentityMismatchError);
      await wrong.dropRoute();
      expect(client.hasToken(sipUri(alice.sip))).toBe(false);
      await wrong.close(neverAborted());
      simulator.clearRequests();

      expect(await setRing(openSession(client, alice), mobile)).toEqual(proven);
      expect(simulator.applications(bob.sip)).toBe(0);
      const signIns = simulator.requests.filter(({ step }) => step === 'token');
      expect(new Set(signIns.map(({ username }) => username))).toEqual(new Set([alice.username]));
    },
  );
});
