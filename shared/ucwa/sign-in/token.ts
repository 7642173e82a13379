import * as z from 'zod';
import { parseJson } from '../../runtime/json.ts';
import { failed, type Result, success } from '../../runtime/result.ts';
import {
  FrontAnswerError,
  PasswordRefusedError,
  SignInUnjudgedError,
  SignInUnsupportedError,
  UnexpectedContentError,
  UserUnknownError,
} from '../errors.ts';
import { describedBy, diagnosisOf } from '../transport/diagnosis.ts';
import { codeWord, formOf, isPage } from '../transport/error-body.ts';
import { responseError, type UcwaRequest, type UcwaResponse } from '../transport/transport.ts';
import { tokenError } from '../vocabulary.ts';

export interface PasswordCredential {
  readonly username: string;
  readonly password: string;
}

/**
 * Where a session gets its password, and who learns what became of it. A password that left and got no verdict may have
 * counted as a failed sign-in.
 */
export interface PasswordSource {
  /** Called only when a token has to be requested. */
  read(): Promise<PasswordCredential>;
  /** Called with the host when the password that was read last leaves: not while its request waits for the pool or the connection. */
  onSent(host: string): void;
  /** Called if the response is a verdict: a token, a refusal, no password grant, a user who is not known. */
  onVerdict(): void;
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

/** The longest token that is taken: a longer one fits into no server's limit of headers. */
const tokenMaxLength = 16_384;

const tokenSchema = z.object({
  access_token: z
    .string()
    .max(tokenMaxLength)
    .regex(/^[\x21-\x7e]+$/),
  expires_in: z.coerce.number().catch(3600),
});
const refusalSchema = z.object({
  error: codeWord,
  error_description: z.string().optional().catch(undefined),
  ms_rtc_passiveauthuri: z.string().min(1).optional().catch(undefined),
});

/** Why the token service gave no token. All but {@link SignInUnjudgedError} are verdicts. */
type TokenFailure = PasswordRefusedError | SignInUnsupportedError | UserUnknownError | SignInUnjudgedError;

/**
 * Reads the response of the token service: a token, or one of three verdicts: {@link PasswordRefusedError} for
 * `invalid_grant` with 400 or 403 and for any 401, {@link SignInUnsupportedError} if the pool accepts no passwords, and
 * {@link UserUnknownError} for a page with 400. Everything else is a {@link SignInUnjudgedError}.
 * https://learn.microsoft.com/skype-sdk/ucwa/authenticationinucwa
 */
export function readToken(response: UcwaResponse): Result<Token, TokenFailure> {
  const { host } = response.url;
  const content = parseJson(response.text);
  if (response.status !== 200) return failed(readRefusal(response, content));
  const token = tokenSchema.safeParse(content);
  if (token.success) {
    return success({ value: token.data.access_token, expiresInSeconds: token.data.expires_in });
  }
  const problem = isPage(response.text)
    ? new FrontAnswerError('token', host)
    : new UnexpectedContentError('token', host, 'it has no usable access_token');
  return failed(new SignInUnjudgedError(host, problem));
}

function readRefusal(response: UcwaResponse, content: unknown): TokenFailure {
  const { status, url } = response;
  const refusal = refusalSchema.safeParse(content).data;
  if (status === 401) return passwordRefused(response, refusal?.error_description);
  if (status === 400 || status === 403) {
    if (isWord(refusal?.error, tokenError.unsupportedGrantType)) {
      return new SignInUnsupportedError(url.host, 'it refuses the grant type password');
    }
    if (isWord(refusal?.error, tokenError.invalidGrant)) {
      return refusal?.ms_rtc_passiveauthuri === undefined
        ? passwordRefused(response, refusal?.error_description)
        : new SignInUnsupportedError(url.host, 'it requires AD FS');
    }
  }
  if (status === 400 && content === undefined && isForPeople(response.text)) {
    return new UserUnknownError('token', url.host);
  }
  // The OAuth error takes the place of UCWA's code.
  const body = refusal && { code: refusal.error, subcode: undefined };
  return new SignInUnjudgedError(url.host, responseError(response, body));
}

function passwordRefused(
  { url, status, headers, secrets }: UcwaResponse,
  description: string | undefined,
): PasswordRefusedError {
  const diagnosis = { ...diagnosisOf(headers, secrets), ...describedBy(description, secrets) };
  return new PasswordRefusedError(url.host, { status, diagnosis });
}

/** Ignores case: a refusal that was overlooked would send the password again. */
function isWord(error: string | undefined, word: string): boolean {
  return error?.toLowerCase() === word;
}

/** Tells a page or a sentence for people from an error in JSON or XML that was cut off, and from nothing at all. */
function isForPeople(text: string): boolean {
  return text.trim() !== '' && formOf(text) === 'other';
}
