import { type Answer, jsonAnswer } from '../exchange/answer.ts';
import { type Exchange, queryParameter } from '../exchange/exchange.ts';
import { acceptsPasswords, challengerParameter } from '../representations/challenge.ts';
import { passwordRefusal, type TokenRefusal, tokenError } from '../representations/token-error.ts';
import type { UserRecord } from '../state/records.ts';
import type { Simulation } from '../state/simulation.ts';

const grantNotAllowed: TokenRefusal = {
  error: 'unsupported_grant_type',
  diagnostics: '28029;source="simulator";reason="Authentication type not allowed."',
};

/** Returns a token of this pool for a user name and a password, and counts wrong passwords. */
export function issueToken(exchange: Exchange): Answer {
  const { simulation } = exchange;
  const { variants, tokenLifetimeMs } = simulation.configuration;
  const credentials = readCredentials(exchange);
  if ('error' in credentials) return tokenError(credentials, variants);
  if (!acceptsPasswords(variants)) return tokenError(grantNotAllowed, variants);
  const user = authenticate(simulation, credentials.username, credentials.password);
  if (!user) return passwordRefusal(variants);
  const grant = {
    access_token: simulation.tokens.issue(user.index, acceptingPools(exchange)),
    token_type: 'Bearer',
    expires_in: tokenLifetimeMs / 1000,
    ms_rtc_identityscope: 'local',
  };
  return jsonAnswer(200, grant, variants, { 'Cache-Control': 'no-store' });
}

/** Returns the indexes of the pools that accept the token: this one, or those of the variant for another pool's challenge. */
function acceptingPools({ simulation, origin, query }: Exchange): readonly number[] {
  const name = queryParameter(query, challengerParameter);
  const challenger = simulation.pools.find((pool) => pool.name === name);
  if (challenger === undefined) return [origin.index];
  return {
    'own-host': [origin.index],
    'other-pool': [challenger.index, origin.index],
    'other-pool-for-registrar': [challenger.index],
    'other-pool-for-itself': [origin.index],
  }[simulation.configuration.variants.tokenService];
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

/** Returns the user; undefined for wrong credentials. A locked account refuses the right password too, until it is unlocked. */
function authenticate(simulation: Simulation, username: string, password: string): UserRecord | undefined {
  const { variants, lockoutAfter } = simulation.configuration;
  if (variants.upnRefused && username.includes('@')) return undefined;
  const user = simulation.users.signingInAs(username);
  if (!user || user.locked) return undefined;
  if (user.profile.password === password) {
    user.wrongPasswords = 0;
    return user;
  }
  user.wrongPasswords += 1;
  if (user.wrongPasswords >= lockoutAfter) {
    user.locked = true;
    simulation.lockouts += 1;
  }
  return undefined;
}
