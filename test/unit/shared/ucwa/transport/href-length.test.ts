import { describe, expect, it } from 'vitest';
import { resolveHref } from '../../../../../shared/ucwa/transport/href.ts';

const foundAt = new URL('https://pool.contoso.com/user');

describe('an href', () => {
  it('may be as long as 4096 characters', () => {
    const path = `/${'a'.repeat(4_095)}`;
    expect(resolveHref(path, foundAt)?.pathname).toBe(path);
    expect(resolveHref(`${path}a`, foundAt)).toBeUndefined();
  });

  it('may have a host as long as DNS allows', () => {
    const longest = `${'a.'.repeat(126)}b`;
    expect(resolveHref(`https://${longest}/`, foundAt)?.host).toBe(longest);
    expect(resolveHref(`https://a.${longest}/`, foundAt)).toBeUndefined();
    expect(resolveHref(`https://${longest}:8443/?a=${'b'.repeat(1_000)}`, foundAt)?.hostname).toBe(longest);
  });

  it.each([
    ['a'.repeat(2_000), 'https://'],
    ['ü.'.repeat(100), 'https://'],
    ['中丠'.repeat(500), '\t HTTPS:\\\\'],
    ['a'.repeat(2_000), 'ht\ntps://'],
  ])('has no host of many characters (%#)', (host, scheme) => {
    expect(resolveHref(`${scheme}${host}/`, foundAt)).toBeUndefined();
  });

  it.each(['%61', '%C3%BC'])('has no host of many escapes: %s', (escaped) => {
    expect(resolveHref(`https://${escaped.repeat(300)}/`, foundAt)).toBeUndefined();
  });
});
