import { shownSeconds } from '../runtime/shown-seconds.ts';
import { shownHost } from './shown-host.ts';
import type { Step } from './steps.ts';
import { type Diagnosis, reasonOf, saysInvalidToken } from './transport/diagnosis.ts';
import type { ErrorBody } from './transport/error-body.ts';
import type { Rel } from './vocabulary.ts';

/** A failure of UCWA or of the connection to it, at one step and host. Holds no token, body or query. */
export abstract class UcwaError extends Error {
  readonly step: Step;
  /** At most 253 characters: servers name hosts in links. */
  readonly host: string;

  /** `describe` makes the message from the host as it is shown. */
  constructor(step: Step, host: string, describe: (host: string) => string, options?: ErrorOptions) {
    super(describe(shownHost(host)), options);
    this.name = new.target.name;
    this.step = step;
    this.host = shownHost(host);
  }
}

/**
 * A response that refuses a request or reports a failure. `code` and `subcode` are set if UCWA sent them; `fromUcwa` is
 * false for the pages of proxies and of IIS. https://learn.microsoft.com/skype-sdk/ucwa/genericsynchronouserrors
 */
export class UcwaResponseError extends UcwaError {
  readonly status: number;
  readonly code: string | undefined;
  readonly subcode: string | undefined;
  readonly fromUcwa: boolean;
  /** The `Retry-After` header as the server wrote it. */
  readonly retryAfter: string | undefined;
  readonly hasChallenge: boolean;
  readonly diagnosis: Diagnosis;

  constructor(
    step: Step,
    host: string,
    response: {
      status: number;
      body: ErrorBody | undefined;
      retryAfter: string | undefined;
      hasChallenge: boolean;
      diagnosis: Diagnosis;
      /** The host that an HTTP redirect (3xx) leads to. */
      redirectsTo?: string | undefined;
    },
  ) {
    const { status, body, redirectsTo } = response;
    const redirect = redirectsTo === undefined ? undefined : `(a redirect to ${shownHost(redirectsTo)})`;
    const words = [status, body?.code, body?.subcode, redirect].filter((word) => word !== undefined);
    super(step, host, (shown) => `${shown} returned ${words.join(' ')} in the ${step} step.`);
    this.status = status;
    this.code = body?.code;
    this.subcode = body?.subcode;
    this.fromUcwa = body !== undefined;
    this.retryAfter = response.retryAfter;
    this.hasChallenge = response.hasChallenge;
    this.diagnosis = response.diagnosis;
  }

  /** True if the code or subcode is one of these words, in any case. UCWA sometimes sends a subcode in place of the code. */
  says(...words: readonly string[]): boolean {
    const said = [this.subcode?.toLowerCase(), this.code?.toLowerCase()];
    return words.some((word) => said.includes(word.toLowerCase()));
  }

  /** True if the server refused the token itself, not the request made with it. */
  get refusesToken(): boolean {
    if (this.status === 401) return true;
    return this.status === 403 && (this.hasChallenge || saysInvalidToken(this.diagnosis));
  }
}

/**
 * The token service refused the user name or password: `invalid_grant` with 400 or 403, or any 401. The same password
 * must not be sent again.
 */
export class PasswordRefusedError extends UcwaError {
  readonly status: number;
  readonly diagnosis: Diagnosis;
  /** Why, in the server's words; undefined where it gave no reason. */
  readonly reason: string | undefined;

  constructor(host: string, { status, diagnosis }: { status: number; diagnosis: Diagnosis }) {
    const reason = reasonOf(diagnosis);
    const why = reason === undefined ? '' : ` ("${reason}")`;
    super('token', host, (shown) => `${shown} refused the user name or password${why}.`);
    this.status = status;
    this.diagnosis = diagnosis;
    this.reason = reason;
  }
}

/** The pool accepts no passwords from any user. This user's password was not judged. */
export class SignInUnsupportedError extends UcwaError {
  constructor(host: string, reason: string) {
    super('token', host, (shown) => `${shown} does not accept sign-in with a password: ${reason}.`);
  }
}

/**
 * The pool does not know the user: the token service returned a page with 400, so that the password was right and the
 * user is not enabled; or the user's home pool is unknown (404 without a body) or in Microsoft 365.
 */
export class UserUnknownError extends UcwaError {
  readonly reason: 'not-known' | 'homed-online';

  constructor(step: Step, host: string, reason: UserUnknownError['reason'] = 'not-known') {
    super(step, host, (shown) =>
      reason === 'homed-online'
        ? `${shown} redirects this user to Microsoft 365, so the user is homed online.`
        : `${shown} does not know this user.`,
    );
    this.reason = reason;
  }
}

/**
 * The password left, and no verdict on it came back. The directory may have counted it as a failed sign-in. `cause` tells
 * what came instead.
 */
export class SignInUnjudgedError extends UcwaError {
  declare readonly cause: UcwaError;
  readonly status: number | undefined;
  /** The `Retry-After` header as the server wrote it. */
  readonly retryAfter: string | undefined;

  constructor(host: string, cause: UcwaError) {
    const event = cause.message.replace(/\.$/, '');
    super('token', host, () => `${event}, so the sign-in ended without a verdict on the password.`, {
      cause,
    });
    this.status = cause instanceof UcwaResponseError ? cause.status : undefined;
    this.retryAfter = cause instanceof UcwaResponseError ? cause.retryAfter : undefined;
  }
}

/** No complete response came within the time limit of a request. The server may have acted on it. */
export class RequestTimeoutError extends UcwaError {
  constructor(step: Step, host: string, limitMs: number) {
    super(
      step,
      host,
      (shown) => `${shown} did not respond within ${shownSeconds(limitMs)} in the ${step} step.`,
    );
  }
}

/**
 * The connection failed: before the request was sent (`sent` is false, the server saw nothing) or later (`sent` is true,
 * the server may have acted).
 */
export class ConnectionError extends UcwaError {
  readonly sent: boolean;
  /** Node's code for the failure, such as `ECONNREFUSED`. */
  readonly reason: string;

  constructor(
    step: Step,
    host: string,
    sent: boolean,
    reason: string,
    describe: (host: string) => string = (shown) => {
      const event = sent ? `The connection to ${shown} broke` : `Connecting to ${shown} failed`;
      return `${event} (${reason}) in the ${step} step.`;
    },
  ) {
    super(step, host, describe);
    this.sent = sent;
    this.reason = reason;
  }
}

/** A response breaks the promises of the reference: not JSON, a link that is not a URL, a body over 1 MiB. */
export class UnexpectedContentError extends UcwaError {
  constructor(step: Step, host: string, problem: string) {
    super(step, host, (shown) => `${shown} returned unusable content in the ${step} step: ${problem}.`);
  }
}

/**
 * Something in front of UCWA answered in its place with a page and a status of success, such as the sign-in page of a
 * reverse proxy. UCWA did not see the request.
 */
export class FrontAnswerError extends UcwaError {
  constructor(step: Step, host: string) {
    super(step, host, (shown) => `${shown} returned a page in place of UCWA's response in the ${step} step.`);
  }
}

/** Redirects lead in a circle, or further than any real server leads. */
export class RedirectLoopError extends UcwaError {
  constructor(step: Step, host: string) {
    super(
      step,
      host,
      (shown) => `There were too many redirects in the ${step} step; the last one led to ${shown}.`,
    );
  }
}

/** A link that the work needs is absent: this user lacks the feature, or lacks it at the moment. */
export class LinkMissingError extends UcwaError {
  readonly rel: Rel;

  constructor(step: Step, host: string, missing: Rel) {
    super(step, host, (shown) => `${shown} does not offer this user the link ${missing}.`);
    this.rel = missing;
  }
}

/** The token belongs to another user than the one it was requested for. Nothing was written. */
export class IdentityMismatchError extends UcwaError {
  /** `actual` is whose token it is, as errors may show it. */
  constructor(host: string, actual = 'another user') {
    super('application', host, (shown) => `According to ${shown}, the token belongs to ${actual}.`);
  }
}

/** The host failed so often in a row that no requests are sent to it for a while. This one was not sent. */
export class PoolPausedError extends UcwaError {
  /** `lastFailure` is the sentence of the last of these failures. */
  constructor(step: Step, host: string, lastFailure?: string) {
    const last = lastFailure === undefined ? '' : ` The last failure: ${lastFailure}`;
    const describe = (shown: string) =>
      `${shown} failed too often in a row and is paused for up to a minute, so nothing was sent to it.${last}`;
    super(step, host, describe);
  }
}
