import { describe, expect, it } from 'vitest';
import { isPublicSuffix } from '../../../../../shared/azure/settings/public-suffixes.ts';
import { hosts, ownDomains } from '../../../../../shared/azure/settings/setting-values.ts';

const issueOf = (read: ReturnType<typeof hosts.safeParse>) =>
  read.error?.issues.map(({ message }) => message);

describe('a public suffix', () => {
  it.each([
    ...['co.uk', 'org.uk', 'ac.at', 'com.au', 'com.br', 'co.jp', 'kawasaki.jp', 'x.kawasaki.jp', 'gob.mx'],
    ...['azurewebsites.net', 'cloudapp.net', 'blob.core.windows.net', 'github.io', 'x.ck', 'k12.ca.us'],
    ...['xn--55qx5d.cn', 'no-ip.org', 'herokuapp.com', 'eu-west-1.compute.amazonaws.com'],
  ])('is %s', (domain) => {
    expect(isPublicSuffix(domain)).toBe(true);
  });

  it.each([
    ...[
      'contoso.com',
      'contoso.co.uk',
      'contoso.local',
      'corp.contoso.com',
      'pool.contoso.azurewebsites.net',
    ],
    ...['city.kawasaki.jp', 'www.ck', 'microsoft.com', 'uk.com.contoso', 'example.k12.ca.us', 'a.example'],
  ])('is not %s', (domain) => {
    expect(isPublicSuffix(domain)).toBe(false);
  });
});

describe('UCWA_TRUSTED_HOSTS', () => {
  it.each(['com', 'local', 'pool', 'co.uk', 'contoso.com,co.uk', 'azurewebsites.net', 'COM', '2130706433'])(
    'refuses %s, and does not repeat it',
    (text) => {
      expect(issueOf(hosts.safeParse(text))).toEqual([
        'must not be a single label, such as com, or a public suffix, such as co.uk: hosts of others are below it. List domains or hosts of your own.',
      ]);
    },
  );

  it.each([
    'localhost',
    '127.0.0.1',
    '[::1]',
    '10.0.0.1',
    '[fd00::1]',
    'contoso.com,contoso.local',
    'pool.contoso.co.uk',
  ])('takes %s', (text) => {
    expect(hosts.safeParse(text)).toEqual({ success: true, data: text.split(',') });
  });
});

describe('SIP_DOMAINS', () => {
  it('may not be a public suffix, since its hosts are trusted by default', () => {
    expect(issueOf(ownDomains.safeParse('contoso.com,co.uk'))).toEqual([
      'must not be a public suffix, such as co.uk: others have domains below it.',
    ]);
    expect(ownDomains.safeParse('contoso.co.uk').success).toBe(true);
  });
});
