import { describe, expect, it } from 'vitest';
import { success } from '../../../../../../shared/runtime/result.ts';
import { parse, refusalOf } from '../../../../../support/ring/targets.ts';
import {
  type RefusedNumber,
  refusedAsAmbiguous,
  refusedForms,
  refusedNumbers,
} from '../../../../../support/ring/words/numbers-refused.ts';
import {
  type TakenNumber,
  takenExtensions,
  takenForms,
  takenNational,
} from '../../../../../support/ring/words/numbers-taken.ts';

const taken = [...takenForms, ...takenExtensions, ...takenNational];
const refused = [...refusedAsAmbiguous, ...refusedForms, ...refusedNumbers];

describe('a number', () => {
  it.each<TakenNumber>(taken)('%j is sent as %s', (text, target, defaultCountry) => {
    expect(parse(text, { defaultCountry })).toEqual(success(target));
    expect(parse(text, { defaultCountry, numbers: 'possible' })).toEqual(success(target));
  });

  it.each<TakenNumber>(taken.filter(([_text, _target, country]) => country === undefined))(
    '%j is sent as %s whatever the default country',
    (text, target) => {
      for (const defaultCountry of ['US', 'DE', 'CN', 'KZ'] as const) {
        expect(parse(text, { defaultCountry })).toEqual(success(target));
      }
    },
  );

  it.each<RefusedNumber>(refused)('%j is refused, since it is or has %s', (text, reason, defaultCountry) => {
    expect(refusalOf(text, { defaultCountry })?.detail).toContain(reason);
  });

  it.each<RefusedNumber>(refused)(
    '%j is refused without its digits in the reason',
    (text, _reason, defaultCountry) => {
      const detail = refusalOf(text, { defaultCountry })?.detail ?? '';
      expect(detail).toMatch(/^The target .*\.$/s);
      expect(detail.replace('+1 (425) 555-0123', '')).not.toMatch(/\d/);
    },
  );
});
