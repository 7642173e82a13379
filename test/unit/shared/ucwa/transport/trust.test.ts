import { describe, expect, it } from 'vitest';
import { isLoopback, isTrusted } from '../../../../../shared/ucwa/transport/trust.ts';

describe('a URL is trusted', () => {
  it.each([
    ['of a listed host', 'https://contoso.com/', ['contoso.com']],
    ['of a subdomain', 'https://pool.ad.contoso.com/', ['contoso.com']],
    ['in capitals', 'https://POOL.Contoso.COM/', ['contoso.com']],
    ['on another port', 'https://pool.contoso.com:8443/', ['contoso.com']],
    ['of the second listed host', 'https://pool.corp.local/', ['contoso.com', 'corp.local']],
    ['of a listed loopback address over http', 'http://127.0.0.1:7080/', ['127.0.0.1']],
    ['of listed localhost over http', 'http://localhost:7080/', ['localhost']],
    ['of a listed IPv6 loopback address over http', 'http://[::1]:7080/', ['[::1]']],
    ['of a listed loopback address over https', 'https://127.0.0.1/', ['127.0.0.1']],
  ])('%s', (_name, url, hosts) => {
    expect(isTrusted(new URL(url), hosts)).toBe(true);
  });
});

describe('a URL is not trusted', () => {
  it.each([
    ['of a host that is not listed', 'https://fabrikam.com/', ['contoso.com']],
    ['of a host that ends like a listed one', 'https://evilcontoso.com/', ['contoso.com']],
    ['of a host that begins like a listed one', 'https://contoso.com.evil.example/', ['contoso.com']],
    ['of the parent domain of a listed one', 'https://contoso.com/', ['pool.contoso.com']],
    ['over http', 'http://pool.contoso.com/', ['contoso.com']],
    ['over http to a host name that begins with 127.', 'http://127.0.0.1.contoso.com/', ['contoso.com']],
    ['over http to a subdomain of localhost', 'http://pool.localhost/', ['localhost']],
    ['of a loopback address that is not listed', 'http://127.0.0.1/', ['localhost', 'contoso.com']],
    ['of another loopback address than the listed one', 'http://127.0.0.2/', ['127.0.0.1']],
    ['over http to a private address', 'http://10.0.0.1/', ['10.0.0.1']],
    ['with a user name', 'https://contoso.com@contoso.com/', ['contoso.com']],
    ['with a password', 'https://:secret@contoso.com/', ['contoso.com']],
    ['of another scheme', 'ftp://contoso.com/', ['contoso.com']],
    ['without a host', 'file:///etc/hosts', ['contoso.com']],
    ['if no host is listed', 'https://contoso.com/', []],
  ])('%s', (_name, url, hosts) => {
    expect(isTrusted(new URL(url), hosts)).toBe(false);
  });
});

describe('a loopback host', () => {
  it.each(['localhost', '127.0.0.1', '127.255.0.3', '::1', '[::1]'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['128.0.0.1', '0.0.0.0', '127.0.0.1.example', 'localhost.example', 'my-localhost', '::', ''])(
    'is not "%s"',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
