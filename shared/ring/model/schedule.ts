import { failed, success } from '../../runtime/result.ts';
import type { Schedule } from './desired-ring.ts';
import { issueAt, type Validated, type ValidationIssue } from './validation.ts';

/** Returns the times of a request, or all that is wrong with them; see {@link checkSchedule}. */
export function checkedSchedule(schedule: Schedule, requestedAtMs: number): Validated<Schedule> {
  const issues = checkSchedule(schedule, requestedAtMs);
  return issues.length === 0 ? success(schedule) : failed(issues);
}

const dayMs = 86_400_000;

/** The most days from a request to the beginning or the end of its setting. */
export const maxScheduledDays = 366;

/**
 * Returns what is wrong with the times of a request. They are judged against its own time, never against the clock, so that a
 * message reads the same at each delivery.
 */
export function checkSchedule({ from, until }: Schedule, requestedAtMs: number): readonly ValidationIssue[] {
  const latestMs = requestedAtMs + maxScheduledDays * dayMs;
  const fromMs = from === undefined ? undefined : Date.parse(from);
  const untilMs = until === undefined ? undefined : Date.parse(until);
  return [
    ...(fromMs !== undefined && fromMs > latestMs ? [tooLate('from')] : []),
    ...(untilMs === undefined ? [] : untilIssues(untilMs, { requestedAtMs, fromMs, latestMs })),
  ];
}

function untilIssues(
  untilMs: number,
  times: { readonly requestedAtMs: number; readonly fromMs: number | undefined; readonly latestMs: number },
): readonly ValidationIssue[] {
  const { requestedAtMs, fromMs, latestMs } = times;
  if (fromMs !== undefined && untilMs <= fromMs) {
    return [issueAt('/until', '`until` is not after `from`: write a later `until` or an earlier `from`.')];
  }
  if (untilMs <= requestedAtMs) {
    return [issueAt('/until', '`until` is not after the time of the request: write a later time.')];
  }
  return untilMs > latestMs ? [tooLate('until')] : [];
}

function tooLate(name: 'from' | 'until'): ValidationIssue {
  const detail = `\`${name}\` is more than ${maxScheduledDays} days after the time of the request: write an earlier time, or send the request later.`;
  return issueAt(`/${name}`, detail);
}

/** True where the setting was to have ended by now. */
export function isPastEnd({ until }: Schedule, nowMs: number): boolean {
  return until !== undefined && nowMs >= Date.parse(until);
}
