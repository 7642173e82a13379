import * as z from 'zod';
import { parseJson } from '../../runtime/json.ts';
import {
  PasswordRefusedError,
  SignInUnsupportedError,
  UcwaResponseError,
  UnexpectedContentError,
} from '../errors.ts';
import { diagnosisOf } from '../transport/diagnosis.ts';
import { codeWord } from '../transport/error-body.ts';
import { responseError, type UcwaAnswer, type UcwaRequest } from '../transport/transport.ts';
import { tokenError } from '../vocabulary.ts';

export interface PasswordCredential {
  readonly username: string;
  readonly password: string;
}

export interface Token {
  readonly value: string;
  /** How long the server says it holds, in seconds. */
  readonly expiresInSeconds: number;
}

/** The request that asks for a token. https://learn.microsoft.com/skype-sdk/ucwa/authenticationinucwa */
export function tokenRequest(url: URL, { username, password }: PasswordCredential): UcwaRequest {
  const form = new URLSearchParams({ grant_type: 'password', username, password });
  return { step: 'token', method: 'POST', url, form };
}

const tokenForm = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: z.coerce.number().catch(3600),
});
const errorForm = z.object({
  error: codeWord,
  ms_rtc_passiveauthuri: z.string().optional().catch(undefined),
});

/**
 * Reads the answer of the token endpoint. Throws {@link PasswordRefusedError} only where the password itself was
 * refused, {@link SignInUnsupportedError} where the pool takes no passwords, {@link UcwaResponseError} for the rest.
 */
export function readToken(answer: UcwaAnswer): Token {
  const { host } = answer.url;
  const content = parseJson(answer.text);
  if (answer.status === 200) {
    const token = tokenForm.safeParse(content);
    if (!token.success)
      throw new UnexpectedContentError('token', host, 'there is no usable access_token in it');
    return { value: token.data.access_token, expiresInSeconds: token.data.expires_in };
  }
  const refusal = errorForm.safeParse(content);
  if ((answer.status !== 400 && answer.status !== 401) || !refusal.success) throw responseError(answer);
  const { error, ms_rtc_passiveauthuri: passiveAuthUri } = refusal.data;
  if (error === tokenError.unsupportedGrantType)
    throw new SignInUnsupportedError(host, 'it refuses this grant type');
  if (error !== tokenError.invalidGrant) throw tokenEndpointError(answer, error);
  if (passiveAuthUri !== undefined) throw new SignInUnsupportedError(host, 'it wants AD FS');
  throw new PasswordRefusedError(host, diagnosisOf(answer.headers));
}

/** The OAuth error takes the place of UCWA's code, so that both are decided upon in one table. */
function tokenEndpointError(answer: UcwaAnswer, error: string): UcwaResponseError {
  return new UcwaResponseError('token', answer.url.host, {
    status: answer.status,
    body: { code: error, subcode: undefined },
    retryAfter: answer.headers.get('retry-after') ?? undefined,
    hasChallenge: false,
    diagnosis: diagnosisOf(answer.headers),
  });
}
