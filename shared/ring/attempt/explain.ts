import {
  PasswordRefusedError,
  RequestTimeoutError,
  SignInUnjudgedError,
  UcwaResponseError,
} from '../../ucwa/errors.ts';
import { decisiveError } from '../../ucwa/sign-in/discovery-error.ts';
import type { FailureCode } from '../model/failure-code.ts';
import type { UcwaWords } from '../model/outcome.ts';
import { adviceFor } from './advice.ts';
import { classify, type Failure, type FailureName, outOfTime } from './decision-table.ts';
import { OutOfTimeError, outOfTimeWords } from './out-of-time.ts';

/** A failure in the words of an outcome: a stable code, what happened and what to do, and UCWA's own words. */
export interface Explanation {
  readonly code: FailureCode;
  readonly detail: string;
  readonly ucwa?: UcwaWords;
}

/** Explains a failure. The text contains no body, token or phone number. */
export function explain(failure: Failure, error: unknown): Explanation {
  const sentences = [describe(failure, error), adviceFor(failure, error)];
  return {
    code: failure.code,
    detail: sentences.filter((sentence) => sentence !== undefined).join(' '),
    ...ucwaWordsOf(error),
  };
}

/** Why an attempt ended, where it was for a reason of our own. */
const ownReasons: Readonly<Partial<Record<FailureName, string>>> = {
  interrupted: 'The instance stopped while this was in progress.',
  'not-begun': 'The time for this attempt was over before it began, so nothing was sent.',
  'no-slot': 'Too many other users are in progress.',
};

function describe(failure: Failure, error: unknown): string | undefined {
  const message = ownReasons[failure.name] ?? (error instanceof Error ? error.message : undefined);
  if (failure !== outOfTime || error instanceof OutOfTimeError) return message;
  if (classify(error) === undefined) return `${outOfTimeWords} before anything was sent.`;
  return isTimeout(error) ? message : `${message} ${outOfTimeWords} before another try.`;
}

/** Such a message says itself that the time ran out. */
function isTimeout(error: unknown): boolean {
  const decisive = decisiveError(error);
  const cause = decisive instanceof SignInUnjudgedError ? decisive.cause : decisive;
  return cause instanceof RequestTimeoutError;
}

function ucwaWordsOf(error: unknown): { ucwa?: UcwaWords } {
  const decisive = decisiveError(error);
  const answered = decisive instanceof SignInUnjudgedError ? decisive.cause : decisive;
  if (answered instanceof UcwaResponseError) return { ucwa: ucwaWords(answered) };
  if (!(answered instanceof PasswordRefusedError)) return {};
  const { status, diagnosis } = answered;
  return { ucwa: { status, ...(Object.keys(diagnosis).length === 0 ? {} : { diagnosis }) } };
}

function ucwaWords(error: UcwaResponseError): UcwaWords {
  return {
    status: error.status,
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(error.subcode === undefined ? {} : { subcode: error.subcode }),
    ...(Object.keys(error.diagnosis).length === 0 ? {} : { diagnosis: error.diagnosis }),
  };
}
