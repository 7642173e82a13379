import { type Answer, htmlAnswer } from '../exchange/answer.ts';
import { oauthToken } from '../exchange/paths.ts';
import type { Origin, Simulation } from '../state/simulation.ts';
import type { Variants } from '../types.ts';

const issuers = 'trusted_issuers="00000001-0000-0000-c000-000000000000@contoso.com,sts.contoso.com"';
const bearer = `Bearer ${issuers}, client_id="00000004-0000-0ff1-ce00-000000000000"`;
const entra = bearer.replace(
  'Bearer ',
  'Bearer authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", ',
);
const otherGrants = 'urn:microsoft.rtc:windows,urn:microsoft.rtc:anonmeeting';

/** Returns the 401 for a request without a valid token, with the challenge that names the token service. */
export function unauthorized(simulation: Simulation, origin: Origin): Answer {
  return htmlAnswer(401, 'Unauthorized', challengeHeaders(simulation, origin));
}

/** Returns the `WWW-Authenticate` headers of a 401 in the form of the variant; one variant has none. */
export function challengeHeaders(simulation: Simulation, origin: Origin): NonNullable<Answer['headers']> {
  const values = challenges(tokenUrl(simulation, origin), simulation.configuration.variants.challenge);
  return values.length === 0 ? {} : { 'WWW-Authenticate': values };
}

/** The name of the pool whose challenge led to another pool's token service. */
export const challengerParameter = 'challenger';

/** Returns where a pool's challenge sends the password. */
function tokenUrl({ configuration, pools }: Simulation, origin: Origin): string {
  const [registrar] = pools;
  const issuer = pools.at(-1) ?? registrar;
  const isElsewhere = configuration.variants.tokenService !== 'own-host' && origin === registrar;
  return isElsewhere && issuer !== origin
    ? `${issuer.url}${oauthToken}?${challengerParameter}=${origin.name}`
    : origin.url + oauthToken;
}

/** True when the token service accepts passwords. */
export function acceptsPasswords(variants: Variants): boolean {
  return variants.challenge !== 'no-password-grant' && variants.challenge !== 'bearer-only';
}

function challenges(href: string, variant: Variants['challenge']): readonly string[] {
  const oauth = `MsRtcOAuth href="${href}",grant_type="${otherGrants},password"`;
  return {
    'two-headers': [bearer, oauth],
    'one-header': [`${bearer}, ${oauth}`],
    'unquoted-href': [bearer, `MsRtcOAuth href=${href},grant_type="${otherGrants},password"`],
    none: [],
    'bearer-only': [bearer],
    'no-password-grant': [bearer, `MsRtcOAuth href="${href}",grant_type="${otherGrants}"`],
    'with-authorization-uri': [entra, oauth],
  }[variant];
}
