import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { openClient, openSession, ringWithoutProof } from '../../../support/ucwa/client.ts';
import { failureOf, textOf } from '../../../support/ucwa/error-text.ts';
import { type Script, scriptedToken, startScriptedPool } from '../../../support/ucwa/scripted-pool.ts';
import { alice, mobile } from '../../../support/ucwa/users.ts';

const user = { ...alice, password: 'Sesame-Opens9' };
const reason = 'The account is disabled';

/** Responds with everything that a server could echo, in every place that errors show something of. */
function echo(status: number, echoed: string): Script {
  return (_request: IncomingMessage, response: ServerResponse) => {
    const headers = {
      'x-ms-diagnostics': `28020;source="fe01";reason="${reason}: ${encodeURIComponent(echoed)} ${echoed}"`,
      'x-ms-server-fqdn': echoed,
      'x-ms-correlation-id': echoed,
      'retry-after': echoed,
    };
    response.writeHead(status, headers).end(JSON.stringify({ code: echoed, subcode: echoed, error: echoed }));
  };
}

const echoes = [
  user.password,
  user.password.toUpperCase(),
  user.username,
  scriptedToken,
  scriptedToken.slice(4),
  '14255550123',
  '+1_425_555_0123',
];

const hidden = [
  user.password,
  'alice',
  scriptedToken,
  scriptedToken.slice(4),
  '4255550123',
  '425_555',
  '0123',
];

async function failureAt(line: string, script: Script): Promise<unknown> {
  const pool = await startScriptedPool({ [line]: script });
  return failureOf(ringWithoutProof(openSession(openClient(pool), user), mobile));
}

describe.each(echoes)('a server that echoes %s', (echoed) => {
  it.each([
    ['POST /token', 401, 'PasswordRefusedError'],
    ['POST /token', 503, 'SignInUnjudgedError'],
    ['GET /user', 403, 'UcwaResponseError'],
    ['POST /applications', 403, 'UcwaResponseError'],
    ['GET /settings', 500, 'UcwaResponseError'],
    ['POST /ring', 409, 'UcwaResponseError'],
  ])('in its response to %s (%i) gets nothing of it into the %s', async (line, status, name) => {
    const failure = await failureAt(line, echo(status, echoed));
    expect(failure).toMatchObject({ name });
    const text = textOf(failure).toLowerCase();
    const knownByThen = hidden.filter((secret) => line === 'POST /ring' || !/^\d/.test(secret));
    for (const secret of line === 'POST /token' ? hidden.slice(0, 2) : knownByThen) {
      expect(text).not.toContain(secret.toLowerCase());
    }
    expect(text).toContain(reason.toLowerCase());
  });
});

describe('the reason of a refusal', () => {
  it.each([
    'The account is disabled',
    'The password has expired',
    'The account is locked out',
    'Authentication type not allowed.',
  ])('is kept: %s', async (text) => {
    const failure = await failureAt('POST /token', {
      status: 401,
      headers: { 'x-ms-diagnostics': `28000;source="fe01.contoso.com";reason="${text}"` },
    });
    expect(failure).toMatchObject({
      name: 'PasswordRefusedError',
      status: 401,
      diagnosis: { 'x-ms-diagnostics': `28000;source="fe01.contoso.com";reason="${text}"` },
    });
  });
});
