/** A line of our log, and when it was written. */
export interface LoggedLine {
  readonly atMs: number;
  readonly line: Readonly<Record<string, unknown>>;
}

/** Whether an alert fires at a time, from all lines so far. */
type Model = (lines: readonly LoggedLine[], nowMs: number) => boolean;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/**
 * What each query of an alert on the app's log does, in words of our own: no engine for Kusto can be had here.
 * `alert-thresholds.test.ts` holds the figures against the queries.
 */
export const alertModels: Readonly<Record<string, Model>> = {
  'message-poisoned': (lines, nowMs) => {
    const last = within(lines, nowMs, 15 * minuteMs)
      .filter(isEvent('queue-watch'))
      .at(-1);
    return Number(last?.line['poisoned'] ?? 0) > 0;
  },
  'pool-down': (lines, nowMs) => {
    const seen = within(lines, nowMs, 6 * hourMs);
    const failed = seen.filter(isEvent('ring-failed')).filter(has('code', 'ucwa-unavailable'));
    const hosts = new Set(failed.map(({ line }) => line['host']).filter((host) => host !== undefined));
    return [...hosts].some((host) => {
      const usedAtMs = lastAtMs(seen.filter(isEvent('pool-used')).filter(has('host', host)));
      return lastedMs(failed.filter(has('host', host)), usedAtMs) >= 20 * minuteMs;
    });
  },
  'own-mistake': (lines, nowMs) => {
    const seen = within(lines, nowMs, 6 * hourMs);
    const servedAtMs = lastAtMs(seen.filter(isEvent('pool-used')));
    const failed = seen.filter(isEvent('ring-failed'));
    const misconfigured = within(failed.filter(has('code', 'misconfigured')), nowMs, 3 * hourMs);
    const unavailable = [
      failed.filter(has('code', 'vault-unavailable')),
      seen.filter(isEvent('storage-unavailable')),
    ];
    return (
      misconfigured.length > 0 || unavailable.some((some) => lastedMs(some, servedAtMs) >= 20 * minuteMs)
    );
  },
  'credentials-refused': (lines, nowMs) => {
    const failed = within(lines, nowMs, hourMs).filter(isEvent('ring-failed'));
    const refused = failed.filter(
      (one) => has('code', 'credential-rejected')(one) || has('failure', 'sign-in-unjudged')(one),
    );
    return new Set(refused.map(({ line }) => line['user'])).size >= 10;
  },
  'undo-failed': (lines, nowMs) => within(lines, nowMs, hourMs).some(isEvent('undo-failed')),
  'queue-old': (lines, nowMs) => {
    const old = within(lines, nowMs, 30 * minuteMs)
      .filter(isEvent('queue-watch'))
      .filter(({ line }) => Number(line['oldestSeconds']) >= 900);
    return old.some(({ line }) => old.filter(has('oldestId', line['oldestId'])).length >= 3);
  },
  'watch-silent': (lines, nowMs) => !within(lines, nowMs, 30 * minuteMs).some(isEvent('queue-watch')),
};

function within(lines: readonly LoggedLine[], nowMs: number, windowMs: number): readonly LoggedLine[] {
  return lines.filter(({ atMs }) => atMs > nowMs - windowMs && atMs <= nowMs);
}

function has(field: string, value: unknown): (one: LoggedLine) => boolean {
  return ({ line }) => line[field] === value;
}

function isEvent(name: string): (one: LoggedLine) => boolean {
  return has('event', name);
}

function lastAtMs(lines: readonly LoggedLine[]): number | undefined {
  return lines.length === 0 ? undefined : Math.max(...lines.map(({ atMs }) => atMs));
}

/** How long failures lasted, those from before five minutes after the host last served left out. */
function lastedMs(failures: readonly LoggedLine[], usedAtMs: number | undefined): number {
  const times = failures
    .map(({ atMs }) => atMs)
    .filter((atMs) => usedAtMs === undefined || atMs > usedAtMs + 5 * minuteMs);
  return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
}
