import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveHref, withParameter } from '../../../../../shared/ucwa/transport/href.ts';

const foundAt = new URL('https://pool.contoso.com:8443/ucwa/oauth/v1/applications/833?instanceId=1');

describe('resolving an href', () => {
  it.each([
    ['/ucwa/v1/me', 'https://pool.contoso.com:8443/ucwa/v1/me'],
    ['me', 'https://pool.contoso.com:8443/ucwa/oauth/v1/applications/me'],
    ['?a=b', 'https://pool.contoso.com:8443/ucwa/oauth/v1/applications/833?a=b'],
    ['https://other.contoso.com/x?y=%2b', 'https://other.contoso.com/x?y=%2b'],
    ['http://other.contoso.com/', 'http://other.contoso.com/'],
    ['//v1/applications/833', 'https://pool.contoso.com:8443//v1/applications/833'],
    ['///v1', 'https://pool.contoso.com:8443///v1'],
    ['//evil.example@host:1/x', 'https://pool.contoso.com:8443//evil.example@host:1/x'],
    ['/people/alex@contoso.com', 'https://pool.contoso.com:8443/people/alex@contoso.com'],
  ])('turns %s into %s', (href, expected) => {
    expect(resolveHref(href, foundAt)?.href).toBe(expected);
  });

  it.each([
    'https://[',
    'https://',
    'javascript:alert(1)',
    'sip:alex@contoso.com',
    'tel:+1',
    'file:///etc/passwd',
  ])('refuses %s', (href) => {
    expect(resolveHref(href, foundAt)).toBeUndefined();
  });

  it('never leads to another origin if it begins with //', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webAuthority(), fc.webPath()), (rest) => {
        expect(resolveHref(`//${rest}`, foundAt)?.origin).toBe(foundAt.origin);
      }),
    ));

  it('gives an http or https URL or none', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), (href) => {
        expect(['https:', 'http:', undefined]).toContain(resolveHref(href, foundAt)?.protocol);
      }),
    ));
});

/** Queries as servers write them: escapes in either case, unescaped characters, names without values. */
const serverQuery = fc
  .array(fc.oneof(fc.stringMatching(/^[\w.~+=&;:@/?!$()*,-]$/), fc.stringMatching(/^%[0-9a-fA-F]{2}$/)), {
    minLength: 1,
  })
  .map((pieces) => pieces.join(''));

describe('adding a parameter to a link', () => {
  it('leaves the existing query as it is, byte for byte', () =>
    fc.assert(
      fc.property(serverQuery, fc.string(), (query, value) => {
        const { href } = withParameter(new URL(`https://pool.contoso.com/ring?${query}`), 'target', value);
        expect(href.startsWith(`https://pool.contoso.com/ring?${query}&target=`)).toBe(true);
      }),
    ));

  it('encodes the value so that it decodes to the same text', () =>
    fc.assert(
      fc.property(serverQuery, fc.string({ unit: 'grapheme' }), (query, value) => {
        const url = withParameter(new URL(`https://pool.contoso.com/ring?${query}`), 'target', value);
        expect(url.searchParams.getAll('target').at(-1)).toBe(value);
      }),
    ));

  it.each([
    ['https://h.example/ring', 'https://h.example/ring?target=tel%3A%2B1425'],
    ['https://h.example/ring?', 'https://h.example/ring?target=tel%3A%2B1425'],
    ['https://h.example/ring?a=b==', 'https://h.example/ring?a=b==&target=tel%3A%2B1425'],
    ['https://h.example/ring?a=%2b#top', 'https://h.example/ring?a=%2b&target=tel%3A%2B1425#top'],
  ])('turns %s into %s', (link, expected) => {
    expect(withParameter(new URL(link), 'target', 'tel:+1425').href).toBe(expected);
  });

  it('does not change the link that it was given', () => {
    const link = new URL('https://h.example/ring');
    withParameter(link, 'target', 'tel:+1425');
    expect(link.href).toBe('https://h.example/ring');
  });
});
