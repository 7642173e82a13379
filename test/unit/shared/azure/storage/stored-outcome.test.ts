import { describe, expect, it } from 'vitest';
import { outcomeSchema } from '../../../../../shared/azure/storage/stored-outcome.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const applied = outcomeOf('applied');
const warning = { code: 'unanswered-lost', detail: 'UCWA does not show where unanswered calls go.' };

describe('the warnings of a stored outcome', () => {
  it.each([
    { ...applied, warnings: [warning] },
    { ...applied, warnings: [] },
    { ...applied, warnings: [{ ...warning, code: 'not-restored' }] },
  ])('are read as they were stored, with codes of a newer version too', (outcome) => {
    expect(outcomeSchema.parse(outcome)).toEqual(outcome);
    expect(JSON.stringify(outcomeSchema.parse(outcome))).toBe(JSON.stringify(outcome));
  });

  it('are refused in another form', () => {
    expect(outcomeSchema.safeParse({ ...applied, warnings: ['unanswered-lost'] }).success).toBe(false);
  });
});
