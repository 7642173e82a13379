import { describe, expect, it } from 'vitest';
import { prefersCsv } from '../../../../shared/http/accept.ts';

describe('the header Accept', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['*/*', false],
    ['application/json', false],
    ['text/csv', true],
    ['Text/CSV; charset=utf-8', true],
    ['text/csv, */*', false],
    ['text/csv, */*;q=0.1', true],
    ['text/csv;q=0.5, application/json', false],
    ['application/json;q=0.4 , text/csv;q=0.5', true],
    ['text/*, application/json;q=0.9', true],
    ['text/html', false],
    ['text/csv;q=0', false],
    ['text/csv;q=much', false],
    // What browsers send for a link.
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', false],
  ])('%j prefers CSV: %s', (accept, expected) => {
    expect(prefersCsv(new Headers(accept === undefined ? {} : { accept }))).toBe(expected);
  });
});
