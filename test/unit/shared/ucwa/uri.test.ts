import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domainOf, isTelUri, parseSipUri, parseTelUri } from '../../../../shared/ucwa/uri.ts';
import { sipUri, telUri } from '../../../support/ucwa/users.ts';

const userPart = fc.stringMatching(/^[a-z0-9!$&'*+=_~.-]{1,30}$/);
const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?$/);
const domain = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'));
const address = fc.tuple(userPart, domain).map(([user, host]) => `${user}@${host}`);

describe('parsing a SIP address', () => {
  it('ignores the scheme, the case and surrounding white space', () =>
    fc.assert(
      fc.property(address, (text) => {
        for (const written of [text, `sip:${text}`, `SIP:${text.toUpperCase()}`, ` ${text}\n`]) {
          expect(parseSipUri(written)).toBe(`sip:${text}`);
        }
      }),
    ));

  it('leaves a parsed address as it is', () =>
    fc.assert(
      fc.property(fc.oneof(address, fc.string()), (text) => {
        const uri = parseSipUri(text);
        if (uri !== undefined) expect(parseSipUri(uri)).toBe(uri);
      }),
    ));

  it('finds the domain after the @', () =>
    fc.assert(
      fc.property(userPart, domain, (user, host) => {
        expect(domainOf(sipUri(`${user}@${host}`))).toBe(host);
      }),
    ));

  it.each([
    ['without a user', 'sip:@contoso.com'],
    ['without a domain', 'sip:alice@'],
    ['with a domain of one label', 'sip:alice@localhost'],
    ['with two @ signs', 'sip:alice@bob@contoso.com'],
    ['with parameters', 'sip:alice@contoso.com;user=phone'],
    ['with a port', 'sip:alice@contoso.com:5061'],
    ['with a space', 'sip:al ice@contoso.com'],
    ['with an escape', 'sip:al%20ice@contoso.com'],
    ['with quotes', '"alice"@contoso.com'],
    ['with a label that ends in a hyphen', 'alice@contoso-.com'],
    ['with letters outside ASCII', 'älice@contoso.com'],
    ['with another scheme', 'sips:alice@contoso.com'],
    ['with more than 254 characters', `${'x'.repeat(250)}@contoso.com`],
    ['of two lines', 'sip:alice@contoso.com\nsip:bob@contoso.com'],
    ['without any characters', ''],
  ])('refuses one %s', (_name, text) => {
    expect(parseSipUri(text)).toBeUndefined();
  });
});

describe('parsing a tel: URI', () => {
  const digits = fc.stringMatching(/^[1-9]\d{1,14}$/);
  const extension = fc.stringMatching(/^\d{1,15}$/);

  it('accepts a plus sign, 2 to 15 digits, and an optional extension', () =>
    fc.assert(
      fc.property(digits, extension, (number, ext) => {
        expect(parseTelUri(`tel:+${number}`)).toBe(`tel:+${number}`);
        expect(parseTelUri(`tel:+${number};ext=${ext}`)).toBe(`tel:+${number};ext=${ext}`);
      }),
    ));

  it('returns the text unchanged or refuses it', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          digits.map((number) => `tel:+${number} `),
        ),
        (text) => {
          expect([text, undefined]).toContain(parseTelUri(text));
        },
      ),
    ));

  it.each([
    'tel:4255550123',
    'tel:+04255550123',
    'tel:+1',
    'tel:+1234567890123456',
    'tel:+1 425 555 0123',
    'TEL:+14255550123',
    'tel:+14255550123;ext=',
    'tel:+14255550123;ext=1234567890123456',
    'tel:+14255550123;phone-context=x',
    'tel:+14255550123\n',
    'tel:+١٤٢٥٥٥٥٠١٢٣',
    '+14255550123',
    '',
  ])('refuses %j', (text) => {
    expect(parseTelUri(text)).toBeUndefined();
  });

  it('gives a URI that can be told from a SIP address', () => {
    expect(isTelUri(telUri('tel:+14255550123'))).toBe(true);
    expect(isTelUri(sipUri('+14255550123@contoso.com'))).toBe(false);
  });
});
