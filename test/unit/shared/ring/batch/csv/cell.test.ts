import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromCell, toCell } from '../../../../../../shared/ring/batch/csv/cell.ts';

const text = fc.string({ unit: fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', 'a', '1', ' ') });

describe('a cell', () => {
  it('comes back as the text that it was made of', () => {
    fc.assert(fc.property(text, (some) => void expect(fromCell(toCell(some))).toBe(some)));
  });

  it('never begins as a formula', () => {
    fc.assert(fc.property(text, (some) => void expect(toCell(some)).not.toMatch(/^[=+\-@\t\r]/)));
  });

  it('keeps an apostrophe that protects nothing', () => {
    expect(fromCell("'tis")).toBe("'tis");
  });
});
