import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ContactMatch,
  canonicalTarget,
  compareContact,
  readContact,
} from '../../../../shared/ucwa/contact.ts';
import { parseResource } from '../../../../shared/ucwa/transport/resource.ts';
import { responseWith } from '../../../support/ucwa/responses.ts';
import { sipUri, telUri } from '../../../support/ucwa/users.ts';

const number = telUri('tel:+14255550123');

describe('a SIP address', () => {
  it.each([
    ['sip:+14255550123@contoso.com;user=phone', number],
    ['sip:+14255550123@contoso.com;transport=tls;USER=PHONE', number],
    ['sip:+14255550123;ms-skip-rnl=true@contoso.com;user=phone', number],
    ['sip:+14255550123;ms-skip-rnl=true@contoso.com', number],
    ['sip:+14255550123;ms-skip-rnl@contoso.com', number],
    ['sip:+1-425-555-0123@contoso.com;user=phone', number],
  ])('that says so is a number: %s', (uri, expected) => {
    expect(canonicalTarget(uri)).toBe(expected);
  });

  it.each([
    'sip:+14255550123@contoso.com',
    'sip:+-19005551234@contoso.com',
    'sip:+.19005551234@contoso.com',
    'sip:19005551234@contoso.com',
    'sip:104711@contoso.com',
    'sip:911@contoso.com',
  ])('that does not say so is none, whatever its user part: %s', (uri) => {
    expect(canonicalTarget(uri)).toBe(uri);
    expect(canonicalTarget(`${uri};user=ip`)).toBe(uri);
    expect(canonicalTarget(`${uri};x-user=phone`)).toBe(uri);
  });
});

describe('a target without a canonical form', () => {
  it.each([
    'tel:4255551212;phone-context=defaultprofile',
    'sip:4255551212;phone-context=defaultprofile@contoso.com;user=phone',
    'sip:4255551212@contoso.com;user=phone',
    'sip:alice@contoso.com;user=phone',
    'sip:alice%20b@contoso.com',
    'sip:al%69ce@contoso.com',
    'sip:alice:secret@contoso.com',
    'sip:alice@contoso.com:5061',
    'sip:alice@[2001:db8::1]',
    'sip:alice@localhost',
    'sips:alice@contoso.com',
    'sip:"alice b"@contoso.com',
    'sip:alice@contoso.com?subject=x',
    'sip:@contoso.com',
    'sip:alice@',
    '@',
    'tel:',
    'tel:911',
    'mailto:alice@contoso.com',
    'urn:service:sos',
    `sip:${'a'.repeat(2_000)}@contoso.com`,
    `tel:+1425${' '.repeat(2_000)}5550123`,
  ])('is "%s", and is the same only as that text', (uri) => {
    expect(canonicalTarget(uri)).toBeUndefined();
    expect(compareContact({ uri, numbers: [] }, uri)).toBe('same');
    expect(compareContact({ uri: `${uri} `, numbers: [] }, uri)).toBe('unknown');
    expect(compareContact({ uri, numbers: ['tel:+14255550199'] }, number)).toBe('unknown');
    expect(compareContact({ uri: undefined, numbers: [] }, uri)).toBe('unknown');
    expect(compareContact({ uri: number, numbers: [number] }, uri)).toBe('unknown');
  });

  it('never makes the parser throw, whatever the text', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (text) => {
        canonicalTarget(text);
        canonicalTarget(`sip:${text}`);
        canonicalTarget(`tel:+${text}`);
        compareContact({ uri: text, numbers: [text] }, number);
      }),
    ));
});

describe('a contact whose user part is a number', () => {
  const others = ['tel:+14255550199'];
  it.each<[uri: string, numbers: string[], ContactMatch]>([
    ['sip:+14255550123@contoso.com', [], 'unknown'],
    ['sip:14255550123@contoso.com', [], 'unknown'],
    ['sip:0014255550123@contoso.com', [], 'unknown'],
    ['sip:4255550123@contoso.com', [], 'unknown'],
    ['sip:04255550123@contoso.com', [], 'unknown'],
    ['sip:+1-425-555-0123@contoso.com', [], 'unknown'],
    ['sip:+1_425.555~0123@contoso.com', [], 'unknown'],
    ['sip:0123@contoso.com', [], 'unknown'],
    ['sip:+14255550123@contoso.com', others, 'unknown'],
    ['sip:4255550123@contoso.com', others, 'unknown'],
    ['sip:+14255550123@contoso.com', [number], 'among-numbers'],
    ['sip:104711@contoso.com', [], 'unknown'],
    ['sip:104711@contoso.com', others, 'other'],
    ['sip:alice.0123@contoso.com', others, 'other'],
  ])('does not prove that number: %s with %j', (uri, numbers, expected) => {
    expect(compareContact({ uri, numbers }, number)).toBe(expected);
  });

  it.each<[uri: string, target: string, ContactMatch]>([
    ['tel:+14255550123', '+14255550123@contoso.com', 'unknown'],
    ['tel:+14255550123', '4255550123@contoso.com', 'unknown'],
    ['sip:+14255550123@contoso.com;user=phone', '14255550123@contoso.com', 'unknown'],
    ['tel:+14255550123', '104711@contoso.com', 'other'],
    ['tel:+14255550123', 'alice@contoso.com', 'other'],
    ['sip:104711@contoso.com', '104711@contoso.com', 'same'],
    ['sip:104711@fabrikam.com', '104711@contoso.com', 'other'],
    ['sip:4255550123@contoso.com;user=phone', '4255550123@contoso.com', 'unknown'],
  ])('is not proved by a number: %s for %s', (uri, target, expected) => {
    expect(compareContact({ uri, numbers: [] }, sipUri(target))).toBe(expected);
  });
});

describe('reading a contact', () => {
  const read = (content: object) =>
    readContact(parseResource(responseWith({ text: JSON.stringify(content) })));

  it.each([
    'tel:4255551212;phone-context=defaultprofile',
    'SIP:+14255550123;ms-skip-rnl=TRUE@Contoso.com;user=phone',
    'sip:alice%20b@Contoso.com',
    ' sip:Alice@Contoso.COM ',
  ])('keeps the text of the server byte for byte: "%s"', (uri) => {
    expect(read({ uri }).uri).toBe(uri);
  });

  it('leaves out an address that no server could set again', () => {
    expect(read({ uri: `sip:${'a'.repeat(1_000)}@contoso.com` }).uri).toBeUndefined();
  });
});
