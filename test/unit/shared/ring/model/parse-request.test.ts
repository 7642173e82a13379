import { describe, expect, it } from 'vitest';
import { secretName } from '../../../../../shared/azure/key-vault.ts';
import type { DialRules } from '../../../../../shared/ring/model/dial-rules.ts';
import { parseDesiredRing, parsePutBody, parseUser } from '../../../../../shared/ring/model/parse-request.ts';
import { issuesOf, type Validated } from '../../../../../shared/ring/model/validation.ts';
import { sip } from '../../../../support/ring/addresses.ts';

const alice = sip('alice@contoso.com');
const domains = { sipDomains: ['contoso.com', 'fabrikam.com'] };
const rules: DialRules = { defaultCountry: undefined, countries: undefined, sipDomains: ['contoso.com'] };

function pointersOf(parsed: Validated<unknown>) {
  return issuesOf(parsed).map(({ pointer }) => pointer);
}

describe('a user', () => {
  it.each([
    ['alice@contoso.com', 'sip:alice@contoso.com'],
    ['sip:alice@contoso.com', 'sip:alice@contoso.com'],
    ['SIP:Alice.B@Contoso.COM', 'sip:alice.b@contoso.com'],
    [' bob@fabrikam.com ', 'sip:bob@fabrikam.com'],
    ["o'brien+test@contoso.com", "sip:o'brien+test@contoso.com"],
  ])('%j is read as %s', (text, user) => {
    expect(parseUser(text, domains)).toEqual({ ok: true, value: user });
  });

  it.each([
    '',
    'alice',
    '@contoso.com',
    'alice@',
    'alice@@contoso.com',
    'alice@contoso.com@fabrikam.com',
    'alice@contoso.com;user=phone',
    'alice@contoso.com:5061',
    'alice%40contoso.com',
    'alice%00@contoso.com',
    '..%2fadmin@contoso.com',
    'alice/../bob@contoso.com',
    'alice\\bob@contoso.com',
    'alice@contoso.com/simultaneous-ring',
    'alice@contoso.com?x=1',
    'alice@contoso.com#x',
    'al ice@contoso.com',
    'alice\u0000@contoso.com',
    'alice\n@contoso.com',
    'alice@contoso.com\u0007',
    'ålice@contoso.com',
    'alice@contoso..com',
    'alice@-contoso.com',
    'tel:+14255550123',
    'sips:alice@contoso.com',
    `${'a'.repeat(250)}@contoso.com`,
  ])('is refused as an invalid address: %j', (text) => {
    expect(issuesOf(parseUser(text, domains))).toEqual([
      {
        pointer: '/user',
        code: 'invalid-request',
        detail: expect.stringContaining('not a valid SIP address'),
      },
    ]);
  });

  it.each(['alice@northwind.example', 'alice@sales.contoso.com', 'alice@contoso.com.northwind.example'])(
    'of a domain that is not served is refused: %s',
    (text) => {
      expect(issuesOf(parseUser(text, domains))).toEqual([
        { pointer: '/user', code: 'invalid-request', detail: expect.stringContaining('SIP_DOMAINS') },
      ]);
    },
  );

  it('is refused when the name of the secret would have more than 127 characters', () => {
    const ofLength = (length: number) => {
      const rest = secretName(sip('a@contoso.com')).length - 1;
      return sip(`${'a'.repeat(length - rest)}@contoso.com`);
    };
    expect(secretName(ofLength(127))).toHaveLength(127);
    expect(parseUser(ofLength(127), domains)).toEqual({ ok: true, value: ofLength(127) });
    expect(issuesOf(parseUser(ofLength(128), domains))).toEqual([
      { pointer: '/user', code: 'invalid-request', detail: expect.stringContaining('127') },
    ]);
  });
});

describe('a desired ring', () => {
  it.each([
    [
      { ring: 'contact', target: '+1 425 555 0123' },
      { ring: 'contact', target: 'tel:+14255550123' },
    ],
    [
      { ring: 'contact', target: 'Bob@contoso.com' },
      { ring: 'contact', target: 'sip:bob@contoso.com' },
    ],
    [{ ring: 'delegates' }, { ring: 'delegates' }],
    [
      { ring: 'delegates', ringDelaySeconds: 0 },
      { ring: 'delegates', ringDelaySeconds: 0 },
    ],
    [
      { ring: 'team', ringDelaySeconds: 55 },
      { ring: 'team', ringDelaySeconds: 55 },
    ],
    [{ ring: 'off' }, { ring: 'off' }],
  ] as const)('%j is read as %j', (properties, desired) => {
    expect(parseDesiredRing(properties, alice, rules)).toEqual({ ok: true, value: desired });
  });

  it.each([
    [{ ring: 'contact' }, ['/target']],
    [{ ring: 'contact', ringDelaySeconds: 10 }, ['/target', '/ringDelaySeconds']],
    [{ ring: 'contact', target: 'nonsense', ringDelaySeconds: 10 }, ['/target', '/ringDelaySeconds']],
    [{ ring: 'contact', target: '+1 425 555 0123', ringDelaySeconds: 0 }, ['/ringDelaySeconds']],
    [{ ring: 'delegates', target: '+1 425 555 0123' }, ['/target']],
    [{ ring: 'team', target: '', ringDelaySeconds: 5 }, ['/target']],
    [{ ring: 'off', target: 'bob@contoso.com', ringDelaySeconds: 5 }, ['/target', '/ringDelaySeconds']],
  ] as const)('%j is refused at %j', (properties, pointers) => {
    expect(pointersOf(parseDesiredRing(properties, alice, rules))).toEqual(pointers);
  });

  it('has the code target-not-allowed for a dial rule, and invalid-request for everything else', () => {
    const ownAddress = issuesOf(
      parseDesiredRing({ ring: 'contact', target: 'alice@contoso.com' }, alice, rules),
    );
    const notANumber = issuesOf(parseDesiredRing({ ring: 'contact', target: '+1 425' }, alice, rules));
    expect([...ownAddress, ...notANumber].map(({ code }) => code)).toEqual([
      'target-not-allowed',
      'invalid-request',
    ]);
  });
});

describe('the body of a PUT', () => {
  it.each([
    [
      { target: '+1 425 555 0123' },
      { desired: { ring: 'contact', target: 'tel:+14255550123' }, schedule: {}, dryRun: false },
    ],
    [
      { ring: 'team', dryRun: true },
      { desired: { ring: 'team' }, schedule: {}, dryRun: true },
    ],
    [
      { ring: 'delegates', ringDelaySeconds: 10 },
      { desired: { ring: 'delegates', ringDelaySeconds: 10 }, schedule: {}, dryRun: false },
    ],
  ])('%j is read as %j', (body, value) => {
    expect(parsePutBody(body, alice, rules, 0)).toEqual({ ok: true, value });
  });

  it.each([
    ['null', null, ['']],
    ['a list', [{ ring: 'team' }], ['']],
    ['a string', 'team', ['']],
    ['an empty object', {}, ['/target']],
    ['only an unknown ring', { ring: 'everyone' }, ['/ring']],
    ['a misspelt ring that takes no target', { ring: 'delegate', ringDelaySeconds: 10 }, ['/ring']],
    ['a ring of off, which takes a DELETE', { ring: 'off' }, ['/ring']],
    ['a ring that is not a string, and an invalid target', { ring: 1, target: 'x' }, ['/ring', '/target']],
    ['a target that is not a string', { target: 4255550123 }, ['/target']],
    ['a target that is too long to read', { target: '1'.repeat(301) }, ['/target']],
    [
      'an invalid delay, flag and target, and an unknown property',
      { target: 'x', ringDelaySeconds: 56, dryRun: 'yes', colour: 'red' },
      ['/ringDelaySeconds', '/dryRun', '/colour', '/target'],
    ],
    ['a delay of half a second', { ring: 'team', ringDelaySeconds: 0.5 }, ['/ringDelaySeconds']],
    [
      'a target for a team, and an invalid flag',
      { ring: 'team', target: 'x', dryRun: 0 },
      ['/dryRun', '/target'],
    ],
    ['names that need escaping in a pointer', { ring: 'team', 'a/b': 1, 'c~d': 2 }, ['/a~1b', '/c~0d']],
  ])('is refused once at each place: %s', (_name, body, pointers) => {
    expect(pointersOf(parsePutBody(body, alice, rules, 0)).sort()).toEqual([...pointers].sort());
  });

  it('is refused with a sentence for each issue, without repeating a phone number', () => {
    const body = { target: '+1 425 555 01', ringDelaySeconds: 4255550, dryRun: '4255550' };
    const issues = issuesOf(parsePutBody(body, alice, rules, 0));
    expect(issues).toHaveLength(3);
    for (const { detail } of issues) {
      expect(detail).not.toBe('');
      expect(detail.replace('+1 (425) 555-0123', '')).not.toMatch(/425/);
    }
  });
});
