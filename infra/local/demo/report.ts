import type { BatchOutcome } from './batch.ts';
import type { DemoFailure } from './failures.ts';
import { formatTable } from './table.ts';

/** Lists the failures with the users whose requests fail. */
export function formatFailures(failures: readonly DemoFailure[]): string {
  const rows = failures.map(({ title, users }) => [title, users.map(shortName).join(', ')]);
  return formatTable(['failure', 'for'], rows);
}

/** Counts the outcomes by code or proof, the most frequent first. */
export function formatSummary(outcomes: readonly BatchOutcome[]): string {
  const counts = new Map<string, number>();
  for (const { outcome, code, verified } of outcomes) {
    const isSet = outcome === 'applied' || outcome === 'unchanged';
    const proof = isSet ? (verified === true ? 'read back' : 'not read back') : '';
    const key = [outcome ?? 'pending', code ?? proof].join('\t');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const rows = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([key, count]) => [...key.split('\t'), String(count)]);
  return formatTable(['outcome', 'reason', 'entries'], rows);
}

/** Lists the recovery steps and the outcome of each user whose requests failed. */
export function formatRecovered(outcomes: readonly BatchOutcome[], failures: readonly DemoFailure[]): string {
  const byUser = new Map(outcomes.map((outcome) => [outcome.user, outcome]));
  const rows = failures.flatMap(({ title, users }) =>
    users.map((user) => {
      const { outcome = '', recovery = [] } = byUser.get(user) ?? {};
      return [title, shortName(user), recovery.join(' → ') || 'none needed', outcome];
    }),
  );
  return formatTable(['failure', 'user', 'recovery', 'outcome'], rows);
}

/** Lists the failed and rejected entries, with advice. */
export function formatRemaining(outcomes: readonly BatchOutcome[]): string {
  const rows = outcomes
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'rejected')
    .map(({ user, code = '', detail = '' }) => [shortName(user), code, detail]);
  return formatTable(['user', 'code', 'what to do'], rows);
}

function shortName(user: string): string {
  return user.replace(/^sip:/, '');
}
