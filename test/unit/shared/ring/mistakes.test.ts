import { expect, it } from 'vitest';
import * as z from 'zod';
import { schemaMistakes } from '../../../../shared/ring/mistakes.ts';

it('points into lists and below, and names each unknown property', () => {
  const form = z.strictObject({ list: z.array(z.strictObject({ 'a~/b': z.string() })) });
  const read = form.safeParse({ list: [{ 'a~/b': 'x' }, { 'a~/b': 1, c: 1, d: 1 }], e: 1 });
  const pointers = read.success ? [] : schemaMistakes(read.error).map(({ pointer }) => pointer);
  expect(pointers.sort()).toEqual(['/e', '/list/1/a~0~1b', '/list/1/c', '/list/1/d']);
});
