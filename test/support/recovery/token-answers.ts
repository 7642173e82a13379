import type { Fault } from '../../../infra/local/ucwa-simulator/simulator.ts';

/** What the token service returns, and whether it judged the password before. */
export type TokenAnswer = Pick<Fault, 'answer' | 'applied'>;

type Case = readonly [name: string, answer: TokenAnswer];

/** A page in place of a token. */
export const page = (status: number): TokenAnswer => ({ answer: { status, format: 'html' } });

const json = (status: number, error: string): TokenAnswer => ({
  answer: { status, body: JSON.stringify({ error }), headers: { 'content-type': 'application/json' } },
});

const broken = (
  kind: 'reset' | 'hang' | 'reset-in-body' | 'malformed-json' | 'broken-gzip',
): TokenAnswer => ({
  answer: { kind },
});

const afterJudging = ([name, answer]: Case): Case => [`${name} after judging`, { ...answer, applied: true }];

/** Refusals of the password: it is sent once, ever. Without an answer the simulator judges it, and counts towards a lockout. */
export const refusals: readonly (readonly [name: string, answer: TokenAnswer | undefined])[] = [
  ['400 with invalid_grant', undefined],
  ['400 with invalid_grant in capitals', json(400, 'INVALID_GRANT')],
  ['401 with a page', page(401)],
  ['401 with invalid_grant', json(401, 'invalid_grant')],
  ['401 with server_error', json(401, 'server_error')],
  ['401 without a body', { answer: { status: 401, body: '' } }],
  ['403 with invalid_grant', json(403, 'invalid_grant')],
];

const unjudged: readonly Case[] = [
  ['302', { answer: { status: 302, headers: { location: '/sign-in' }, body: '' } }],
  ['400 with server_error', json(400, 'server_error')],
  ['400 without a body', { answer: { status: 400, body: '' } }],
  ['400 with JSON that is cut off', { answer: { status: 400, body: '{"error":"invalid_gr' } }],
  ['403 with a page', page(403)],
  ['403 with access_denied', json(403, 'access_denied')],
  ['404', page(404)],
  ['408', page(408)],
  ['429', { answer: { status: 429 } }],
  ['500 with a page', page(500)],
  ['500 with invalid_grant', json(500, 'invalid_grant')],
  ['502', page(502)],
  ['503', page(503)],
  ['503 that asks to wait', { answer: { status: 503, headers: { 'Retry-After': '1' } } }],
  ['504', page(504)],
  ['200 without a token', { answer: { status: 200, body: '{}' } }],
  ['200 with a page', { answer: { status: 200, format: 'html', body: '<html></html>' } }],
  ['200 with JSON that is broken', broken('malformed-json')],
  ['200 with compression that is broken', broken('broken-gzip')],
  ['a reset connection', broken('reset')],
  ['a connection reset within the response', broken('reset-in-body')],
  ['no response', broken('hang')],
];

/** Responses, or none, that leave open whether the password was judged; and the same where it was. */
export const noVerdicts: readonly Case[] = [
  ...unjudged,
  ...unjudged
    .filter(([name]) => ['500 with a page', '503', '504', 'a reset connection', 'no response'].includes(name))
    .map(afterJudging),
];

/** Verdicts that are not about the password: it was right, or was not judged. */
export const otherVerdicts: readonly Case[] = [
  ['400 with a page', page(400)],
  ['400 with unsupported_grant_type', json(400, 'unsupported_grant_type')],
  [
    'a detour to AD FS',
    {
      answer: { kind: 'token-error', error: 'invalid_grant', passiveAuthUri: 'https://adfs.contoso.com/' },
    },
  ],
];
