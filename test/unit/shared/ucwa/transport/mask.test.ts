import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdsSecret, mask } from '../../../../../shared/ucwa/transport/mask.ts';
import { SentSecrets } from '../../../../../shared/ucwa/transport/secrets.ts';

const password = 'Tr0ub4dor & "3" <x>';
const token = `cwt=${'AAEBHAEFAAAAAAAFFQ'.repeat(20)}`;

function secretsOf({
  username = 'CONTOSO\\alice',
  pass = password,
  target = 'tel:+14255550123',
} = {}): SentSecrets {
  const secrets = new SentSecrets();
  const url = new URL('https://pool.contoso.com/');
  secrets.note({ url, token });
  secrets.note({ url, form: new URLSearchParams({ grant_type: 'password', username, password: pass }) });
  secrets.note({ url, json: { target } });
  return secrets;
}

const masked = (text: string, secrets = secretsOf()) => mask(text, secrets);

describe('a text without secrets', () => {
  it.each([
    'The account is disabled',
    'source="fe01.contoso.com";reason="The password has expired."',
    'Error 10060 at 10:15, 3 of 4 tries; 100 % of 20%',
    'Contoso\'s "password" grant is not allowed',
    '',
  ])('stays as it is: %s', (text) => {
    expect(masked(text)).toBe(text);
    expect(mask(text, undefined)).toBe(text);
  });
});

describe('what the session sent', () => {
  it.each([
    ['as it is', password],
    ['in capitals', password.toUpperCase()],
    ['as a form escapes it', new URLSearchParams({ '': password }).toString().slice(1)],
    ['as a URL escapes it', encodeURIComponent(password)],
    ['as a URL escapes it twice', encodeURIComponent(encodeURIComponent(password))],
    ['as JSON escapes it', JSON.stringify(password).slice(1, -1)],
    ['as HTML escapes it', 'Tr0ub4dor &amp; &quot;3&quot; &lt;x&gt;'],
  ])('is hidden: a password %s', (_name, echo) => {
    expect(masked(`The password '${echo}' is wrong`)).toBe("The password '[secret]' is wrong");
  });

  it('is hidden in part, since servers cut what they echo', () => {
    expect(masked(`Wrong: ${password.slice(0, 9)}`)).toBe('Wrong: [secret]');
    expect(masked(`Wrong: ${password.slice(-8)}`)).toBe('Wrong: [secret]');
    expect(masked(`No ticket ${token.slice(0, 50)}`)).toBe('No ticket [secret]');
    expect(masked(`No ticket ${token.slice(30, 60)}, sorry`)).toBe('No ticket [secret], sorry');
  });

  it.each(['cwt=AAEB-another', 'Bearer eyJ0eXAi.another', 'bearer x'])(
    'is hidden where it only looks like a token: %s',
    (echo) => {
      expect(masked(`No ticket ${echo}; sorry`)).toBe('No ticket [secret]; sorry');
    },
  );

  it.each([
    ['CONTOSO\\alice', 'CONTOSO\\alice', 'The account [user] is disabled'],
    ['CONTOSO\\alice', 'contoso\\ALICE', 'The account [user] is disabled'],
    ['CONTOSO\\alice', 'CONTOSO\\\\alice', 'The account [user] is disabled'],
    ['CONTOSO\\alice', 'CONTOSO%5Calice', 'The account [user] is disabled'],
    ['CONTOSO\\alice', 'alice', 'The account [user] is disabled'],
    ['CONTOSO\\alice', 'malice', 'The account malice is disabled'],
    ['alice@contoso.com', 'alice@contoso.com', 'The account [user] is disabled'],
    ['alice@contoso.com', 'alice', 'The account [user] is disabled'],
    ['alice@contoso.com', 'fe01.contoso.com', 'The account fe01.contoso.com is disabled'],
  ])('is hidden: the user name %s as %s', (username, echo, expected) => {
    expect(masked(`The account ${echo} is disabled`, secretsOf({ username }))).toBe(expected);
  });

  it.each([
    ['a', 'a is not a password', '[secret] is not [secret] password'],
    ['hunter', 'hunters hunter', '[secret]s [secret]'],
    ['hunter2', 'xhunter2x', 'x[secret]x'],
  ])('is hidden: the short password %s', (pass, text, expected) => {
    expect(masked(text, secretsOf({ pass }))).toBe(expected);
  });

  it.each([
    [password, true],
    ['hunter2', false],
    ['14255550123', true],
    ['4255550123', true],
    ['fe01.contoso.com', false],
    ['2147483781', false],
  ])('is found in the word %s: %s', (word, expected) => {
    expect(holdsSecret(word, secretsOf())).toBe(expected);
  });
});

describe('a number', () => {
  it.each([
    '+1_425_555_0123',
    '+14255550123',
    'tel:+14255550123',
    '+1 (425) 555-0123',
    '+1.425.555.0123',
    '+1·425·555·0123',
    '+1--425--555--0123',
    '+1     425     555     0123',
    '1/4/2/5/5/5/5/0/1/2/3',
    '+1,425,555,0123',
    '+1;425;555;0123',
    '"1" "425" "555" "0123"',
    '%2B1%20425%20555%200123',
    '%2B1%2D425%2D555%2D0123',
    '%252B1%252D425%252D555%252D0123',
    '%31%34%32%35%35%35%35%30%31%32%33',
    '555-0123',
    '020 7946 0018',
  ])('is hidden with any separators: %s', (number) => {
    const text = mask(`reason="${number} cannot be rung"`, undefined);
    expect(text).toContain('[number]');
    expect(text).toContain('cannot be rung');
    expect(text).not.toMatch(/\d{2}/);
  });

  it('of less than six digits stays', () => {
    expect(mask('Error 10060, 5 tries', undefined)).toBe('Error [number] tries');
    expect(mask('Error 10060', undefined)).toBe('Error 10060');
  });
});

describe('masking', () => {
  const text = fc.string({ unit: fc.constantFrom(...'aAbcT0123456789 +_%2D&"<\\@.-') });

  it('leaves no secret of eight characters or more, wherever it stands', () =>
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 40 }), text, text, (pass, before, after) => {
        fc.pre(pass.trim() !== '' && !'[secret][number][user]'.includes(pass.toLowerCase()));
        expect(mask(before + pass + after, secretsOf({ pass }))).not.toContain(pass);
      }),
    ));

  it('leaves no run of six digits, whatever the text', () =>
    fc.assert(
      fc.property(text, (echo) => {
        expect(mask(echo, undefined)).not.toMatch(/\d(?:[^\p{L}\d]*\d){5}/u);
      }),
    ));
});
