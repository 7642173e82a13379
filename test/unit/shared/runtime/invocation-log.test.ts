import { expect, it } from 'vitest';
import { createInvocationLog } from '../../../../shared/runtime/invocation-log.ts';

it('writes each event as one line of JSON, at its level and without it', () => {
  const lines: [level: string, line: string][] = [];
  const log = createInvocationLog({
    info: (line) => void lines.push(['info', line]),
    warn: (line) => void lines.push(['warn', line]),
    error: (line) => void lines.push(['error', line]),
  });
  const event = { event: 'pool-used', host: 'pool.contoso.com', hosts: ['a\nb'], user: undefined };
  log({ ...event, level: 'info' });
  log({ event: 'claim-lost', level: 'warn' });
  log({ event: 'unexpected-error', level: 'error' });
  expect(lines).toEqual([
    ['info', String.raw`{"event":"pool-used","host":"pool.contoso.com","hosts":["a\nb"]}`],
    ['warn', '{"event":"claim-lost"}'],
    ['error', '{"event":"unexpected-error"}'],
  ]);
});
