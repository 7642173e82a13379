import { expect, it } from 'vitest';
import { hiddenUntilMs } from '../../../../../shared/ring/batch/message/due.ts';

const from = '2026-12-20T08:00:00Z';
const bulk = (more: object) => ({
  schema: 'simring/bulk/1',
  batch: 'hr',
  entries: [{ user: 'alice@contoso.com', from }, { user: 'bob@contoso.com' }],
  ...more,
});
const undo = {
  schema: 'simring/undo/1',
  batch: 'until-x',
  undoes: { batch: 'hr', requestedAt: '2026-11-23T09:00:00Z' },
  requestedAt: '2026-12-21T08:00:00Z',
  entries: [{ user: 'alice@contoso.com', entry: 0 }],
};

it.each<[string, unknown, string | undefined]>([
  ['that was requeued until it is due', bulk({ hop: 1 }), from],
  ['of a PUT that waits', bulk({ batch: 'http-3f0c6a52-8a0e-4c36-9d0b-0f8f6a1f7c11' }), from],
  ['of an undo', undo, undo.requestedAt],
  ['as its sender wrote it', bulk({}), undefined],
  ['that was requeued without a time', bulk({ hop: 1, entries: [{ user: 'bob@contoso.com' }] }), undefined],
  ['that cannot be read', 'hello', undefined],
])('a message %s counts as old from the time until which it was hidden', (_which, content, due) => {
  expect(hiddenUntilMs(content)).toBe(due === undefined ? undefined : Date.parse(due));
});
