import { describe, expect, it } from 'vitest';
import { parseSendArguments } from '../../../../infra/cli/send/arguments.ts';
import { countsLine, failureLines, placeOf, wrongLines } from '../../../../infra/cli/send/texts.ts';

const url = 'https://my-app.azurewebsites.net';

describe('the arguments of npm run send', () => {
  it('are read with their defaults', () => {
    expect(parseSendArguments(['people.csv', '--url', url])).toMatchObject({
      file: 'people.csv',
      to: { url: new URL(url), keyFile: undefined },
      dryRun: false,
      wait: true,
    });
    expect(parseSendArguments(['-', '--queue', '--no-wait'])).toMatchObject({ to: 'queue', wait: false });
    expect(parseSendArguments(['--help'])).toBe('help');
  });

  it.each([
    [[], 'Name the file'],
    [['a.csv', 'b.csv', '--url', url], 'One file'],
    [['a.csv'], 'Say where'],
    [['a.csv', '--queue', '--url', url], 'not both'],
    [['a.csv', '--url', 'my-app'], 'not a URL'],
    [['a.csv', '--url', 'http://my-app.example'], 'https://'],
    [['a.csv', '--url', `${url}/?code=x`], 'SIMRING_KEY'],
    [['a.csv', '--url', url, '--batch', 'my file'], '--batch'],
    [['a.csv', '--url', url, '--batch', 'x'.repeat(61)], '--batch'],
    [['a.csv', '--url', url, '--no-wait', '--report', 'r.csv'], '--report'],
    [['a.csv', '--key', 'x'], '--help'],
  ])('%j are refused in one line', (argv, words) => {
    const refusal = () => parseSendArguments(argv);
    expect(refusal).toThrow(words);
    expect(refusal).toThrow(/^[^\n]+$/);
  });
});

describe('what npm run send prints', () => {
  it('names where a wrong value is, as far as that is known', () => {
    expect(placeOf({ line: 4, entry: 2, column: 'target' })).toBe('line 4, target: ');
    expect(placeOf({ entry: 2 })).toBe('entry 2: ');
    expect(placeOf({})).toBe('');
  });

  it('tells how many entries are wrong, and the first of them', () => {
    const first = [{ line: 2, column: 'user', detail: 'It is wrong.' }];
    expect(wrongLines({ batch: 'b', entries: 3, rejected: { count: 1, first } })).toEqual([
      '1 of 3 entries is wrong:',
      '  line 2, user: It is wrong.',
    ]);
  });

  it('lets no text from outside move the cursor or turn its direction', () => {
    const [line = ''] = failureLines(
      [{ user: 'a\u001b[2J\u202e@x', outcome: 'failed', detail: 'b\r\nc' }],
      1,
    );
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('counts outcomes, and leaves out those that none has', () => {
    expect(countsLine({ counts: { applied: 1_200, failed: 0, rejected: 2 } })).toBe(
      '1,200 applied, 2 rejected',
    );
  });
});
