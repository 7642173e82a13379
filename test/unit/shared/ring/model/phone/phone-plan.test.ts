import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  behindInternationalPrefix,
  hasOneLength,
  phoneMetadata,
} from '../../../../../../shared/ring/model/phone/phone-plan.ts';

const library = new URL('../../../../../../node_modules/libphonenumber-js/', import.meta.url);
const textOf = (file: string) => readFileSync(new URL(file, library), 'utf8');

describe('the phone metadata', () => {
  it('has the version and the date that the changelog of the installed library tells', () => {
    const { version }: { version: string } = JSON.parse(textOf('package.json'));
    const changes = textOf('CHANGELOG.md');
    const [newest = ''] = changes.slice(changes.indexOf(`\n${version} /`)).split(/\n\n(?=\d+\.\d+\.\d+ \/)/);
    const [, day, month, year] = /\/ (\d+)\.(\d+)\.(\d+)/.exec(newest) ?? [];
    expect(/metadata to version ([\d.]+):/.exec(newest)?.[1]).toBe(phoneMetadata.version);
    expect(`${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}`).toBe(phoneMetadata.date);
  });

  it.each([
    ['US', 'FIXED_LINE_OR_MOBILE', true],
    ['US', undefined, true],
    ['CN', 'MOBILE', true],
    ['CN', 'FIXED_LINE', false],
    ['IN', 'MOBILE', true],
    ['IT', 'MOBILE', false],
    ['DE', 'FIXED_LINE', false],
    ['DE', 'UAN', false],
    ['DE', 'PERSONAL_NUMBER', true],
    ['FR', 'MOBILE', true],
    ['FR', undefined, true],
    ['DE', undefined, false],
  ] as const)(
    'tells whether numbers have one length in %s, of the type %s: %s',
    (country, type, expected) => {
      expect(hasOneLength(country, type)).toBe(expected);
    },
  );

  it.each([
    ['00442079460018', 'DE', ['442079460018']],
    ['011442079460018', 'US', ['442079460018']],
    ['00442079460018', 'US', []],
    ['0000442079460018', 'DE', []],
    ['0014442079460018', 'BO', ['14442079460018', '442079460018']],
    ['14120011442079460018', 'AU', []],
    ['14110011442079460018', 'AU', ['442079460018']],
    ['0442079460018', 'WS', ['442079460018']],
  ] as const)('tells what stands behind the international prefix of %s in %s', (digits, country, rest) => {
    expect(behindInternationalPrefix(digits, country)).toEqual(rest);
  });
});
