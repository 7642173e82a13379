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
import { responseError, type UcwaRequest, type UcwaResponse } from '../transport/transport.ts';
import { tokenError } from '../vocabulary.ts';

export interface PasswordCredential {
  readonly username: string;
  readonly password: string;
}

export interface Token {
  readonly value: string;
  /** The lifetime in seconds, according to the server. */
  readonly expiresInSeconds: number;
}

/** Returns the request for a token. https://learn.microsoft.com/skype-sdk/ucwa/authenticationinucwa */
export function tokenRequest(url: URL, { username, password }: PasswordCredential): UcwaRequest {
  const form = new URLSearchParams({ grant_type: 'password', username, password });
  return { step: 'token', method: 'POST', url, form };
}

const tokenSchema = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: z.coerce.number().catch(3600),
});
const refusalSchema = z.object({
  error: codeWord,
  ms_rtc_passiveauthuri: z.string().optional().catch(undefined),
});

/**
 * Reads the response of the token endpoint. Throws {@link PasswordRefusedError} only if the password itself was refused,
 * {@link SignInUnsupportedError} if the pool accepts no passwords, and {@link UcwaResponseError} for other refusals.
 */
export function readToken(response: UcwaResponse): Token {
  const { host } = response.url;
  const content = parseJson(response.text);
  if (response.status === 200) {
    const token = tokenSchema.safeParse(content);
    if (!token.success) throw new UnexpectedContentError('token', host, 'it has no usable access_token');
    return { value: token.data.access_token, expiresInSeconds: token.data.expires_in };
  }
  const refusal = refusalSchema.safeParse(content);
  if ((response.status !== 400 && response.status !== 401) || !refusal.success) throw responseError(response);
  const { error, ms_rtc_passiveauthuri: passiveAuthUri } = refusal.data;
  if (error === tokenError.unsupportedGrantType) {
    throw new SignInUnsupportedError(host, 'it refuses the grant type password');
  }
  if (error !== tokenError.invalidGrant) throw tokenEndpointError(response, error);
  if (passiveAuthUri !== undefined) throw new SignInUnsupportedError(host, 'it requires AD FS');
  throw new PasswordRefusedError(host, diagnosisOf(response.headers));
}

/** Uses the OAuth error as UCWA's code, so that one table decides about both. */
function tokenEndpointError(response: UcwaResponse, error: string): UcwaResponseError {
  return new UcwaResponseError('token', response.url.host, {
    status: response.status,
    body: { code: error, subcode: undefined },
    retryAfter: response.headers.get('retry-after') ?? undefined,
    hasChallenge: false,
    diagnosis: diagnosisOf(response.headers),
  });
}
