import { expect, it } from 'vitest';
import { parsePutBody } from '../../../../../shared/ring/model/parse-request.ts';
import { nestedJson } from '../../../../support/json.ts';

const rules = { defaultCountry: undefined, countries: undefined, sipDomains: undefined };

it.each(['list', 'object'] as const)(
  'refuses the body of a PUT with a %s nested too deep, and says so',
  (kind) => {
    const deep: unknown = JSON.parse(`{"target":${nestedJson(8_000, kind)}}`);
    expect(parsePutBody(deep, undefined, rules, 0)).toEqual({
      ok: false,
      error: [
        {
          pointer: '',
          code: 'invalid-request',
          detail: 'The body is nested deeper than 20 levels: send plain properties.',
        },
      ],
    });
  },
);

it('names what is wrong with a body that is not nested too deep', () => {
  const body: unknown = JSON.parse(`{"target":${nestedJson(19)}}`);
  expect(parsePutBody(body, undefined, rules, 0)).toMatchObject({
    ok: false,
    error: [{ pointer: '/target' }],
  });
});
