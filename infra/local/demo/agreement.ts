import type { UcwaSimulator } from '../ucwa-simulator/simulator.ts';
import type { BatchOutcome } from './batch.ts';

/**
 * Holds what was reported against what the server has, user by user: the last entry for a user that took effect must
 * be so there, and nobody else may ring anyone. Answers with what differs, a sentence each.
 */
export function findDisagreements(outcomes: readonly BatchOutcome[], ucwa: UcwaSimulator): readonly string[] {
  const expected = new Map<string, string>();
  for (const { user, outcome, ring, target } of outcomes) {
    if (outcome === 'applied' || outcome === 'unchanged')
      expected.set(user, ring === 'contact' ? `rings ${target}` : 'off');
  }
  const differences: string[] = [];
  for (const [sip] of ucwa.states()) {
    const held = heldFor(ucwa, sip);
    const wished = expected.get(sip) ?? 'off';
    if (held !== wished) differences.push(`${sip}: reported is "${wished}", the server has "${held}".`);
  }
  return differences;
}

function heldFor(ucwa: UcwaSimulator, sip: string): string {
  const { activeSetting, simultaneousRing } = ucwa.state(sip);
  return activeSetting === 'SimultaneousRing' ? `rings ${simultaneousRing.contact}` : 'off';
}
