import { describe, expect, it } from 'vitest';
import { changeOnce, outcomeOf } from '../../../../support/ring/one-change.ts';
import { openClient } from '../../../../support/ucwa/client.ts';
import {
  application,
  links,
  type ScriptedResponse,
  startScriptedPool,
} from '../../../../support/ucwa/scripted-pool.ts';
import { alice } from '../../../../support/ucwa/users.ts';

const page = { headers: { 'content-type': 'text/html' }, body: '<html>Unauthorized</html>' };

/** A refusal as the token service sends it: with its reason in the header, or in the body. */
const refusals: readonly (readonly [name: string, refuse: (reason: string) => ScriptedResponse])[] = [
  [
    'in the header, with 401 and a page',
    (reason) => ({
      ...page,
      status: 401,
      headers: { 'x-ms-diagnostics': `28000;source="fe1";reason="${reason}"` },
    }),
  ],
  [
    'in the header, with invalid_grant',
    (reason) => ({
      status: 400,
      json: { error: 'invalid_grant' },
      headers: { 'x-ms-diagnostics': `28000;source="fe1";reason="${reason}"` },
    }),
  ],
  ['in the body', (reason) => ({ status: 400, json: { error: 'invalid_grant', error_description: reason } })],
];

const reasons: readonly (readonly [reason: string, advice: string])[] = [
  ['The account is disabled.', 'Enable the account'],
  ['The user account is locked out.', 'Unlock the account'],
  ['The password has expired.', "Change the account's password"],
  [
    'The user must change the password before signing in.',
    'Sign in once as this account to change its password',
  ],
  ['The account has expired.', 'Extend the time for which the account is valid'],
  ['The user name or password is incorrect.', 'Set the secret again with the right user name and password'],
];

describe('a refused password', () => {
  const cases = refusals.flatMap(([name, refuse]) =>
    reasons.map(([reason, advice]) => ({ name, refuse, reason, advice })),
  );

  it.each(cases)(
    'is explained by the reason $name, and the advice fits: $reason',
    async ({ refuse, reason, advice }) => {
      const pool = await startScriptedPool({ 'POST /token': refuse(reason) });
      const { tried, events } = await changeOnce(openClient(pool));
      const outcome = outcomeOf({ tried });
      expect(outcome).toMatchObject({ outcome: 'failed', code: 'credential-rejected' });
      const { detail } = outcome as { detail: string };
      expect(detail).toContain(`refused the user name or password ("${reason.slice(0, -1)}").`);
      expect(detail).toContain(advice);
      expect(events).toMatchObject([
        { failure: 'password-refused', diagnostics: expect.stringContaining(reason) },
      ]);
    },
  );

  it('is shown without what a server repeats of the secret', async () => {
    const said = `${alice.username} with ${alice.password} is disabled, call +1 425 555 0123`;
    for (const [, refuse] of refusals) {
      const pool = await startScriptedPool({ 'POST /token': refuse(said) });
      const changed = JSON.stringify(await changeOnce(openClient(pool)));
      expect(changed).toContain('is disabled');
      for (const hidden of [alice.password, 'CONTOSO', '555 0123']) expect(changed).not.toContain(hidden);
    }
  });
});

describe('a token that belongs to another user', () => {
  it('is explained by both possibilities, with the other address', async () => {
    const me = { uri: 'sip:alice.smith@contoso.com', ...links({ self: '/me' }) };
    const json = { ...application(), _embedded: { me } };
    const pool = await startScriptedPool({ 'POST /applications': { status: 201, json } });
    const outcome = outcomeOf(await changeOnce(openClient(pool)));
    expect(outcome).toMatchObject({ outcome: 'failed', code: 'identity-mismatch' });
    const { detail } = outcome as { detail: string };
    expect(detail).toContain('the token belongs to sip:alice.smith@contoso.com.');
    expect(detail).toMatch(/the user name of another account, so correct it; or .* address has changed/);
  });
});

describe('a user whom the pool does not know', () => {
  const online = 'https://webdir0a.online.lync.com/root';
  const unknown = /does not know this user\. Check the address first\. .*Enable-CsUser/;
  const inTeams = /homed online\. Set this user's ring in Microsoft 365, in Teams:/;
  it.each<[string, string, ScriptedResponse, RegExp]>([
    ['404 without a body at the home pool', 'GET /user', { status: 404 }, unknown],
    [
      'a page with 400 for the token',
      'POST /token',
      { ...page, status: 400, body: '<h2>Bad Request</h2>' },
      unknown,
    ],
    ['a redirect link to Microsoft 365', 'GET /user', { json: links({ redirect: online }) }, inTeams],
    [
      '302 to Microsoft 365 at the home pool',
      'GET /user',
      { status: 302, headers: { location: online } },
      inTeams,
    ],
    [
      '302 to Microsoft 365 at the application',
      'POST /applications',
      { status: 302, headers: { location: online } },
      inTeams,
    ],
    [
      '307 to Microsoft 365 at reading',
      'GET /settings',
      { status: 307, headers: { location: online } },
      inTeams,
    ],
  ])('ends for good: %s', async (_name, line, answer, detail) => {
    const pool = await startScriptedPool({ [line]: answer });
    const outcome = outcomeOf(await changeOnce(openClient(pool)));
    expect(outcome).toMatchObject({ outcome: 'failed', code: 'user-not-found' });
    expect(outcome).toHaveProperty('detail', expect.stringMatching(detail));
  });
});
