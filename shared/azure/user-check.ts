import type { Invocation, RingDeps } from '../ring/ports/deps.ts';
import { readForCaller } from '../ring/serve-caller.ts';
import type { SipUri } from '../ucwa/uri.ts';
import type { HealthCheck } from './health-check.ts';

/**
 * Signs in as a user and reads the ring state, under a claim and within the limits of sign-ins, as a GET of the user does.
 * Tells whether that worked, and no setting of the user.
 */
export async function checkUser(deps: RingDeps, call: Invocation, user: SipUri): Promise<HealthCheck> {
  const name = `user ${user}`;
  try {
    const served = await readForCaller(deps, call, user);
    if (served.kind === 'read') return { name, ok: true, detail: 'signs in and can be read' };
    const { outcome } = served;
    const detail = 'detail' in outcome ? outcome.detail : undefined;
    return { name, ok: false, detail: detail ?? `ended as ${outcome.outcome}` };
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : 'fails' };
  }
}
