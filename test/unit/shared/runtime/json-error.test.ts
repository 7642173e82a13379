import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeJsonError, findJsonError } from '../../../../shared/runtime/json-error.ts';
import { growthOf, linearGrowth } from '../../../support/growth.ts';

/** V8's position of an error; undefined where the text is JSON, and for texts of which V8 tells no position. */
function positionByEngine(text: string): { isJson: boolean; offset: number | undefined } {
  try {
    JSON.parse(text);
    return { isJson: true, offset: undefined };
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const position = / at position (\d+)/.exec(message)?.[1];
    if (message.startsWith('Unexpected end of JSON')) return { isJson: false, offset: text.length };
    return { isJson: false, offset: position === undefined ? undefined : Number(position) };
  }
}

const token = fc.constantFrom(
  ...['{', '}', '[', ']', ',', ':', '"a"', '"', '\\', '\\u00e', '0', '1', '-', '.5', 'e+', 'true', 'nul'],
  ...[' ', '\n', '\t', '\r', '\u00a0', '\ufeff', "'", '/', '\u0007', 'ü', '😀', '\ud800', 'NaN'],
);
const tokens = fc.array(token, { maxLength: 12 }).map((list) => list.join(''));
const broken = fc.tuple(fc.json(), fc.nat(), fc.nat({ max: 2 }), token).map(([json, at, removed, added]) => {
  const offset = at % (json.length + 1);
  return json.slice(0, offset) + added + json.slice(offset + removed);
});

describe('the place where a text stops being JSON', () => {
  it('is found in exactly the texts that are not JSON, where the engine finds it', () => {
    fc.assert(
      fc.property(fc.oneof(tokens, broken, fc.json(), fc.string({ unit: 'binary' })), (text) => {
        const { isJson, offset } = positionByEngine(text);
        const found = findJsonError(text);
        expect(found === undefined).toBe(isJson);
        if (offset !== undefined) expect(found?.offset).toBe(offset);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['', 'line 1, column 1: the text ends where a value was expected'],
    ['{"a":1,}', 'line 1, column 8: the name of a property in double quotes was expected'],
    ["{'a':1}", 'line 1, column 2: the name of a property in double quotes was expected'],
    ['{"a" 1}', 'line 1, column 6: a colon was expected'],
    ['{"a":1 "b":2}', 'line 1, column 8: a comma or } was expected'],
    ['[1 2]', 'line 1, column 4: a comma or ] was expected'],
    ['[1,]', 'line 1, column 4: a value was expected'],
    ['{"a":\n\n  None}', 'line 3, column 3: a value was expected'],
    ['{"a":"x\ny"}', 'line 1, column 8: an escape such as \\n or \\t for a control character was expected'],
    ['{"a":"C:\\Users"}', 'line 1, column 10: one of " \\ / b f n r t u behind a backslash was expected'],
    ['{"a":"\\u00g0"}', 'line 1, column 11: a hexadecimal digit was expected'],
    ['{"a":"b', 'line 1, column 8: the text ends where a closing double quote was expected'],
    ['{"a":01}', 'line 1, column 7: a comma or } was expected'],
    ['{"a":1.}', 'line 1, column 8: a digit was expected'],
    ['{"a":trux}', 'line 1, column 9: `true` was expected'],
    ['{} {}', 'line 1, column 4: the end of the text was expected'],
    ['{"a":1}', ''],
  ])('is told with what was expected there: %j', (text, description) => {
    expect(describeJsonError(text)).toBe(description);
  });

  it.each<[string, (size: number) => string]>([
    ['open lists', (size) => '['.repeat(size)],
    ['nested objects', (size) => `${'{"a":'.repeat(size)}!`],
    ['blanks', (size) => `${' '.repeat(size)}!`],
    ['lines', (size) => `${'\n'.repeat(size)}!`],
    ['a string', (size) => `"${'\\"'.repeat(size)}`],
    ['a number', (size) => `${'1'.repeat(size)}!`],
  ])('takes time in proportion to the length of %s', (_what, textOf) => {
    expect(growthOf(describeJsonError, textOf, 20_000)).toBeLessThan(linearGrowth);
  });
});
