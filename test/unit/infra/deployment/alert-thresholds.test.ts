import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { deferralDelayMs } from '../../../../shared/ring/batch/deferral-delay.ts';
import { alertQueries } from '../../../support/infra/alert-queries.ts';

const rulesSchema = z.object({
  predictedResources: z.array(
    z.object({
      name: z.string(),
      properties: z.object({ displayName: z.string(), windowSize: z.string() }).partial().optional(),
    }),
  ),
});

function read(path: string): string {
  return readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
}

const { predictedResources: deployed } = rulesSchema.parse(JSON.parse(read('infra/main.snapshot.json')));

/** An alert's query, its title, and the time span that it looks back. */
function alertOf(name: string) {
  const text = alertQueries.find((query) => query.name === name)?.text ?? '';
  const rule = deployed.find((resource) => resource.name.endsWith(`-insights-${name}`));
  return { text, title: rule?.properties?.displayName ?? '', windowSize: rule?.properties?.windowSize ?? '' };
}

describe('the table of alerts in the book for administrators', () => {
  const [table = ''] = /^\| Alert \|.*?\n\n/ms.exec(read('infra/README.md')) ?? [];

  it.each([
    ['message-poisoned', 'is not empty', 'toint(line.poisoned) > 0'],
    ['pool-down', 'for twenty minutes or more', 'lasted >= 20m'],
    ['pool-down', 'within six hours', 'PT6H'],
    ['own-mistake', 'for twenty minutes or more', 'lasted >= 20m'],
    ['own-mistake', 'in the last three hours', 'timestamp > ago(3h)'],
    ['own-mistake', 'within six hours', 'PT6H'],
    ['credentials-refused', 'ten users or more', 'people >= 10'],
    ['credentials-refused', 'in an hour', 'PT1H'],
    ['queue-old', 'three times', 'looks >= 3'],
    ['queue-old', 'a quarter of an hour old or more', 'toint(line.oldestSeconds) >= 900'],
    ['queue-old', 'after about half an hour', 'PT30M'],
    ['watch-silent', 'half an hour', 'PT30M'],
    ['vault-read', 'in a quarter of an hour', 'PT15M'],
  ])('describes %s as "%s", which is the threshold of its query: %s', (name, words, threshold) => {
    const { text, title, windowSize } = alertOf(name);
    const row = table.split('\n').find((line) => line.toLowerCase().startsWith(`| ${title.toLowerCase()} |`));
    expect(`${text} ${windowSize}`).toContain(threshold);
    expect(row).toContain(words);
  });
});

describe('a pool that stays down', () => {
  const minuteMs = 60_000;
  const { text, windowSize } = alertOf('pool-down');
  const [windowMs, graceMs, lastedMs] = [
    60 * Number(/^PT(\d+)H$/.exec(windowSize)?.[1]) * minuteMs,
    Number(/lastUsed \+ (\d+)m/.exec(text)?.[1]) * minuteMs,
    Number(/lasted >= (\d+)m/.exec(text)?.[1]) * minuteMs,
  ] as const;

  it('joins and compares times as the model in this test does', () => {
    expect(text).toContain('| join kind=leftouter used on host\n');
    expect(text).toContain('| where isnull(lastUsed) or timestamp > lastUsed + ');
  });

  /** The query's verdict for one host, from the times of its failures and of its last `pool-used`. */
  function isRaised(atMs: number, failedAtMs: readonly number[], usedAtMs: number): boolean {
    const isSeen = (timeMs: number) => timeMs > atMs - windowMs && timeMs <= atMs;
    const failures = failedAtMs.filter(
      (timeMs) => isSeen(timeMs) && (!isSeen(usedAtMs) || timeMs > usedAtMs + graceMs),
    );
    return Math.max(...failures) - Math.min(...failures) >= lastedMs;
  }

  /** The failure times of a single user in the queue: attempts take up to a minute and a half, waits have their jitter. */
  const dayOfFailures = fc
    .array(fc.record({ random: fc.double({ min: 0, max: 1, noNaN: true }), tookMs: fc.nat(90_000) }), {
      minLength: 20,
      maxLength: 20,
    })
    .map((tries) => {
      let endedMs = 0;
      return tries.map(({ random, tookMs }, nth) => {
        endedMs += (nth === 0 ? 0 : deferralDelayMs(nth - 1, () => random)) + tookMs;
        return endedMs;
      });
    });

  it('raises the alert within the hour and keeps it raised when a single user waits for it', () =>
    fc.assert(
      fc.property(dayOfFailures, fc.integer({ min: -30, max: 0 }), (failedAtMs, usedMinutesBefore) => {
        const usedAtMs = usedMinutesBefore * minuteMs;
        for (let atMs = 60 * minuteMs; atMs <= 24 * 60 * minuteMs; atMs += 5 * minuteMs)
          expect(isRaised(atMs, failedAtMs, usedAtMs), `after ${atMs / minuteMs} minutes`).toBe(true);
      }),
    ));

  it('ends the alert when it serves a user again, though earlier failures are still in the window', () =>
    fc.assert(
      fc.property(dayOfFailures, fc.integer({ min: 60, max: 1440 }), (failedAtMs, minutes) => {
        const servedAtMs = minutes * minuteMs;
        const before = failedAtMs.filter((timeMs) => timeMs < servedAtMs);
        expect(isRaised(servedAtMs, before, servedAtMs)).toBe(false);
      }),
    ));
});
