import { type Answer, htmlAnswer, jsonAnswer } from '../exchange/answer.ts';
import type { Variants } from '../types.ts';

/** The reason why a token is refused. */
export interface TokenRefusal {
  readonly error: string;
  /** Value of `X-Ms-diagnostics`. */
  readonly diagnostics?: string;
  /** URI of the AD FS sign-in that the server requires. */
  readonly passiveAuthUri?: string;
}

/** Returns an error of the token service, which has a format of its own. */
export function tokenError(refusal: TokenRefusal, variants: Variants, status = 400): Answer {
  const passive =
    refusal.passiveAuthUri === undefined ? {} : { ms_rtc_passiveauthuri: refusal.passiveAuthUri };
  const headers = {
    'Cache-Control': 'no-store',
    'X-Ms-diagnostics': refusal.diagnostics ?? '28020;source="simulator";reason="No valid security token."',
  };
  return jsonAnswer(status, { error: refusal.error, ...passive }, variants, headers);
}

/** Returns the refusal of a wrong password, in the form of the variant. */
export function passwordRefusal(variants: Variants): Answer {
  const refusal = { error: 'invalid_grant' };
  return {
    'json-400': () => tokenError(refusal, variants),
    'json-401': () => tokenError(refusal, variants, 401),
    'json-403': () => tokenError(refusal, variants, 403),
    'page-401': () => htmlAnswer(401, 'Unauthorized', badCredentials),
  }[variants.passwordRefusal]();
}

const badCredentials = {
  'X-Ms-diagnostics': '28019;source="simulator";reason="The user name or password is incorrect."',
};
