import type { UcwaSimulator } from '../ucwa-simulator/simulator.ts';
import type { BatchOutcome } from './batch.ts';

/**
 * Compares the reported outcomes with the settings on the server, user by user: the last outcome that set a ring must be on the
 * server, and no other user may have a simultaneous ring. Returns one sentence for each difference.
 */
export function findDifferences(outcomes: readonly BatchOutcome[], ucwa: UcwaSimulator): readonly string[] {
  const reported = new Map<string, string>();
  for (const { user, outcome, ring, target } of outcomes) {
    if (outcome === 'applied' || outcome === 'unchanged')
      reported.set(user, ring === 'contact' ? `rings ${target}` : 'off');
  }
  const differences: string[] = [];
  for (const [sip, { activeSetting, simultaneousRing }] of ucwa.states()) {
    const actual = activeSetting === 'SimultaneousRing' ? `rings ${simultaneousRing.contact}` : 'off';
    const expected = reported.get(sip) ?? 'off';
    if (actual !== expected)
      differences.push(`${sip}: "${expected}" was reported, the server has "${actual}".`);
  }
  return differences;
}
