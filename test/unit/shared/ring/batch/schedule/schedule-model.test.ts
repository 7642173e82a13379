import fc from 'fast-check';
import { expect, it } from 'vitest';
import { untilBatch } from '../../../../../../shared/ring/batch/own-batch.ts';
import type { ModelRequest } from '../../../../../support/ring/schedule/model.ts';
import { batchOf, ScheduledWorld, type Trouble, user } from '../../../../../support/ring/schedule/world.ts';

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;

/** How many runs: some hundreds in the tests, more by hand. */
const numRuns = Number(process.env['SCHEDULE_RUNS'] ?? 500);

const anyTrouble = fc.record<Trouble>({
  crashesAtCalls: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(fc.nat(60), { minLength: 1, maxLength: 2 }) },
  ),
  fails: fc.constantFrom(false, false, false, true),
  isRepeated: fc.boolean(),
});

const days = fc.integer({ min: 1, max: 60 });
const anySetting = fc.integer({ min: 0, max: 4 });

const anyAction = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      setting: anySetting,
      fromDays: fc.option(days, { freq: 2, nil: undefined }),
      untilDays: fc.option(days, { freq: 2, nil: undefined }),
      lateMinutes: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 * 1440 })),
      offsetHours: fc.integer({ min: -11, max: 12 }),
      trouble: anyTrouble,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('undo' as const), of: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('cancel' as const), of: fc.nat(20), isUntil: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('choose' as const), setting: anySetting }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), days }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('purge' as const) }) },
);

type Action = typeof anyAction extends fc.Arbitrary<infer T> ? T : never;

/** Writes a time as a sender in another zone does. */
function written(ms: number, offsetHours: number): string {
  const sign = offsetHours < 0 ? '-' : '+';
  const local = new Date(ms + offsetHours * 60 * minuteMs).toISOString().replace('Z', '');
  return `${local}${sign}${String(Math.abs(offsetHours)).padStart(2, '0')}:00`;
}

async function send(world: ScheduledWorld, number: number, action: Extract<Action, { kind: 'send' }>) {
  const { setting, fromDays, untilDays, lateMinutes, offsetHours, trouble } = action;
  const requestedAtMs = world.clock.nowMs() - lateMinutes * minuteMs;
  const fromMs = fromDays === undefined ? undefined : requestedAtMs + fromDays * dayMs;
  const startsAtMs = fromMs ?? requestedAtMs;
  const untilMs = untilDays === undefined ? undefined : startsAtMs + untilDays * dayMs;
  const request: ModelRequest = { number, setting, effectiveAtMs: startsAtMs, requestedAtMs, untilMs };
  const time = (name: string, ms: number | undefined) =>
    ms === undefined ? {} : { [name]: written(ms, offsetHours) };
  const ring = setting === 0 ? { ring: 'off' } : { ring: 'team', ringDelaySeconds: setting };
  const entry = { user, ...ring, ...time('from', fromMs), ...time('until', untilMs) };
  const message = { schema: 'simring/bulk/1', batch: batchOf(number), entries: [entry] };
  await world.send(request, { ...message, requestedAt: written(requestedAtMs, offsetHours) }, trouble);
}

async function play(world: ScheduledWorld, action: Action, sent: number): Promise<void> {
  const chosen = (of: number) => (sent === 0 ? 0 : of % sent);
  // No two requests have the same time.
  world.clock.pass(61_000);
  if (action.kind === 'send') await send(world, sent, action);
  if (action.kind === 'undo') await world.undo(chosen(action.of));
  if (action.kind === 'cancel') {
    const batch = batchOf(chosen(action.of));
    await world.cancel(action.isUntil ? untilBatch(batch) : batch);
  }
  if (action.kind === 'choose') world.choose(action.setting);
  if (action.kind === 'pass') await world.passTo(world.clock.nowMs() + action.days * dayMs);
  if (action.kind === 'purge') await world.purge();
}

it('is what the model says after every message of a year, and every entry ends as it says', {
  timeout: 60 * minuteMs,
}, async () => {
  const actions = fc.array(anyAction, { minLength: 1, maxLength: 16 });
  await fc.assert(
    fc.asyncProperty(actions, async (some) => {
      const world = new ScheduledWorld();
      let sent = 0;
      for (const action of some) {
        await play(world, action, sent);
        if (action.kind === 'send') sent += 1;
      }
      await world.passTo(world.clock.nowMs() + 2 * 366 * dayMs);
      expect(world.differences).toEqual([]);
      expect([...world.expected.values()]).not.toContain('scheduled');
      expect(world.expected.size).toBeGreaterThanOrEqual(sent);
      expect(world.users.peek(user).standing?.until).toBeUndefined();
    }),
    { numRuns },
  );
});
