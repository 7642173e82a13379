import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parsePutBody } from '../../../../../shared/ring/model/parse-request.ts';
import { mapNames, namesOf } from '../../../../../shared/ring/model/property-names.ts';

const schema = z.strictObject({
  user: z.string(),
  ringDelaySeconds: z.int().optional(),
  dryRun: z.boolean().default(false),
  hop: z.int().optional(),
});
const names = namesOf(schema, { name: 'The thing', form: '' }, ['hop']);

describe('the names of a request', () => {
  it.each<[string, string, unknown]>([
    ['as they are', '{"user":"a","hop":1}', { user: 'a', hop: 1 }],
    ['in another case', '{"User":"a","RINGDELAYSECONDS":5}', { user: 'a', ringDelaySeconds: 5 }],
    [
      'with optional ones left out that are null',
      '{"user":"a","dryRun":null,"DryRun2":1}',
      { user: 'a', DryRun2: 1 },
    ],
    ['with null kept where a value is required', '{"user":null}', { user: null }],
    ['with null kept under an unknown name', '{"colour":null}', { colour: null }],
    [
      'without what SDKs add',
      '{"$type":"x","$id":"1","$AzureWebJobsParentId":"2","$":3,"user":"a"}',
      { user: 'a' },
    ],
    ['with our own only as written', '{"Hop":1,"HOP":2}', { Hop: 1, HOP: 2 }],
    [
      'with letters that only look alike',
      '{"\u212adryRun":1,"u\u017fer":1}',
      { '\u212adryRun': 1, 'u\u017fer': 1 },
    ],
    ['a list as it is', '[{"User":1}]', [{ User: 1 }]],
    ['a text as it is', '"User"', 'User'],
    ['null as it is', 'null', null],
  ])('are read %s', (_what, json, value) => {
    expect(mapNames(JSON.parse(json), names)).toEqual({ value, issues: [] });
  });

  it('are only those of the object itself', () => {
    const { value } = mapNames(JSON.parse('{"__proto__":{"user":"a"},"Constructor":1,"$a":1}'), names);
    expect(Object.keys(value as object)).toEqual(['__proto__', 'Constructor']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it.each(['{"user":"a","User":"b"}', '{"USER":"a","User":"a"}', '{"User":null,"user":"a"}'])(
    'are refused where two of them mean one: %s',
    (json) => {
      expect(mapNames(JSON.parse(json), names).issues).toEqual([
        {
          pointer: '/user',
          code: 'invalid-request',
          detail: '`user` is given twice, in different cases: leave one of them out.',
        },
      ]);
    },
  );
});

const rules = { defaultCountry: undefined, countries: undefined, sipDomains: undefined };

describe('the body of a PUT', () => {
  it.each<[string, object, object]>([
    ['names in another case', { Ring: 'team', RingDelaySeconds: 5 }, { ring: 'team', ringDelaySeconds: 5 }],
    [
      'null for optional properties',
      { ring: 'team', target: null, ringDelaySeconds: null, dryRun: null },
      { ring: 'team' },
    ],
    ['a ring in another case', { ring: 'Delegates' }, { ring: 'delegates' }],
    ['what an SDK adds', { $type: 'Ring, Hr', ring: 'team' }, { ring: 'team' }],
  ])('may have %s', (_what, body, desired) => {
    expect(parsePutBody(body, undefined, rules, 0)).toEqual({
      ok: true,
      value: { desired, schedule: {}, dryRun: false },
    });
  });

  it.each(['off', 'Off', 'OFF'])('is refused with a hint at DELETE for a ring of %s', (ring) => {
    expect(parsePutBody({ Ring: ring }, undefined, rules, 0)).toMatchObject({
      error: [{ pointer: '/ring', detail: expect.stringContaining('send a DELETE') }],
    });
  });

  it('is refused with all that is wrong, whatever the case of its names', () => {
    const body = { Target: '+1 425', TARGET: 1, DryRun: 'yes' };
    const read = parsePutBody(body, undefined, rules, 0);
    expect(read.ok ? [] : read.error.map(({ pointer }) => pointer)).toEqual(['/dryRun', '/target']);
  });
});
