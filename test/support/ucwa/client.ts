import type { UcwaSimulator } from '../../../infra/local/ucwa-simulator/simulator.ts';
import { systemClock } from '../../../shared/runtime/clock.ts';
import { createUcwaClient, type UcwaClient, type UcwaClientOptions } from '../../../shared/ucwa/client.ts';
import { compareContact, type Likeness } from '../../../shared/ucwa/contact.ts';
import type { ForwardingSettings, TargetSetting } from '../../../shared/ucwa/forwarding-settings.ts';
import type { SessionOptions, UcwaSession } from '../../../shared/ucwa/session.ts';
import type { RingTarget } from '../../../shared/ucwa/uri.ts';
import { rel } from '../../../shared/ucwa/vocabulary.ts';
import { alice, sipUri } from './people.ts';
import { simulate } from './simulation.ts';

/** A client that starts at a server's discovery and trusts 127.0.0.1 alone. */
export function openClient(
  server: { readonly discoveryUrl: string },
  options: Partial<UcwaClientOptions> = {},
): UcwaClient {
  return createUcwaClient({
    discoveryUrls: () => [new URL(server.discoveryUrl)],
    trustedHosts: ['127.0.0.1'],
    requestTimeoutMs: 5000,
    clock: systemClock,
    ...options,
  });
}

interface Person {
  readonly sip: string;
  readonly username: string;
  readonly password: string;
}

/** A session of Alice, or of somebody else, with the right password unless said otherwise. */
export function openSession(
  client: UcwaClient,
  { sip, username, password }: Person = alice,
  options: Partial<SessionOptions> = {},
): UcwaSession {
  return client.session({
    user: sipUri(sip),
    credential: async () => ({ username, password }),
    correlationId: 'a-correlation-id',
    signal: unhurried(),
    ...options,
  });
}

/** A signal that nobody aborts. */
export function unhurried(): AbortSignal {
  return new AbortController().signal;
}

/** Reads the settings and who is rung. */
export async function readRing(
  session: UcwaSession,
  step: 'read' | 'read-back' = 'read',
): Promise<{ settings: ForwardingSettings; ring: TargetSetting }> {
  const settings = await session.readSettings(step);
  return { settings, ring: await session.readTarget(settings, rel.simultaneousRingSettings, step) };
}

/** Rings a target without looking whether it took effect. */
export async function ringWithoutProof(session: UcwaSession, target: RingTarget): Promise<void> {
  const { ring } = await readRing(session);
  await session.ringContact(ring, target);
}

/** A session of Alice that read the settings once, on a simulator that forgot what it was asked for that. */
export async function atWork(): Promise<{ simulator: UcwaSimulator; session: UcwaSession }> {
  const simulator = await simulate();
  const session = openSession(openClient(simulator));
  await session.readSettings();
  simulator.clearRequests();
  return { simulator, session };
}

/** What reading back showed. */
export interface Proof {
  readonly active: ForwardingSettings['active'];
  readonly target: TargetSetting['target'];
  /** Undefined where the contact may not be read. */
  readonly likeness: Likeness | undefined;
}

/** Rings a target, reads back who is rung, and closes the session. */
export async function setRing(session: UcwaSession, target: RingTarget): Promise<Proof> {
  await ringWithoutProof(session, target);
  const { settings, ring } = await readRing(session, 'read-back');
  const contact = ring.contact && (await session.readContact(ring.contact));
  await session.close(unhurried());
  const likeness = contact && compareContact(contact, target);
  return { active: settings.active, target: ring.target, likeness };
}

/** What {@link setRing} shows where all went well. */
export const proven: Proof = { active: 'ring', target: 'contact', likeness: 'same' };
