import { afterEach, beforeEach, expect, test } from 'vitest';
import { FunctionsHost } from '../../../../../infra/local/functions-host/functions-host.ts';
import { LogBook } from '../../../../support/infra/functions-host/captured-log.ts';
import { FakeClock } from '../../../../support/infra/functions-host/fake-clock.ts';
import { buildFixtureApp } from '../../../../support/infra/functions-host/fixture-app.ts';
import { CallDesk } from '../../../../support/infra/functions-host/fixture-calls.ts';

let desk: CallDesk;
let logBook: LogBook;
let clock: FakeClock;
let host: FunctionsHost;

beforeEach(async () => {
  desk = new CallDesk();
  logBook = new LogBook();
  clock = new FakeClock('2026-11-23T09:30:00.000Z');
  const appDirectory = await buildFixtureApp({ fixtures: ['timer'] });
  host = new FunctionsHost({ appDirectory, port: 0, environment: {}, log: logBook.write, clock });
  await host.start();
});

afterEach(async () => {
  await host.stop({ reason: 'interrupt' });
  desk.close();
});

test('runs a function at startup where it wants that, and tells when it will run next', async () => {
  const call = await desk.take('at-startup');
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

test('runs a function on its schedule, time after time', async () => {
  await clock.advance(29 * 60_000);
  expect(desk.waiting).toBe(1);
  await clock.advance(60_000);
  (await desk.take('hourly')).succeed();
  await logBook.find(/Executing 'Functions.hourly' \(Reason='Timer fired at 2026-11-23T10:00:00\+00:00'/);
  await clock.advance(60 * 60_000);
  const second = await desk.take('hourly');
  expect(second.input).toMatchObject({ scheduleStatus: { last: '2026-11-23T10:00:00+00:00' } });
  second.succeed();
});

test('goes on with the schedule after a failure', async () => {
  await clock.advance(30 * 60_000);
  (await desk.take('hourly')).fail(new Error('no'));
  await logBook.find(/^Executed 'Functions.hourly' \(Failed/);
  await clock.advance(60 * 60_000);
  (await desk.take('hourly')).succeed();
});

test('runs a timer now and waits for its end', async () => {
  const run = host.runTimer('hourly');
  (await desk.take('hourly')).succeed();
  await run;
});

test('rejects a run now with what the function throws', async () => {
  const run = host.runTimer('hourly');
  const error = new Error('no');
  (await desk.take('hourly')).fail(error);
  await expect(run).rejects.toBe(error);
});

test('rejects a run now of a timer that is not there', async () => {
  await expect(host.runTimer('nobody')).rejects.toThrow(
    'There is no timer "nobody"; there are: at-startup, hourly.',
  );
});

test('runs a timer through the admin endpoint', async () => {
  const response = await fetch(`${host.url}/admin/functions/Hourly`, { method: 'POST', body: '{}' });
  expect(response.status).toBe(202);
  (await desk.take('hourly')).succeed();
});
