import { Headers } from 'node-fetch';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../../shared/runtime/json.ts';
import { canonicalTarget, compareContact } from '../../../../shared/ucwa/contact.ts';
import { readTokenUrl } from '../../../../shared/ucwa/sign-in/challenge.ts';
import { readToken } from '../../../../shared/ucwa/sign-in/token.ts';
import { diagnosisOf } from '../../../../shared/ucwa/transport/diagnosis.ts';
import { parseErrorBody } from '../../../../shared/ucwa/transport/error-body.ts';
import { resolveHref } from '../../../../shared/ucwa/transport/href.ts';
import { parseResource } from '../../../../shared/ucwa/transport/resource.ts';
import { SentSecrets } from '../../../../shared/ucwa/transport/secrets.ts';
import { isTrusted } from '../../../../shared/ucwa/transport/trust.ts';
import { parseSipUri, parseTelUri } from '../../../../shared/ucwa/uri.ts';
import { growthOf, mostGrowth } from '../../../support/linear-growth.ts';
import { responseWith } from '../../../support/ucwa/responses.ts';
import { telUri } from '../../../support/ucwa/users.ts';

const sentSecrets = new SentSecrets();
for (const password of ['a'.repeat(1_000), 'aaaa', 'a', `${'ab'.repeat(100)}c`]) {
  const form = new URLSearchParams({ username: 'CONTOSO\\alice', password });
  sentSecrets.note({ url: new URL('https://pool.contoso.com/'), form, token: password.repeat(10) });
}

const headerSize = 250;
const bodySize = 500;
const foundAt = new URL('https://pool.contoso.com/user');
const number = telUri('tel:+14255550123');

/** Runs a reader that may refuse its input by an error. */
const bearing = (read: (text: string) => unknown) => (text: string) => {
  try {
    read(text);
  } catch {
    // A refusal takes time like anything else.
  }
};

interface Reader {
  readonly name: string;
  readonly size: number;
  readonly read: (text: string) => void;
  /** What stands before, repeatedly within, and after the worst inputs. */
  readonly worst: readonly (readonly [prefix: string, repeated: string, suffix?: string])[];
}

const separated: Reader['worst'] = [
  ['', ' '],
  ['', ' ', 'x'],
  ['', '\t\n', 'x'],
  ['x', ' ', 'x'],
  ['', '\uFEFF'],
];

const numbers: Reader['worst'] = [
  ['+', '1'],
  ['+', '1-'],
  ['+1', '-'],
  ['tel:+1', ' '],
  ['tel:+1', '(1)'],
  ['tel:+1;', ';'],
  ['tel:+1', ';ext='],
  ['sip:+1', '1', '@contoso.com;user=phone'],
  ['sip:+1@', ';'],
  ['sip:+1@', ';user=phone'],
  ['sip:', ';ms-skip-rnl', '@contoso.com'],
  ['', '@'],
  ['sip:', 'a', '@contoso.com'],
  ['sip:a@', 'a.'],
  ['sip:a@', 'a', '!'],
  ['sip:a@a', '-'],
  ...separated,
];

const words: Reader['worst'] = [
  ['', 'a'],
  ['', 'a', '!'],
  ['', 'a '],
  ['', 'a,'],
  ['', 'a='],
  ['', 'a= '],
  ['', 'a ='],
  ['', 'a="'],
  ['', 'a="b"'],
  ['', 'a="b",'],
  ['a', ' ', '='],
  ['a', ' ', '!'],
  ['a=', ' ', '"'],
  ['', '"'],
  ['"', 'a'],
  ['', '='],
  ['', '/'],
  ['', ','],
  ['', '-'],
  ['MsRtcOAuth href="', 'a'],
  ['MsRtcOAuth href="https://', 'a.', '"'],
  ['MsRtcOAuth grant_type="', ',', '"'],
  ['MsRtcOAuth grant_type="', ' ', '"'],
  ['MsRtcOAuth ', 'href=/,'],
  ['', 'MsRtcOAuth '],
  ...separated,
];

const bodies: Reader['worst'] = [
  ['', '<code>'],
  ['<reason ', ' '],
  ['<?xml', ' '],
  ['<?xml', '<?xml'],
  ['<?xml >', ' '],
  ['<reason>', '<code>'],
  ['<reason><code>', ' '],
  ['<reason><code>', 'a'],
  ['<reason><code>', 'a ', '</code>'],
  ['<reason>', '<code></code>'],
  ['<reason>', '</code>'],
  ['{"code":"', 'a', '"}'],
  ['{"access_token":"', 'a', '"}'],
  ['{"access_token":"', 'a', '\u0000"}'],
  ['{"expires_in":"', '1', '","access_token":"a"}'],
  ['', '['],
  ['', '{"_links":'],
  ['', '{"a":'],
  ...separated,
];

const hrefs: Reader['worst'] = [
  ['', '/'],
  ['', '\\'],
  ['https:', '/'],
  ['https://', 'a'],
  ['https://', 'a.'],
  ['https://', 'ü'],
  ['https://', '中丠'],
  ['https://', '@'],
  ['https://a/', '../'],
  ['https://a/?', '%'],
  ['', 'https:'],
  ...separated,
];

/** A header has no line breaks, and no characters beyond Latin-1. */
const isHeader = ([, repeated]: Reader['worst'][number]) => !/[\n\uFEFF]/.test(repeated);

const readers: readonly Reader[] = [
  {
    name: 'the challenge',
    size: headerSize,
    read: bearing((text) => readTokenUrl(responseWith({ headers: { 'www-authenticate': text } }))),
    worst: words.filter(isHeader),
  },
  {
    name: 'the diagnosis',
    size: headerSize,
    read: (text) => diagnosisOf(new Headers({ 'x-ms-diagnostics': text, 'x-ms-server-fqdn': text })),
    worst: [
      ...[...numbers, ...words].filter(isHeader),
      ['', '%31'],
      ['', '%'],
      ['', '1%'],
      ['', '1a'],
      ['', 'cwt='],
      ['', 'Bearer '],
    ],
  },
  {
    name: 'the diagnosis with what was sent',
    size: headerSize,
    read: (text) => diagnosisOf(new Headers({ 'x-ms-diagnostics': text }), sentSecrets),
    worst: [
      ['', 'a'],
      ['', 'ab'],
      ['', 'aaaaaaa '],
      ['', 'alice'],
      ['', 'cwt=a '],
      ['', '%61'],
      ['', '%2561'],
      ['', '1 '],
    ],
  },
  { name: 'the body of an error', size: bodySize, read: parseErrorBody, worst: bodies },
  {
    name: 'the body of a token response with 200',
    size: bodySize,
    read: (text) => readToken(responseWith({ text })),
    worst: bodies,
  },
  {
    name: 'the body of a token response with 400',
    size: bodySize,
    read: (text) => readToken(responseWith({ status: 400, text })),
    worst: bodies,
  },
  {
    name: 'a resource',
    size: bodySize,
    read: bearing((text) => parseResource(responseWith({ text })).link('user')),
    worst: bodies,
  },
  { name: 'JSON', size: bodySize, read: parseJson, worst: bodies },
  { name: 'a target', size: bodySize, read: canonicalTarget, worst: numbers },
  {
    name: 'a contact',
    size: bodySize,
    read: (text) => compareContact({ uri: text, numbers: [text] }, number),
    worst: numbers,
  },
  { name: 'a SIP address', size: bodySize, read: parseSipUri, worst: numbers },
  { name: 'a number', size: bodySize, read: parseTelUri, worst: numbers },
  { name: 'an href', size: headerSize, read: (text) => resolveHref(text, foundAt), worst: hrefs },
  {
    name: 'the trust of a URL',
    size: 500,
    read: bearing((text) => isTrusted(new URL(`https://${text}/`), ['contoso.com'])),
    worst: [
      ['', 'a.'],
      ['127.', '1.'],
      ['', '1'],
    ],
  },
];

describe.each(readers)('reading $name', ({ read, size, worst }) => {
  it.each(worst.map(([prefix, repeated, suffix = '']) => [prefix, repeated, suffix] as const))(
    'takes time in proportion to its length: "%s", many of "%s", "%s"',
    (prefix, repeated, suffix) => {
      const inputOf = (length: number) =>
        prefix + repeated.repeat(Math.ceil(length / repeated.length)) + suffix;
      expect(growthOf(read, inputOf, size)).toBeLessThan(mostGrowth);
    },
  );
});
