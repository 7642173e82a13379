import { describe, expect, it } from 'vitest';
import type { DesiredRing, Schedule } from '../../../../../shared/ring/model/desired-ring.ts';
import { parsePutBody } from '../../../../../shared/ring/model/parse-request.ts';
import { checkSchedule } from '../../../../../shared/ring/model/schedule.ts';
import { issuesOf } from '../../../../../shared/ring/model/validation.ts';
import { sip } from '../../../../support/ring/addresses.ts';

const requestedAtMs = Date.parse('2026-11-23T09:00:00Z');

describe('the times of a request', () => {
  it.each<[string, Schedule]>([
    ['none', {}],
    ['a beginning', { from: '2026-12-01T08:00:00Z' }],
    ['a beginning in the past', { from: '2026-11-01T08:00:00Z' }],
    ['an end', { until: '2026-11-23T09:00:01Z' }],
    ['both', { from: '2026-12-01T08:00:00Z', until: '2026-12-01T08:00:01Z' }],
    ['366 days', { from: '2027-11-24T08:59:59Z', until: '2027-11-24T09:00:00Z' }],
  ])('may be %s', (_which, schedule) => {
    expect(checkSchedule(schedule, requestedAtMs)).toEqual([]);
  });

  it.each<[string, Schedule, string, RegExp]>([
    ['a beginning after 366 days', { from: '2027-11-24T09:00:01Z' }, '/from', /more than 366 days/],
    ['an end after 366 days', { until: '2027-11-24T09:00:01Z' }, '/until', /more than 366 days/],
    [
      'an end at the request',
      { until: '2026-11-23T09:00:00Z' },
      '/until',
      /not after the time of the request/,
    ],
    [
      'an end at the beginning',
      { from: '2026-12-01T08:00:00Z', until: '2026-12-01T08:00:00Z' },
      '/until',
      /not after `from`/,
    ],
  ])('are refused with %s', (_which, schedule, pointer, detail) => {
    const [issue, ...others] = checkSchedule(schedule, requestedAtMs);
    expect(issue).toMatchObject({ pointer, detail: expect.stringMatching(detail) });
    expect(others).toEqual([]);
  });
});

describe('the body of a PUT', () => {
  const rules = { defaultCountry: undefined, countries: undefined, sipDomains: undefined };
  const read = (body: object) => parsePutBody(body, sip('alice@contoso.com'), rules, requestedAtMs);

  it('has its times in UTC, and the period with the ring', () => {
    const desired: DesiredRing = { ring: 'team', activePeriod: 'workhours' };
    const times = { from: '2026-12-01T08:00+01:00', until: '2026-12-05 18:00+01' };
    expect(read({ ring: 'Team', activePeriod: 'Workhours', ...times })).toEqual({
      ok: true,
      value: {
        desired,
        schedule: { from: '2026-12-01T07:00:00.000Z', until: '2026-12-05T17:00:00.000Z' },
        dryRun: false,
      },
    });
  });

  it('is refused with all that is wrong at once', () => {
    const body = { ring: 'team', target: 'x', activePeriod: 'never', from: '2026-12-01', until: 7 };
    const pointers = issuesOf(read(body)).map(({ pointer }) => pointer);
    expect(pointers.toSorted()).toEqual(['/activePeriod', '/from', '/target', '/until']);
  });
});
