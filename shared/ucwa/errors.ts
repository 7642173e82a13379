import type { Step } from './steps.ts';
import { type Diagnosis, saysInvalidToken } from './transport/diagnosis.ts';
import type { ErrorBody } from './transport/error-body.ts';
import type { Rel } from './vocabulary.ts';

/** A failure of UCWA or of the connection to it, at one step and host. Holds no token, body or query. */
export abstract class UcwaError extends Error {
  readonly step: Step;
  readonly host: string;

  constructor(step: Step, host: string, message: string) {
    super(message);
    this.name = new.target.name;
    this.step = step;
    this.host = host;
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
    },
  ) {
    const { status, body } = response;
    const words = [status, body?.code, body?.subcode].filter((word) => word !== undefined);
    super(step, host, `${host} returned ${words.join(' ')} in the ${step} step.`);
    this.status = status;
    this.code = body?.code;
    this.subcode = body?.subcode;
    this.fromUcwa = body !== undefined;
    this.retryAfter = response.retryAfter;
    this.hasChallenge = response.hasChallenge;
    this.diagnosis = response.diagnosis;
  }

  /** True if the code or subcode is one of these words. UCWA sometimes sends a subcode in place of the code. */
  says(...words: readonly string[]): boolean {
    return [this.subcode, this.code].some((word) => word !== undefined && words.includes(word));
  }

  /** True if the server refused the token itself, not the request made with it. */
  get refusesToken(): boolean {
    if (this.status === 401) return true;
    return this.status === 403 && (this.hasChallenge || saysInvalidToken(this.diagnosis));
  }
}

/** The token endpoint refused the password (`invalid_grant`). The same password must not be sent again. */
export class PasswordRefusedError extends UcwaError {
  readonly diagnosis: Diagnosis;

  constructor(host: string, diagnosis: Diagnosis) {
    super('token', host, `${host} refused the user name or password.`);
    this.diagnosis = diagnosis;
  }
}

/** The pool accepts no passwords from any user. This user's password was not judged. */
export class SignInUnsupportedError extends UcwaError {
  constructor(host: string, reason: string) {
    super('token', host, `${host} does not accept sign-in with a password: ${reason}.`);
  }
}

/** No complete response came within the time limit of a request. The server may have acted on it. */
export class RequestTimeoutError extends UcwaError {
  constructor(step: Step, host: string, limitMs: number) {
    super(step, host, `${host} did not respond within ${limitMs} ms in the ${step} step.`);
  }
}

/**
 * The connection failed: before the request was sent (`sent` is false, the server saw nothing) or later (`sent` is true,
 * the server may have acted).
 */
export class ConnectionError extends UcwaError {
  readonly sent: boolean;

  constructor(step: Step, host: string, sent: boolean, reason: string) {
    const event = sent ? `The connection to ${host} broke` : `Connecting to ${host} failed`;
    super(step, host, `${event} (${reason}) in the ${step} step.`);
    this.sent = sent;
  }
}

/** A response breaks the promises of the reference: not JSON, a link that is not a URL, a body over 1 MiB. */
export class UnexpectedContentError extends UcwaError {
  constructor(step: Step, host: string, problem: string) {
    super(step, host, `${host} returned unusable content in the ${step} step: ${problem}.`);
  }
}

/** A link leads to a host that is not trusted. Nothing was sent to it. */
export class UntrustedHostError extends UcwaError {
  constructor(step: Step, url: URL) {
    const place = url.protocol === 'https:' ? url.hostname : `${url.protocol}//${url.hostname}`;
    super(step, url.hostname, `${place} is not trusted, so nothing was sent to it.`);
  }
}

/** Redirects lead in a circle, or further than any real server leads. */
export class RedirectLoopError extends UcwaError {
  constructor(step: Step, host: string) {
    super(step, host, `There were too many redirects in the ${step} step; the last one led to ${host}.`);
  }
}

/** A link that the work needs is absent: this user lacks the feature, or lacks it at the moment. */
export class LinkMissingError extends UcwaError {
  readonly rel: Rel;

  constructor(step: Step, host: string, missing: Rel) {
    super(step, host, `${host} does not offer this user the link ${missing}.`);
    this.rel = missing;
  }
}

/** The token belongs to another user than the one it was requested for. Nothing was written. */
export class IdentityMismatchError extends UcwaError {
  constructor(host: string) {
    super('application', host, `According to ${host}, the token belongs to another user.`);
  }
}

/** The host failed so often in a row that no requests are sent to it for a while. This one was not sent. */
export class PoolPausedError extends UcwaError {
  constructor(step: Step, host: string) {
    super(step, host, `${host} failed too often in a row and is paused, so nothing was sent to it.`);
  }
}
