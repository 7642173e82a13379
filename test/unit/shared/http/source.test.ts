import { describe, expect, it } from 'vitest';
import { parseSource } from '../../../../shared/http/source.ts';

function parse(value?: string) {
  return parseSource({ get: (name) => (name === 'x-source' ? (value ?? null) : null) });
}

describe('the header x-source', () => {
  it.each<[sent: string | undefined, source: string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['  ', undefined],
    [' workday ', 'workday'],
    ['HR portal (v2.1), "north"', 'HR portal (v2.1), "north"'],
    ['x'.repeat(100), 'x'.repeat(100)],
  ])('is read: %j', (sent, source) => {
    expect(parse(sent)).toEqual({ ok: true, value: source });
  });

  it.each<[problem: string, sent: string, details: readonly RegExp[]]>([
    ['too long', 'x'.repeat(101), [/at most 100 characters/]],
    ['with a control character', 'work\u0007day', [/not printable ASCII/]],
    ['with a tab', 'work\tday', [/not printable ASCII/]],
    ['with a line break', 'work\r\nday', [/not printable ASCII/]],
    ['with another letter', 'Zürich', [/not printable ASCII/]],
    ['with all of it', `${'x'.repeat(101)}\u0000`, [/at most 100 characters/, /not printable ASCII/]],
  ])('is refused, without a word of it: %s', (_problem, sent, details) => {
    const parsed = parse(sent);
    const issues = details.map((detail) => ({
      pointer: '/x-source',
      detail: expect.stringMatching(detail),
      code: 'invalid-request',
    }));
    expect(parsed).toEqual({ ok: false, error: issues });
    expect(JSON.stringify(parsed)).not.toMatch(/xxx|work|rich/);
  });
});
