import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../../../../shared/ring/model/dial-rules.ts';
import { success } from '../../../../../shared/runtime/result.ts';
import { alice, dialRules, parse, refusalOf } from '../../../../support/ring/targets.ts';

describe('a contact', () => {
  it.each([
    ['sip:Bob@Contoso.com', 'sip:bob@contoso.com'],
    ['SIP:BOB@CONTOSO.COM', 'sip:bob@contoso.com'],
    [' bob.o-neil+1@fabrikam.com ', 'sip:bob.o-neil+1@fabrikam.com'],
    ["sip:O'Brien@contoso.com", "sip:o'brien@contoso.com"],
    ['12345@contoso.com', 'sip:12345@contoso.com'],
  ])('%j is sent as %s', (text, target) => {
    expect(parse(text)).toEqual(success(target));
  });

  it.each([
    'sip:bob@contoso.com;user=phone',
    'sip:+14255550123@contoso.com;user=phone',
    'sip:bob@contoso.com;transport=tls',
    'sip:bob@contoso.com?subject=x',
    'sip:bob@contoso.com:5061',
    'sips:bob@contoso.com',
    'sip:bob',
    'sip:@contoso.com',
    'bob@@contoso.com',
    'bob@contoso',
    'bob%40contoso.com@contoso.com',
    '"Bob" <sip:bob@contoso.com>',
    'sip:bob@contoso.com,sip:carol@contoso.com',
    'mailto:bob@contoso.com',
    'sip:böb@contoso.com',
  ])('is refused as an invalid address: %j', (text) => {
    expect(refusalOf(text)?.code).toBe('invalid-request');
  });

  it('may not have a phone number as its user part', () => {
    expect(refusalOf('sip:+19002345678@contoso.com')).toEqual({
      code: 'invalid-request',
      detail: expect.stringContaining('in the form of a SIP address'),
    });
  });

  it('of another domain is refused, unless the dial rules allow that domain or all', () => {
    const text = 'sip:bob@northwind.example';
    expect(refusalOf(text)).toEqual({
      code: 'target-not-allowed',
      detail: expect.stringContaining('TARGET_SIP_DOMAINS'),
    });
    expect(refusalOf('sip:bob@sales.contoso.com')?.code).toBe('target-not-allowed');
    expect(parse(text, { sipDomains: ['northwind.example'] })).toEqual(success(text));
    expect(parse(text, { sipDomains: undefined })).toEqual(success(text));
  });

  it.each(['sip:alice@contoso.com', 'alice@contoso.com', 'SIP:Alice@CONTOSO.com'])(
    'that is the user, as %s, is refused',
    (text) => {
      expect(refusalOf(text)).toEqual({
        code: 'target-not-allowed',
        detail: expect.stringContaining('own address'),
      });
    },
  );

  it('is accepted when the user is not known', () => {
    expect(parseTarget('alice@contoso.com', undefined, dialRules)).toEqual(success(alice));
  });

  it.each([
    ['written with sip:', 'sip:'],
    ['written without sip:', ''],
  ])('is accepted with 80 characters, sip: included, and refused with 81, when it is %s', (_form, scheme) => {
    const ofLength = (length: number) => `${'b'.repeat(length - 'sip:@contoso.com'.length)}@contoso.com`;
    expect(parse(`${scheme}${ofLength(80)}`)).toEqual(success(`sip:${ofLength(80)}`));
    expect(`sip:${ofLength(80)}`).toHaveLength(80);
    expect(refusalOf(`${scheme}${ofLength(81)}`)).toEqual({
      code: 'invalid-request',
      detail: expect.stringContaining('more than 80 characters'),
    });
  });
});
