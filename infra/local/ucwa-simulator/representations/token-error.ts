import { type Answer, jsonAnswer } from '../exchange/answer.ts';
import type { Variants } from '../types.ts';

/** Why no token is given. */
export interface TokenRefusal {
  readonly error: string;
  /** What `X-Ms-diagnostics` says. */
  readonly diagnostics?: string;
  /** AD FS is wanted, and found there. */
  readonly passiveAuthUri?: string;
}

/** 400 of the token service, which has a format of its own. */
export function tokenError(refusal: TokenRefusal, variants: Variants): Answer {
  const passive =
    refusal.passiveAuthUri === undefined ? {} : { ms_rtc_passiveauthuri: refusal.passiveAuthUri };
  const headers = {
    'Cache-Control': 'no-store',
    'X-Ms-diagnostics': refusal.diagnostics ?? '28020;source="simulator";reason="No valid security token."',
  };
  return jsonAnswer(400, { error: refusal.error, ...passive }, variants, headers);
}
