import { type Answer, jsonAnswer } from '../exchange/answer.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { takesPasswords } from '../representations/challenge.ts';
import { type TokenRefusal, tokenError } from '../representations/token-error.ts';
import type { World } from '../state/simulation.ts';
import type { UserRecord } from '../state/users.ts';

const grantNotAllowed: TokenRefusal = {
  error: 'unsupported_grant_type',
  diagnostics: '28029;source="simulator";reason="Authentication type not allowed."',
};

/** Gives a token of this pool for a user name and a password, and counts wrong passwords. */
export function giveToken(exchange: Exchange): Answer {
  const { world, origin } = exchange;
  const { variants, tokenLifetimeMs } = world.configuration;
  const credentials = readCredentials(exchange);
  if ('error' in credentials) return tokenError(credentials, variants);
  if (!takesPasswords(variants)) return tokenError(grantNotAllowed, variants);
  const user = authenticate(world, credentials.username, credentials.password);
  if (!user) return tokenError({ error: 'invalid_grant' }, variants);
  const grant = {
    access_token: world.tokens.issue(user.index, origin.index),
    token_type: 'Bearer',
    expires_in: tokenLifetimeMs / 1000,
    ms_rtc_identityscope: 'local',
  };
  return jsonAnswer(200, grant, variants, { 'Cache-Control': 'no-store' });
}

function readCredentials(exchange: Exchange): { username: string; password: string } | TokenRefusal {
  const type = exchange.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return { error: 'invalid_request' };
  const form = new URLSearchParams(exchange.body);
  const grant = form.get('grant_type');
  if (grant === null) return { error: 'invalid_request' };
  if (grant !== 'password') return grantNotAllowed;
  const username = form.get('username');
  const password = form.get('password');
  return username && password ? { username, password } : { error: 'invalid_request' };
}

/** A locked account refuses the right password too, until someone unlocks it. */
function authenticate(world: World, username: string, password: string): UserRecord | undefined {
  const { variants, lockoutAfter } = world.configuration;
  if (variants.upnRefused && username.includes('@')) return undefined;
  const user = world.users.signingInAs(username);
  if (!user || user.locked) return undefined;
  if (user.profile.password === password) {
    user.wrongPasswords = 0;
    return user;
  }
  user.wrongPasswords += 1;
  if (user.wrongPasswords >= lockoutAfter) {
    user.locked = true;
    world.lockouts += 1;
  }
  return undefined;
}
