import type { UcwaSimulator } from '../../../infra/local/ucwa-simulator/simulator.ts';
import { systemClock } from '../../../shared/runtime/clock.ts';
import { createUcwaClient, type UcwaClient, type UcwaClientOptions } from '../../../shared/ucwa/client.ts';
import { type ContactMatch, compareContact } from '../../../shared/ucwa/contact.ts';
import type { ForwardingSettings, TargetSetting } from '../../../shared/ucwa/forwarding-settings.ts';
import type { SessionOptions, UcwaSession } from '../../../shared/ucwa/session.ts';
import type { PasswordCredential, PasswordSource } from '../../../shared/ucwa/sign-in/token.ts';
import type { RingTarget } from '../../../shared/ucwa/uri.ts';
import { rel } from '../../../shared/ucwa/vocabulary.ts';
import { simulate } from './simulation.ts';
import { alice, sipUri } from './users.ts';

/** Creates a client that starts at the discovery of a server and trusts only 127.0.0.1. */
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

interface User {
  readonly sip: string;
  readonly username: string;
  readonly password: string;
}

/** Opens a session of Alice, or of another user. */
export function openSession(
  client: UcwaClient,
  { sip, username, password }: User = alice,
  options: Partial<SessionOptions> = {},
): UcwaSession {
  return client.session({
    user: sipUri(sip),
    credential: passwordOf({ username, password }),
    correlationId: 'a-correlation-id',
    signal: neverAborted(),
    ...options,
  });
}

/** Returns a source of this credential that ignores what becomes of its password. */
export function passwordOf(credential: PasswordCredential): PasswordSource {
  return passwordFrom(async () => credential);
}

/** Returns a source that reads a credential anew each time and ignores what becomes of its password. */
export function passwordFrom(read: () => Promise<PasswordCredential>): PasswordSource {
  return { read, onSent: () => {}, onVerdict: () => {} };
}

/** Returns a signal that is never aborted. */
export function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

/** Reads the settings and the simultaneous ring below them. */
export async function readRing(
  session: UcwaSession,
  step: 'read' | 'read-back' = 'read',
): Promise<{ settings: ForwardingSettings; ring: TargetSetting }> {
  const settings = await session.callForwarding.readSettings(step);
  const ring = await session.callForwarding.readTarget(settings, rel.simultaneousRingSettings, step);
  return { settings, ring };
}

/** Rings a target without reading it back. */
export async function ringWithoutProof(session: UcwaSession, target: RingTarget): Promise<void> {
  const { ring } = await readRing(session);
  await session.callForwarding.ringContact(ring, target);
}

/** Returns a session of Alice that has read the settings once, and its simulator with an empty request log. */
export async function openedSession(): Promise<{ simulator: UcwaSimulator; session: UcwaSession }> {
  const simulator = await simulate();
  const session = openSession(openClient(simulator));
  await session.callForwarding.readSettings();
  simulator.clearRequests();
  return { simulator, session };
}

/** What reading back showed. */
export interface Proof {
  readonly active: ForwardingSettings['active'];
  readonly target: TargetSetting['target'];
  /** Undefined if the contact may not be read. */
  readonly match: ContactMatch | undefined;
}

/** Rings a target, reads it back, and closes the session. */
export async function setRing(session: UcwaSession, target: RingTarget): Promise<Proof> {
  await ringWithoutProof(session, target);
  const { settings, ring } = await readRing(session, 'read-back');
  const contact = ring.contact && (await session.callForwarding.readContact(ring.contact));
  await session.close(neverAborted());
  const match = contact && compareContact(contact, target);
  return { active: settings.active, target: ring.target, match };
}

/** The proof that {@link setRing} returns if the ring is set as desired. */
export const proven: Proof = { active: 'ring', target: 'contact', match: 'same' };
