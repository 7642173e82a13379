import type { SipUri } from '../ucwa/uri.ts';
import { type Applied, applyWish, type Progress, rehearseWish } from './apply-wish.ts';
import { type AttemptParts, type AttemptReport, attempt } from './attempt.ts';
import {
  type Claim,
  type Claimed,
  ClaimLostError,
  claimUser,
  recordTakenAway,
  releaseClaim,
} from './claim.ts';
import { explain, failedHost } from './explain.ts';
import type { Order } from './order.ts';
import { isFinal, type Outcome } from './outcome.ts';
import { noPlace } from './recovery.ts';
import type { Log } from './ring-log.ts';
import { findSetting } from './setting.ts';
import type { Users } from './users.ts';
import type { Setting, Wish } from './wish.ts';

/** What it takes to work for people. */
export interface RingParts extends AttemptParts {
  readonly users: Users;
  readonly log: Log;
  readonly newId: () => string;
  /** How long one attempt may take; its claim lasts 30 seconds longer. */
  readonly attemptLimitMs: number;
}

export interface ChangeRequest {
  readonly user: SipUri;
  readonly wish: Wish;
  readonly order: Order;
  readonly dryRun: boolean;
  readonly correlationId: string;
  readonly signal: AbortSignal;
  /** Where the caller waits no longer than this, no wait of ours goes beyond. */
  readonly deadlineMs?: number;
}

/** How one try at a change ended. */
export type Changed =
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  /** To be tried again: `countsAsAttempt` where it reached UCWA, `needsPeople` where no time mends it. */
  | {
      readonly kind: 'deferred';
      readonly outcome: Outcome;
      readonly countsAsAttempt: boolean;
      readonly needsPeople: boolean;
    }
  /** Somebody else is at work as this person, or all places are taken. */
  | { readonly kind: 'busy'; readonly untilMs: number };

export type RingRead =
  | { readonly kind: 'read'; readonly setting: Setting }
  | { readonly kind: 'failed'; readonly outcome: Outcome }
  | { readonly kind: 'busy'; readonly untilMs: number };

/** No write takes effect later than this after its attempt stopped. */
const claimMarginMs = 30_000;

/**
 * Makes a wish so for one person: claims the person, works on UCWA with recovery, records the outcome and releases
 * the claim. Throws StorageUnavailableError where storage fails; a claim that it left is over after its time.
 */
export async function changeRing(parts: RingParts, request: ChangeRequest): Promise<Changed> {
  const { user, wish, order, dryRun } = request;
  const change = dryRun ? undefined : { order, wish };
  const claimed = await claim(parts, user, change);
  if (claimed.kind === 'busy') return claimed;
  if (claimed.kind === 'done') return { kind: 'ended', outcome: claimed.outcome };
  if (claimed.kind === 'superseded') return { kind: 'ended', outcome: superseded(request) };
  return dryRun ? await rehearse(parts, request, claimed.claim) : await makeSo(parts, request, claimed.claim);
}

/** Reads what is set for one person. The claim keeps a wrong password from being sent twice at once. */
export async function readRing(
  parts: RingParts,
  request: Pick<ChangeRequest, 'user' | 'correlationId' | 'signal' | 'deadlineMs'>,
): Promise<RingRead> {
  const claimed = await claim(parts, request.user, undefined);
  if (claimed.kind === 'busy') return claimed;
  if (claimed.kind !== 'claimed') throw new Error('A read is never superseded.');
  const report = await attemptUnder(parts, request, claimed.claim, (session) => findSetting(session));
  await release(parts, claimed.claim, report);
  if ('done' in report.result) return { kind: 'read', setting: report.result.done.setting };
  return { kind: 'failed', outcome: unsuccessful(parts, request, report) };
}

async function makeSo(parts: RingParts, request: ChangeRequest, claimed: Claim): Promise<Changed> {
  let held = claimed;
  const progress: Progress = {
    previous: undefined,
    mayHaveWritten: held.mayHaveWritten,
    unanswered: held.record.takenAway,
  };
  const work = attemptUnder(parts, request, held, (session, signal) =>
    applyWish(session, request.wish, progress, {
      clock: parts.clock,
      signal,
      recordTakenAway: async (unanswered) => {
        held = await recordTakenAway(parts.users, held, unanswered);
      },
    }),
  );
  const report = await work.catch(lostClaim);
  if (report === 'lost') return deferredBecauseLost(parts, request, nothingDone(request));
  const outcome = changeOutcome(parts, request, report, progress);
  const recorded = await release(parts, held, report, {
    change: { order: request.order, outcome, mayHaveWritten: progress.mayHaveWritten },
    before: progress.previous,
  });
  if (recorded === 'lost') return deferredBecauseLost(parts, request, outcome);
  if (isWithoutPlace(report)) return { kind: 'busy', untilMs: parts.clock.nowMs() };
  if (isFinal(outcome.outcome)) return { kind: 'ended', outcome };
  return { kind: 'deferred', outcome, ...deferralOf(report) };
}

/** Who found no place is tried again after the others, as one who was busy. */
function isWithoutPlace<T>({ result }: AttemptReport<T>): boolean {
  return 'failure' in result && result.failure === noPlace;
}

function lostClaim(error: unknown): 'lost' {
  if (error instanceof ClaimLostError) return 'lost';
  throw error;
}

async function rehearse(parts: RingParts, request: ChangeRequest, held: Claim): Promise<Changed> {
  const report = await attemptUnder(parts, request, held, (session) => rehearseWish(session, request.wish));
  await release(parts, held, report);
  if (!('done' in report.result)) {
    const outcome = { ...unsuccessful(parts, request, report), dryRun: true } as const;
    return isFinal(outcome.outcome)
      ? { kind: 'ended', outcome }
      : { kind: 'deferred', outcome, ...deferralOf(report) };
  }
  const { would, previous } = report.result.done;
  const outcome: Outcome = {
    user: request.user,
    outcome: 'unchanged',
    ...wishShown(request.wish),
    dryRun: true,
    would,
    previous,
    ...effort(request, report),
  };
  return { kind: 'ended', outcome };
}

function claim(
  { users, clock, newId, attemptLimitMs }: RingParts,
  user: SipUri,
  change: { order: Order; wish: Wish } | undefined,
): Promise<Claimed> {
  const lastsMs = attemptLimitMs + claimMarginMs;
  return claimUser(users, { user, claimId: newId(), nowMs: clock.nowMs(), lastsMs, change });
}

/** The time counts from when the claim was asked for: storage that was slow to give it has used some of it up. */
async function attemptUnder<T>(
  parts: RingParts,
  request: Pick<ChangeRequest, 'user' | 'correlationId' | 'signal' | 'deadlineMs'>,
  held: Claim,
  run: (session: Parameters<Parameters<typeof attempt<T>>[2]>[0], signal: AbortSignal) => Promise<T>,
): Promise<AttemptReport<T>> {
  const { user, correlationId, signal } = request;
  const deadlineMs = Math.min(held.untilMs - claimMarginMs, request.deadlineMs ?? Number.POSITIVE_INFINITY);
  const limitMs = deadlineMs - parts.clock.nowMs();
  const limit = parts.clock.timeout(Math.max(0, limitMs));
  const ends = limitMs > 0 ? [signal, limit.signal] : [signal, AbortSignal.abort()];
  const under = AbortSignal.any(ends);
  const options = { user, correlationId, signal: under, deadlineMs, refusedVersion: held.refusedVersion };
  try {
    return await attempt(parts, options, (session) => run(session, under));
  } finally {
    limit.stop();
  }
}

function release<T>(
  { users, clock }: RingParts,
  held: Claim,
  report: AttemptReport<T>,
  ended?: {
    change: { order: Order; outcome: Outcome; mayHaveWritten: boolean };
    before: Setting | undefined;
  },
): Promise<'recorded' | 'lost'> {
  return releaseClaim(users, held, {
    change: ended?.change,
    before: ended?.before,
    refusedVersion: report.refusedVersion,
    nowMs: clock.nowMs(),
    holdUntilMs: report.isWriteUnderWay ? clock.nowMs() + claimMarginMs : undefined,
  });
}

function changeOutcome(
  parts: RingParts,
  request: ChangeRequest,
  report: AttemptReport<Applied>,
  { previous }: Progress,
): Outcome {
  if (!('done' in report.result)) return unsuccessful(parts, request, report);
  const { outcome, verified } = report.result.done;
  return {
    user: request.user,
    outcome,
    ...wishShown(request.wish),
    ...(previous === undefined ? {} : { previous }),
    verified,
    ...effort(request, report),
  };
}

function unsuccessful<T>(
  { log }: RingParts,
  request: { user: SipUri; wish?: Wish; correlationId: string },
  report: AttemptReport<T>,
): Outcome {
  if ('done' in report.result) throw new Error('This attempt was successful.');
  const { failure, error, end } = report.result;
  const explanation = explain(failure, error);
  if (failure !== noPlace) {
    log({
      event: 'ring-failed',
      level: 'warn',
      user: request.user,
      correlationId: request.correlationId,
      failure: failure.name,
      code: explanation.code,
      end,
      host: failedHost(error),
      status: explanation.ucwa?.status,
      subcode: explanation.ucwa?.subcode,
      diagnostics: explanation.ucwa?.diagnosis?.['x-ms-diagnostics'],
      recovery: report.recovery,
      requests: report.requests,
    });
  }
  return {
    user: request.user,
    outcome: end === 'defer' ? 'deferred' : 'failed',
    ...(request.wish === undefined ? {} : wishShown(request.wish)),
    ...explanation,
    ...effort(request, report),
  };
}

function deferralOf<T>({ result, requests }: AttemptReport<T>): {
  countsAsAttempt: boolean;
  needsPeople: boolean;
} {
  if ('done' in result) return { countsAsAttempt: false, needsPeople: false };
  const { countsAsAttempt, name } = result.failure;
  return { countsAsAttempt: countsAsAttempt && requests > 0, needsPeople: name === 'untrusted-host' };
}

/** Its claim ran out while it worked: what it found is no longer its to tell. */
function deferredBecauseLost({ log }: RingParts, request: ChangeRequest, outcome: Outcome): Changed {
  log({ event: 'claim-lost', level: 'warn', user: request.user, correlationId: request.correlationId });
  const { verified: _verified, previous: _previous, ...rest } = outcome;
  return {
    kind: 'deferred',
    outcome: { ...rest, outcome: 'deferred' },
    countsAsAttempt: false,
    needsPeople: false,
  };
}

function nothingDone({ user, wish, correlationId }: ChangeRequest): Outcome {
  const effort = { attempts: 0, recovery: [], requests: 0, correlationId };
  return { user, outcome: 'deferred', ...wishShown(wish), ...effort };
}

function superseded(request: ChangeRequest): Outcome {
  return {
    ...nothingDone(request),
    outcome: 'superseded',
    code: 'superseded',
    detail: 'A newer request for this user came first; nothing was written.',
  };
}

function effort<T>(
  { correlationId }: { correlationId: string },
  { attempts, recovery, requests }: AttemptReport<T>,
): Pick<Outcome, 'attempts' | 'recovery' | 'requests' | 'correlationId'> {
  return { attempts, recovery, requests, correlationId };
}

/** A wish as outcomes show it. */
export function wishShown(wish: Wish): Pick<Outcome, 'ring' | 'target' | 'ringDelaySeconds'> {
  return { ...wish };
}
