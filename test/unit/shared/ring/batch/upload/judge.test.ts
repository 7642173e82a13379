import { describe, expect, it } from 'vitest';
import { judgeRows, type UploadedRow } from '../../../../../../shared/ring/batch/upload/judge.ts';
import type { RequestRules } from '../../../../../../shared/ring/model/parse-request.ts';

const sipDomains = ['contoso.com'];
const rules: RequestRules = {
  users: { sipDomains },
  targets: { defaultCountry: undefined, countries: undefined, sipDomains },
};

const right = { user: 'alice@contoso.com', target: '+14255550123' };

function judge(rows: readonly UploadedRow[]) {
  return judgeRows(rows, rules, 0, (property) => (property === 'target' ? 'Mobile' : property));
}

describe('judging rows', () => {
  it('finds nothing wrong with right ones', async () => {
    expect(
      await judge([{ entry: right }, { line: 3, entry: { ...right, ring: 'off', target: null } }]),
    ).toEqual({
      count: 0,
      first: [],
    });
  });

  it('tells every fault of a row by its line, its number and its column', async () => {
    const rows = [
      { line: 2, entry: right },
      { line: 3, entry: { user: 'nobody', target: '12345' } },
      { entry: { ...right, 'a/b~c': 1 } },
      { line: 9, entry: { unreadable: 'The row is broken.' } },
    ];
    const detail = expect.any(String);
    expect(await judge(rows)).toEqual({
      count: 3,
      first: [
        { line: 3, entry: 1, column: 'user', pointer: '/user', detail },
        { line: 3, entry: 1, column: 'Mobile', pointer: '/target', detail },
        { entry: 2, column: 'a/b~c', pointer: '/a~1b~0c', detail },
        { line: 9, entry: 3, pointer: '', detail: 'The row is broken.' },
      ],
    });
  });

  it('counts all wrong rows and tells the first hundred faults', async () => {
    const { count, first } = await judge(
      Array.from({ length: 250 }, () => ({ entry: { user: 'x', target: 'y' } })),
    );
    expect([count, first.length]).toEqual([250, 100]);
    expect(first.at(-1)).toMatchObject({ entry: 49, column: 'Mobile' });
  });

  it('lets other work go on meanwhile', async () => {
    let turns = 0;
    const timer = setImmediate(function next() {
      turns += 1;
      setImmediate(next).unref();
    });
    await judge(Array.from({ length: 2_000 }, () => ({ entry: right })));
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(5);
  });
});
