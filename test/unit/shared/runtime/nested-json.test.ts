import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatJson, isDeeperThan } from '../../../../shared/runtime/nested-json.ts';
import { nestedJson } from '../../../support/json.ts';

describe('isDeeperThan', () => {
  it.each<[string, number]>([
    ['1', 0],
    ['"[[["', 0],
    ['null', 0],
    ['{}', 1],
    ['[]', 1],
    ['[1,{"a":[]}]', 3],
    ['{"a":1,"b":{"c":{"d":{}}}}', 4],
    ['{"__proto__":[[]]}', 3],
  ])('counts the levels of %s: %d', (text, depth) => {
    const value: unknown = JSON.parse(text);
    expect(isDeeperThan(value, depth)).toBe(false);
    expect(isDeeperThan(value, depth - 1)).toBe(depth > 0);
  });

  it.each(['list', 'object'] as const)('needs no call stack for a %s of 50,000 levels', (kind) => {
    const value: unknown = JSON.parse(nestedJson(50_000, kind));
    expect(isDeeperThan(value, 49_999)).toBe(true);
    expect(isDeeperThan(value, 50_000)).toBe(false);
  });
});

describe('formatJson', () => {
  const value = fc.jsonValue({ maxDepth: 4 });

  it.each([0, 150])('formats as JSON.stringify does, inside of %d levels', (levels) => {
    fc.assert(
      fc.property(value, (inside) => {
        const text = nestedJson(levels, 'list', JSON.stringify(inside));
        expect(formatJson(JSON.parse(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('leaves undefined properties out and keeps a property named __proto__', () => {
    const deep: unknown = JSON.parse(nestedJson(150, 'list'));
    const proto: unknown = JSON.parse('{"__proto__":{"a":1}}');
    const value = { none: undefined, list: [undefined], deep, proto };
    expect(formatJson(value)).toBe(JSON.stringify(value));
    expect(formatJson(value)).toContain('"__proto__":{"a":1}');
  });

  it.each(['list', 'object'] as const)('gives back the text of a %s of 50,000 levels', (kind) => {
    const text = nestedJson(50_000, kind);
    expect(formatJson(JSON.parse(text)) === text).toBe(true);
  });
});
