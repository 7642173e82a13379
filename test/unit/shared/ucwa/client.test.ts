import { describe, expect, it } from 'vitest';
import { defaultDiscoveryUrls } from '../../../../shared/ucwa/client.ts';

describe('the default discovery URLs', () => {
  it('begin with the internal host name, followed by the external one', () => {
    expect(defaultDiscoveryUrls('contoso.com').map(String)).toEqual([
      'https://lyncdiscoverinternal.contoso.com/',
      'https://lyncdiscover.contoso.com/',
    ]);
  });
});
