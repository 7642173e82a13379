import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretName } from '../../../../shared/azure/key-vault.ts';
import { parseSipUri } from '../../../../shared/ucwa/uri.ts';
import { sip } from '../../../support/ring/addresses.ts';

describe("a secret's name", () => {
  it.each([
    ['alice.b@contoso.com', 'ucwa-alice-2eb-40contoso-2ecom'],
    ['Alice.B@Contoso.com', 'ucwa-alice-2eb-40contoso-2ecom'],
    ['a-b_c@contoso.com', 'ucwa-a-2db-5fc-40contoso-2ecom'],
    ["o'brien@contoso.com", 'ucwa-o-27brien-40contoso-2ecom'],
  ])('of %s is %s', (user, name) => {
    expect(secretName(sip(user))).toBe(name);
  });

  const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,8}[a-z0-9])?$/);
  const address = fc
    .tuple(fc.stringMatching(/^[a-z0-9!$&'*+=_~.-]{1,20}$/), label, label)
    .map(([user, name, top]) => sip(`${user}@${name}.${top}`));

  it('is one that Key Vault takes, and belongs to one user alone', () => {
    fc.assert(
      fc.property(address, address, (one, other) => {
        expect(secretName(one)).toMatch(/^[0-9a-z-]+$/);
        expect(secretName(one) === secretName(other)).toBe(one === other);
        const bytes = secretName(one).slice('ucwa-'.length).replaceAll('-', '%');
        expect(parseSipUri(decodeURIComponent(bytes))).toBe(one);
      }),
    );
  });
});
