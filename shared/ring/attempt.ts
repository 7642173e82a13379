import type { UcwaClient } from '../ucwa/client.ts';
import type { Clock } from '../ucwa/clock.ts';
import { PasswordRefusedError, UcwaResponseError } from '../ucwa/errors.ts';
import type { UcwaSession } from '../ucwa/session.ts';
import type { SipUri } from '../ucwa/uri.ts';
import { type Credential, CredentialRejectedError, type Credentials } from './credentials.ts';
import { parseRetryAfterMs, retryDelayMs } from './delay.ts';
import type { Places } from './limiter.ts';
import {
  classify,
  type Decision,
  decide,
  type Failure,
  noPlace,
  outOfTime,
  type RecoveryStep,
} from './recovery.ts';

/** What an attempt at UCWA needs from outside. */
export interface AttemptParts {
  readonly ucwa: UcwaClient;
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** Who is at work on UCWA at once, from signing in to the end of the clean-up. */
  readonly places: Places;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

export interface AttemptOptions {
  readonly user: SipUri;
  readonly correlationId: string;
  /** Ends the attempt; what is under way is aborted. */
  readonly signal: AbortSignal;
  /** When the attempt must have ended: no wait goes beyond. */
  readonly deadlineMs: number;
  /** The version of the secret that UCWA refused before. */
  readonly refusedVersion: string | undefined;
}

/** A failure that outlasted what could be done about it. */
export interface Ending {
  readonly failure: Failure;
  readonly error: unknown;
  readonly end: 'defer' | 'fail';
}

/** How an attempt ended, and what it took. */
export interface AttemptReport<T> {
  readonly result: { readonly done: T } | Ending;
  readonly attempts: number;
  readonly recovery: readonly RecoveryStep[];
  readonly requests: number;
  /** A version of the secret that UCWA refused in this attempt. */
  readonly refusedVersion: string | undefined;
  /** What became of the last write is not known: it may still take effect. */
  readonly isWriteUnderWay: boolean;
}

/** Who waits for a place uses up a claim's time: the wait is short against an attempt, and then others come first. */
const placeLimitMs = 5_000;

/** How long clean-up may take, whatever became of the work. */
const cleanUpLimitMs = 2_000;

/**
 * Runs work on UCWA as one user and, where it fails, recovers step by step as the decision table says. `run` is
 * called anew after each step, so it must begin by reading what there is. Throws only what is no failure of UCWA or
 * the vault: what `run` met elsewhere, or a defect. An abort by the signal ends as `defer`.
 */
export async function attempt<T>(
  parts: AttemptParts,
  options: AttemptOptions,
  run: (session: UcwaSession) => Promise<T>,
): Promise<AttemptReport<T>> {
  const secret = new SecretInUse(parts.credentials, options);
  if (parts.places.isFull && !parts.ucwa.hasToken(options.user)) secret.readAhead();
  try {
    const leave = await enter(parts, options.signal);
    if (leave === 'no-place') return neverBegun(options.signal);
    return await attemptInPlace(parts, options, secret, run).finally(leave);
  } finally {
    secret.forgetAhead();
  }
}

async function enter(
  { places, clock }: AttemptParts,
  signal: AbortSignal,
): Promise<(() => void) | 'no-place'> {
  const limit = clock.timeout(placeLimitMs);
  try {
    return await places.enter(AbortSignal.any([signal, limit.signal]));
  } catch {
    return 'no-place';
  } finally {
    limit.stop();
  }
}

/** The time was over, the instance is about to stop, or nobody left a place for long. */
function neverBegun<T>({ aborted, reason }: AbortSignal): AttemptReport<T> {
  return {
    result: { failure: aborted ? outOfTime : noPlace, error: reason, end: 'defer' },
    attempts: 0,
    recovery: [],
    requests: 0,
    refusedVersion: undefined,
    isWriteUnderWay: false,
  };
}

async function attemptInPlace<T>(
  parts: AttemptParts,
  options: AttemptOptions,
  secret: SecretInUse,
  run: (session: UcwaSession) => Promise<T>,
): Promise<AttemptReport<T>> {
  const { user, correlationId, signal } = options;
  const session = parts.ucwa.session({ user, correlationId, signal, credential: () => secret.read() });
  const recovery: RecoveryStep[] = [];
  let result: AttemptReport<T>['result'];
  try {
    result = await runWithRecovery(parts, options, { session, secret, recovery }, () => run(session));
  } finally {
    const cleanUp = parts.clock.timeout(cleanUpLimitMs);
    await session.close(cleanUp.signal);
    cleanUp.stop();
  }
  return {
    result,
    attempts: 1 + recovery.length,
    recovery,
    requests: session.requests,
    refusedVersion: secret.refusedNow,
    isWriteUnderWay: session.write === 'unknown' && !('done' in result),
  };
}

interface UnderWay {
  readonly session: UcwaSession;
  readonly secret: SecretInUse;
  readonly recovery: RecoveryStep[];
}

async function runWithRecovery<T>(
  parts: AttemptParts,
  options: AttemptOptions,
  underWay: UnderWay,
  run: () => Promise<T>,
): Promise<AttemptReport<T>['result']> {
  const seen = new Map<Failure, number>();
  for (;;) {
    try {
      return { done: await run() };
    } catch (error) {
      const ending = await recover(error, seen, parts, options, underWay);
      if (ending !== 'again') return ending;
    }
  }
}

/** Takes the next step about a failure; one that fails by itself, since the vault does, is the next failure. */
async function recover(
  error: unknown,
  seen: Map<Failure, number>,
  parts: AttemptParts,
  options: AttemptOptions,
  underWay: UnderWay,
): Promise<Ending | 'again'> {
  const failure = options.signal.aborted ? outOfTime : classify(error);
  if (failure === undefined) throw error;
  if (error instanceof PasswordRefusedError) underWay.secret.refuse();
  const count = seen.get(failure) ?? 0;
  seen.set(failure, count + 1);
  const decision = decide(failure, count, underWay.session.isWayRemembered);
  try {
    const end = await carryOut(decision, error, count, parts, options, underWay);
    return end === 'again' ? end : { failure, error, end };
  } catch (another) {
    return await recover(another, seen, parts, options, underWay);
  }
}

async function carryOut(
  decision: Decision,
  error: unknown,
  count: number,
  { clock, random }: AttemptParts,
  options: AttemptOptions,
  { session, secret, recovery }: UnderWay,
): Promise<'again' | 'defer' | 'fail'> {
  if (decision === 'defer' || decision === 'fail') return decision;
  if (decision === 'reread-secret' && !(await secret.hasChanged())) return 'fail';
  const waitMs = waitBefore(decision, error, count, clock.nowMs(), random);
  if (clock.nowMs() + waitMs >= options.deadlineMs) return 'defer';
  try {
    await clock.sleep(waitMs, options.signal);
    await prepare(decision, session);
  } catch (abort) {
    if (options.signal.aborted) return 'defer';
    throw abort;
  }
  recovery.push(decision === 'retry-on-new-connection' ? 'retry' : decision);
  return 'again';
}

function waitBefore(
  decision: Decision,
  error: unknown,
  count: number,
  nowMs: number,
  random: () => number,
): number {
  const asked = error instanceof UcwaResponseError ? parseRetryAfterMs(error.retryAfter, nowMs) : undefined;
  if (asked !== undefined) return asked;
  return decision.startsWith('retry') ? retryDelayMs(count, random) : 0;
}

async function prepare(decision: Decision, session: UcwaSession): Promise<void> {
  if (decision === 'retry-on-new-connection') session.dropConnection();
  if (decision === 'fresh-application') await session.dropApplication();
  if (decision === 'fresh-token') await session.dropToken();
  if (decision === 'rediscover') await session.dropWay();
}

/** The secret that signs in, with the version that must not be sent. */
class SecretInUse {
  readonly #credentials: Credentials;
  readonly #options: AttemptOptions;
  #refused: string | undefined;
  #refusedNow: string | undefined;
  #sent: string | undefined;
  #fresh: Credential | undefined;
  #ahead: Promise<Credential> | undefined;
  readonly #ofUse = new AbortController();

  constructor(credentials: Credentials, options: AttemptOptions) {
    this.#credentials = credentials;
    this.#options = options;
    this.#refused = options.refusedVersion;
  }

  get refusedNow(): string | undefined {
    return this.#refusedNow;
  }

  /** Asks for the secret while this user waits for a place; what comes of it, failures too, is for the first to read. */
  readAhead(): void {
    this.#ahead = this.#ask(AbortSignal.any([this.#options.signal, this.#ofUse.signal]));
    this.#ahead.catch(() => {});
  }

  /** Ends the reading ahead where nobody asked for what it brings. */
  forgetAhead(): void {
    this.#ofUse.abort();
  }

  async read(): Promise<Credential> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const credential = this.#fresh ?? (await (ahead ?? this.#ask(this.#options.signal)));
    if (credential.version === this.#refused) {
      throw new CredentialRejectedError(
        'UCWA refused this version of the secret before, so it is not sent again.',
        credential.version,
      );
    }
    this.#sent = credential.version;
    return credential;
  }

  refuse(): void {
    this.#refused = this.#sent;
    this.#refusedNow = this.#sent;
    this.#fresh = undefined;
  }

  /** Asks the vault past the cache whether there is another version than the refused one. Throws as the vault does. */
  async hasChanged(): Promise<boolean> {
    const { user, signal } = this.#options;
    this.#fresh = await this.#credentials.read(user, { fresh: true, signal });
    return this.#fresh.version !== this.#refused;
  }

  /**
   * Where a version was refused before, the cache is passed by: it may hold one that was refused even earlier, by way of
   * another instance.
   */
  #ask(signal: AbortSignal): Promise<Credential> {
    const { user } = this.#options;
    return this.#credentials.read(user, { fresh: this.#refused !== undefined, signal });
  }
}
