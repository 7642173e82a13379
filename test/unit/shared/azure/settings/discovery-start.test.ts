import { describe, expect, it } from 'vitest';
import { problemsOf, requiredSettings, wrongNames } from '../../../../support/azure/settings.ts';

describe('the start of discovery', () => {
  it.each<[string, NodeJS.ProcessEnv]>([
    ['in a SIP domain', { UCWA_DISCOVERY_URL: 'https://lyncdiscover.contoso.com/' }],
    [
      'on a host that is listed',
      { UCWA_DISCOVERY_URL: 'https://x.corp.local/', UCWA_TRUSTED_HOSTS: 'corp.local' },
    ],
    [
      'on a loopback address that is listed',
      { UCWA_DISCOVERY_URL: 'http://127.0.0.1:7080/', UCWA_TRUSTED_HOSTS: '127.0.0.1' },
    ],
    [
      'on localhost, listed',
      { UCWA_DISCOVERY_URL: 'http://localhost:7080/', UCWA_TRUSTED_HOSTS: 'localhost' },
    ],
  ])('may be %s', (_what, environment) => {
    expect(wrongNames(environment)).toEqual([]);
  });

  it.each<[string, NodeJS.ProcessEnv]>([
    ['on a foreign host', { UCWA_DISCOVERY_URL: 'https://lyncdiscover.northwind.example/' }],
    ['on a host whose name only ends like a SIP domain', { UCWA_DISCOVERY_URL: 'https://evilcontoso.com/' }],
    ['on a loopback address that is not listed', { UCWA_DISCOVERY_URL: 'http://127.0.0.1:7080/' }],
    ['at a URL with a password', { UCWA_DISCOVERY_URL: 'https://a:b@lyncdiscover.contoso.com/' }],
    [
      'in a SIP domain if only other hosts are listed',
      { UCWA_DISCOVERY_URL: 'https://lyncdiscover.contoso.com/', UCWA_TRUSTED_HOSTS: 'corp.local' },
    ],
  ])('must not be %s, and the host is not named', (_what, environment) => {
    const problems = problemsOf({ ...requiredSettings, ...environment });
    expect(problems).toEqual([
      { setting: 'UCWA_TRUSTED_HOSTS', detail: 'does not cover the host of UCWA_DISCOVERY_URL: add it.' },
    ]);
  });

  it('is in the SIP domains if no URL is given, so that these must be trusted', () => {
    expect(problemsOf({ ...requiredSettings, UCWA_TRUSTED_HOSTS: 'contoso.local' })).toEqual([
      {
        setting: 'UCWA_TRUSTED_HOSTS',
        detail: 'does not cover SIP_DOMAINS, where discovery starts: add them.',
      },
    ]);
  });

  it('is checked although other settings are wrong', () => {
    const environment = { UCWA_DISCOVERY_URL: 'https://northwind.example/', UCWA_CONCURRENCY: '0' };
    expect(wrongNames(environment)).toEqual(['UCWA_CONCURRENCY', 'UCWA_TRUSTED_HOSTS']);
  });
});
