import type { SipUri } from '../../ucwa/uri.ts';
import type { AttemptReport } from '../attempt/attempt.ts';
import { noSlot } from '../attempt/decision-table.ts';
import { explain, failedHost } from '../attempt/explain.ts';
import type { Termination } from '../attempt/recovery.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import { type Outcome, untried } from '../model/outcome.ts';
import type { Log } from '../ports/events.ts';
import type { Applied, Progress } from './apply-ring.ts';

/** For whom an outcome is told, and of which desired; of a read there is none. */
export interface Asked {
  readonly user: SipUri;
  readonly correlationId: string;
  readonly desired?: DesiredRing;
}

/** What became of a change, by the report of its attempt. */
export function changeOutcome(
  parts: { readonly log: Log },
  asked: Asked,
  report: AttemptReport<Applied>,
  { previous }: Progress,
): Outcome {
  const { result } = report;
  if (!('done' in result)) return unsuccessful(parts, asked, report, result);
  const { outcome, verified } = result.done;
  return {
    user: asked.user,
    outcome,
    ...asked.desired,
    ...(previous === undefined ? {} : { previous }),
    verified,
    ...effort(asked, report),
  };
}

/** Tells, and logs, how an attempt failed. Who found no place was not begun: nothing is logged of that. */
export function unsuccessful(
  { log }: { readonly log: Log },
  asked: Asked,
  report: AttemptReport<unknown>,
  { failure, error, disposition }: Termination,
): Outcome {
  const { user, correlationId, desired } = asked;
  const explanation = explain(failure, error);
  if (failure !== noSlot) {
    log({
      event: 'ring-failed',
      level: 'warn',
      user,
      correlationId,
      failure: failure.name,
      code: explanation.code,
      end: disposition,
      host: failedHost(error),
      status: explanation.ucwa?.status,
      subcode: explanation.ucwa?.subcode,
      diagnostics: explanation.ucwa?.diagnosis?.['x-ms-diagnostics'],
      recovery: report.recovery,
      requests: report.requests,
    });
  }
  return {
    user,
    outcome: disposition === 'defer' ? 'deferred' : 'failed',
    ...desired,
    ...explanation,
    ...effort(asked, report),
  };
}

/** The outcome of a change whose claim ran out: somebody else may have written since, so nothing that was seen is told. */
export function outcomeUntold({ verified: _verified, previous: _previous, ...rest }: Outcome): Outcome {
  return {
    ...rest,
    outcome: 'deferred',
    code: 'ucwa-unavailable',
    detail: 'The time to work for this user ran out before the outcome could be recorded.',
  };
}

/** A change that was not begun. */
export function nothingDone({ user, correlationId, desired }: Asked): Outcome {
  return { ...untried(user, correlationId), outcome: 'deferred', ...desired };
}

/** An earlier attempt of it may have written before the newer request came: that nothing was is not for us to say. */
export function superseded(asked: Asked): Outcome {
  return {
    ...nothingDone(asked),
    outcome: 'superseded',
    code: 'superseded',
    detail: 'A newer request for this user came first; nothing more is written for this one.',
  };
}

/** What an attempt took, as outcomes tell it. */
export function effort(
  { correlationId }: { readonly correlationId: string },
  { attempts, recovery, requests }: AttemptReport<unknown>,
): Pick<Outcome, 'attempts' | 'recovery' | 'requests' | 'correlationId'> {
  return { attempts, recovery, requests, correlationId };
}
