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
const extended = telUri('tel:+14255550123;ext=54321');
const alex = sipUri('sip:alex@contoso.com');

describe('the canonical form of a target', () => {
  it.each([
    ['tel:+14255550123', 'tel:+14255550123'],
    ['TEL:+1 (425) 555-0123', 'tel:+14255550123'],
    [' +1.425.555.0123 ', 'tel:+14255550123'],
    ['tel:+14255550123;ext=54321', 'tel:+14255550123;ext=54321'],
    ['tel:+14255550123;phone-context=contoso.com;ext=54321', 'tel:+14255550123;ext=54321'],
    ['tel:+14255550123;phone-context=defaultprofile', 'tel:+14255550123'],
    ['sip:+14255550123@contoso.com;user=phone', 'tel:+14255550123'],
    ['sips:+14255550123@contoso.com;user=phone', 'tel:+14255550123'],
    ['SIP:+14255550123@Contoso.com;User=Phone', 'tel:+14255550123'],
    ['sip:+14255550123;ms-skip-rnl=true@contoso.com;user=phone', 'tel:+14255550123'],
    ['sip:+14255550123;ext=54321;ms-skip-rnl=true@contoso.com;user=phone', 'tel:+14255550123;ext=54321'],
    ['sip:Alex@Contoso.com', 'sip:alex@contoso.com'],
    ['alex@contoso.com', 'sip:alex@contoso.com'],
    ['sip:alex@contoso.com;opaque=user:epid:x;gruu', 'sip:alex@contoso.com'],
  ])('of %s is %s', (uri, expected) => {
    expect(canonicalTarget(uri)).toBe(expected);
  });

  it.each([
    '',
    'tel:',
    'tel:4255550123',
    'tel:4255551212;phone-context=defaultprofile',
    'tel:+0123',
    'tel:+1425CALLME',
    'x-link:1',
  ])('does not exist for "%s"', (uri) => {
    expect(canonicalTarget(uri)).toBeUndefined();
  });
});

describe('comparing a contact', () => {
  it.each<[uri: string | undefined, numbers: string[], target: typeof number | typeof alex, ContactMatch]>([
    ['tel:+14255550123', [], number, 'same'],
    ['sip:+14255550123@contoso.com;user=phone', [], number, 'same'],
    ['sip:+14255550123;ms-skip-rnl=true@contoso.com;user=phone', [], number, 'same'],
    ['tel:+14255550123;ext=54321', [], extended, 'same'],
    ['tel:+14255550199', [], number, 'other'],
    ['tel:+14255550199', ['tel:+14255550123'], number, 'other'],
    ['tel:+14255550123', [], extended, 'other'],
    ['sip:anne@contoso.com', ['tel:+14255550123'], number, 'among-numbers'],
    ['sip:anne@contoso.com', ['4255550199', '+1 425 555-0123'], number, 'among-numbers'],
    [undefined, ['tel:+14255550123'], number, 'among-numbers'],
    ['sip:anne@contoso.com', ['tel:+14255550199'], number, 'other'],
    ['sip:anne@contoso.com', ['tel:+14255550199', '4255550123'], number, 'unknown'],
    ['sip:anne@contoso.com', ['14255550123'], number, 'unknown'],
    ['sip:anne@contoso.com', [], number, 'unknown'],
    ['tel:4255550123;phone-context=defaultprofile', [], number, 'unknown'],
    [undefined, [], number, 'unknown'],
    ['sip:Alex@contoso.com', [], alex, 'same'],
    ['sip:alex@contoso.com;user=ip', [], alex, 'same'],
    ['sip:anne@contoso.com', ['tel:+14255550123'], alex, 'other'],
    ['tel:+14255550123', [], alex, 'other'],
    [undefined, [], alex, 'unknown'],
    ['x-link:1', [], alex, 'unknown'],
    ['sip:+14255550123@contoso.com', [], sipUri('+14255550123@contoso.com'), 'same'],
    ['tel:+14255550123', [], sipUri('+14255550123@contoso.com'), 'unknown'],
  ])('with uri %s and numbers %j to the target %s gives %s', (uri, numbers, target, expected) => {
    expect(compareContact({ uri, numbers }, target)).toBe(expected);
  });
});

describe('reading a contact', () => {
  it('returns its uri and all numbers that are text', () => {
    const content = {
      uri: 'sip:anne@contoso.com',
      workPhoneNumber: 'tel:+1',
      mobilePhoneNumber: 'tel:+2',
      homePhoneNumber: 'tel:+3',
      otherPhoneNumber: 4,
      office: 'tel:+5',
      faxNumber: 'tel:+6',
    };
    expect(readContact(parseResource(responseWith({ text: JSON.stringify(content) })))).toEqual({
      uri: 'sip:anne@contoso.com',
      numbers: ['tel:+1', 'tel:+2', 'tel:+3', 'tel:+5'],
    });
  });
});
