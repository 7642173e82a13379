import { expect, test } from 'vitest';
import { parseTemplate } from '../../../../infra/local/functions-host/http/route-template.ts';

test('parses literals in lower case and parameters', () => {
  expect(parseTemplate('api/Users/{user}')).toEqual([
    { kind: 'literal', text: 'api' },
    { kind: 'literal', text: 'users' },
    { kind: 'parameter', name: 'user' },
  ]);
});

test.each(['{page?}', '{page=1}', '{*rest}', '{id:int}', '{name}.json'])(
  'refuses the segment %s and names it',
  (segment) => {
    expect(() => parseTemplate(`api/${segment}`)).toThrow(
      `The route "api/${segment}" has a segment "${segment}", which this host does not support`,
    );
  },
);
