import { afterEach, beforeEach, expect, test } from 'vitest';
import { FunctionsHost } from '../../../../../infra/local/functions-host/functions-host.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { CapturedLog } from '../../../../support/infra/functions-host/captured-log.ts';
import { buildFixtureApp } from '../../../../support/infra/functions-host/fixture-app.ts';
import { FixtureCalls } from '../../../../support/infra/functions-host/fixture-calls.ts';

let calls: FixtureCalls;
let log: CapturedLog;
let clock: FakeClock;
let host: FunctionsHost;

beforeEach(async () => {
  calls = new FixtureCalls();
  log = new CapturedLog();
  clock = new FakeClock({ startMs: Date.parse('2026-11-23T09:30:00.000Z') });
  const appDirectory = await buildFixtureApp({ fixtures: ['timer'] });
  host = new FunctionsHost({ appDirectory, port: 0, environment: {}, log: log.write, clock });
  await host.start();
});

afterEach(async () => {
  await host.stop({ reason: 'interrupt' });
  calls.close();
});

test('runs a function with runOnStartup at once, with its next time', async () => {
  const call = await calls.take('at-startup');
  expect(call.input).toEqual({
    schedule: { adjustForDST: true },
    scheduleStatus: {
      last: '0001-01-01T00:00:00+00:00',
      next: '2026-11-24T03:00:00+00:00',
      lastUpdated: '0001-01-01T00:00:00+00:00',
    },
    isPastDue: false,
  });
  call.succeed();
});

test('runs a function at each time of its schedule', async () => {
  await clock.advance(29 * 60_000);
  expect(calls.waiting).toBe(1);
  await clock.advance(60_000);
  (await calls.take('hourly')).succeed();
  await log.find(/Executing 'Functions.hourly' \(Reason='Timer fired at 2026-11-23T10:00:00\+00:00'/);
  await clock.advance(60 * 60_000);
  const second = await calls.take('hourly');
  expect(second.input).toMatchObject({ scheduleStatus: { last: '2026-11-23T10:00:00+00:00' } });
  second.succeed();
});

test('continues the schedule after a failure', async () => {
  await clock.advance(30 * 60_000);
  (await calls.take('hourly')).fail(new Error('no'));
  await log.find(/^Executed 'Functions.hourly' \(Failed/);
  await clock.advance(60 * 60_000);
  (await calls.take('hourly')).succeed();
});

test('runs a timer once through the admin endpoint', async () => {
  const response = await fetch(`${host.url}/admin/functions/Hourly`, { method: 'POST', body: '{}' });
  expect(response.status).toBe(202);
  (await calls.take('hourly')).succeed();
});
