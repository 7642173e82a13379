import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashOfAll } from '../../../../../../shared/ring/batch/message/digest.ts';
import { nameOfHash } from '../../../../../../shared/ring/batch/name-of-hash.ts';

describe('the name of content', () => {
  it('is a prefix and the first 26 letters of its hash in base32', () => {
    const hash = createHash('sha256').update('').digest();
    // As other tools write it: printf '' | sha256sum | xxd -r -p | base32
    expect(nameOfHash('up-', hash)).toBe('up-4oymiquy7qobjgx36tejs35zeq');
  });

  it('is the same for the same entries, and another for others, in another order, or as a dry run', () => {
    const [a, b] = [{ user: 'a@contoso.com' }, { user: 'b@contoso.com' }];
    const names = [
      [false, [a, b]],
      [false, [b, a]],
      [false, [a]],
      [false, []],
      [true, [a, b]],
    ] as const;
    const all = names.map(([dryRun, entries]) => nameOfHash('up-', hashOfAll(dryRun, entries)));
    expect(new Set(all).size).toBe(names.length);
    expect(nameOfHash('up-', hashOfAll(false, [{ ...a }, { ...b }]))).toBe(all[0]);
  });
});
