import * as z from 'zod';
import { parseJson } from '../runtime/json.ts';
import { failed, type Result, success } from '../runtime/result.ts';
import type { PasswordCredential } from '../ucwa/sign-in/token.ts';

/** What is wrong with a secret's value, and what to do; neither shows any of it. */
export interface SecretProblem {
  /** The end of a sentence that begins with the secret: `is not valid JSON`. */
  readonly problem: string;
  readonly remedy: string;
}

/** What the value of a secret looks like. */
export const secretForm = '{"username": "DOMAIN\\\\user", "password": "…"}';
const setInForm = `Set it again as ${secretForm}.`;
const doubleIt = `In JSON, the backslash of the user name must be doubled: set it again as ${secretForm}.`;

/** A backslash that begins none of JSON's escapes: that of a user name such as `DOMAIN\alice`. */
const singleBackslash = /^(?:[^\\]|\\["\\/bfnrt]|\\u[0-9a-f]{4})*\\(?!["\\/bfnrt]|u[0-9a-f]{4})/i;

/** Escapes such as `\b` and `\n`, where a backslash was meant, become control characters. */
const controlCharacter = /\p{Cc}/u;

const secretSchema = z.looseObject({});
const textSchema = z.string().min(1);

/** Reads the value of a secret. White space around the user name is removed. */
export function readSecretValue(text: string): Result<PasswordCredential, SecretProblem> {
  const json = parseJson(text);
  if (json === undefined) return failed(unreadable(text));
  const secret = secretSchema.safeParse(json);
  if (!secret.success) return failed({ problem: 'is not a JSON object', remedy: setInForm });
  const username = textSchema.safeParse(trimmed(secret.data['username']));
  const password = textSchema.safeParse(secret.data['password']);
  if (!username.success || !password.success) {
    const names = [...(username.success ? [] : ['username']), ...(password.success ? [] : ['password'])];
    return failed({ problem: `lacks the text ${names.join(' and the text ')}`, remedy: setInForm });
  }
  const credential = { username: username.data, password: password.data };
  return withoutControlCharacters(credential);
}

/** A domain alone before a control character stays, to be refused: in JSON, `CONTOSO\t` ends in a tab. */
function trimmed(username: unknown): unknown {
  if (typeof username !== 'string') return username;
  const name = username.trim();
  const isWhole = /[@\\]/.test(name) || !controlCharacter.test(username);
  return isWhole ? name : username;
}

function unreadable(text: string): SecretProblem {
  if (text.trim() === '') return { problem: 'is empty', remedy: setInForm };
  if (!/^\s*[{["\ufeff]/.test(text)) return { problem: 'is plain text, not JSON', remedy: setInForm };
  return singleBackslash.test(text)
    ? { problem: 'is not valid JSON, since a backslash in it is not doubled', remedy: doubleIt }
    : { problem: 'is not valid JSON', remedy: setInForm };
}

function withoutControlCharacters(credential: PasswordCredential): Result<PasswordCredential, SecretProblem> {
  const names = (['username', 'password'] as const).filter((name) => controlCharacter.test(credential[name]));
  if (names.length === 0) return success(credential);
  const problem = `has a control character in its ${names.join(' and its ')}`;
  return failed({ problem, remedy: `A single backslash before b, f, n, r, t or u makes one. ${doubleIt}` });
}
