import { type Answer, jsonAnswer } from '../exchange/answer.ts';
import type { Variants } from '../types.ts';

/** The reason why a token is refused. */
export interface TokenRefusal {
  readonly error: string;
  /** Value of `X-Ms-diagnostics`. */
  readonly diagnostics?: string;
  /** URI of the AD FS sign-in that the server requires. */
  readonly passiveAuthUri?: string;
}

/** Returns the token service's 400, which has a format of its own. */
export function tokenError(refusal: TokenRefusal, variants: Variants): Answer {
  const passive =
    refusal.passiveAuthUri === undefined ? {} : { ms_rtc_passiveauthuri: refusal.passiveAuthUri };
  const headers = {
    'Cache-Control': 'no-store',
    'X-Ms-diagnostics': refusal.diagnostics ?? '28020;source="simulator";reason="No valid security token."',
  };
  return jsonAnswer(400, { error: refusal.error, ...passive }, variants, headers);
}
