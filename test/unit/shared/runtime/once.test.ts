import { describe, expect, it } from 'vitest';
import { once } from '../../../../shared/runtime/once.ts';

describe('once', () => {
  it('creates one thing for all calls, those at the same time included', async () => {
    let created = 0;
    const get = once(async () => ++created);
    expect(await Promise.all([get(), get()])).toEqual([1, 1]);
    expect(await get()).toBe(1);
  });

  it('tries again after a creation that failed, and keeps the one that succeeded', async () => {
    let tries = 0;
    const get = once(async () => {
      tries += 1;
      if (tries < 3) throw new Error(`Try ${tries} failed.`);
      return tries;
    });
    await expect(Promise.all([get(), get()])).rejects.toThrow('Try 1 failed.');
    await expect(get()).rejects.toThrow('Try 2 failed.');
    expect(await get()).toBe(3);
    expect(await get()).toBe(3);
  });
});
