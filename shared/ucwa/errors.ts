import { type Diagnosis, saysInvalidToken } from './transport/diagnosis.ts';
import type { ErrorBody } from './transport/error-body.ts';
import type { Rel, Step } from './vocabulary.ts';

/** Something that UCWA, or the way to it, did not do. Says at which step and host; holds no token, body or query. */
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
 * An answer that says no, or that something failed. `code` and `subcode` are there where UCWA itself answered;
 * `fromUcwa` is false for pages of proxies and IIS.
 * https://learn.microsoft.com/skype-sdk/ucwa/genericsynchronouserrors
 */
export class UcwaResponseError extends UcwaError {
  readonly status: number;
  readonly code: string | undefined;
  readonly subcode: string | undefined;
  readonly fromUcwa: boolean;
  /** The header as it came; undefined where there was none. */
  readonly retryAfter: string | undefined;
  readonly hasChallenge: boolean;
  readonly diagnosis: Diagnosis;

  constructor(
    step: Step,
    host: string,
    answer: {
      status: number;
      body: ErrorBody | undefined;
      retryAfter: string | undefined;
      hasChallenge: boolean;
      diagnosis: Diagnosis;
    },
  ) {
    const words = [answer.status, answer.body?.code, answer.body?.subcode].filter(
      (word) => word !== undefined,
    );
    super(step, host, `${host} answered ${words.join(' ')} at the step ${step}.`);
    this.status = answer.status;
    this.code = answer.body?.code;
    this.subcode = answer.body?.subcode;
    this.fromUcwa = answer.body !== undefined;
    this.retryAfter = answer.retryAfter;
    this.hasChallenge = answer.hasChallenge;
    this.diagnosis = answer.diagnosis;
  }

  /** Whether UCWA said one of these words. A subcode may stand in the place of the code. */
  says(...words: readonly string[]): boolean {
    return [this.subcode, this.code].some((word) => word !== undefined && words.includes(word));
  }

  /** Whether it is the token that was refused, not what was asked for with it. */
  get refusesToken(): boolean {
    if (this.status === 401) return true;
    return this.status === 403 && (this.hasChallenge || saysInvalidToken(this.diagnosis));
  }
}

/** The token endpoint refused the password: `invalid_grant`. It must not be sent again. */
export class PasswordRefusedError extends UcwaError {
  readonly diagnosis: Diagnosis;

  constructor(host: string, diagnosis: Diagnosis) {
    super('token', host, `${host} refused the user name or the password.`);
    this.diagnosis = diagnosis;
  }
}

/** The pool takes no passwords from anyone: nothing was refused, and the password was not judged. */
export class SignInUnsupportedError extends UcwaError {
  constructor(host: string, reason: string) {
    super('token', host, `${host} offers no sign-in with a password: ${reason}.`);
  }
}

/** No whole answer came within the time of one request. Whether the server acted on it is not known. */
export class RequestTimeoutError extends UcwaError {
  constructor(step: Step, host: string, limitMs: number) {
    super(step, host, `${host} did not answer within ${limitMs} ms at the step ${step}.`);
  }
}

/** The connection could not be made (`sent` false: the server saw nothing) or broke (`sent` true: it may have acted). */
export class ConnectionError extends UcwaError {
  readonly sent: boolean;

  constructor(step: Step, host: string, sent: boolean, reason: string) {
    const what = sent ? `The connection to ${host} broke` : `No connection to ${host} could be made`;
    super(step, host, `${what} (${reason}) at the step ${step}.`);
    this.sent = sent;
  }
}

/** A success whose content is not what the reference promises: no JSON, links that are no URLs, a body over 1 MiB. */
export class UnexpectedContentError extends UcwaError {
  constructor(step: Step, host: string, what: string) {
    super(step, host, `${host} answered with content that cannot be used at the step ${step}: ${what}.`);
  }
}

/** A link led to a host that is not among the trusted ones. Nothing was sent there. */
export class UntrustedHostError extends UcwaError {
  constructor(step: Step, url: URL) {
    const place = url.protocol === 'https:' ? url.hostname : `${url.protocol}//${url.hostname}`;
    super(step, url.hostname, `${place} is not trusted, so nothing was sent there.`);
  }
}

/** Links led in a circle, or further than any server would lead. */
export class RedirectLoopError extends UcwaError {
  constructor(step: Step, host: string) {
    super(step, host, `${host} redirects without end at the step ${step}.`);
  }
}

/** A link that the user would need is absent: not allowed to this user, or not now. */
export class LinkMissingError extends UcwaError {
  readonly rel: Rel;

  constructor(step: Step, host: string, missing: Rel) {
    super(step, host, `${host} gives this user no link ${missing}.`);
    this.rel = missing;
  }
}

/** The token belongs to someone else than the user it was asked for. Nothing was written. */
export class IdentityMismatchError extends UcwaError {
  constructor(host: string) {
    super('application', host, `${host} says that the token belongs to another user.`);
  }
}

/** The host failed so often on end that it is left alone for a while: nothing was sent. */
export class PoolPausedError extends UcwaError {
  constructor(step: Step, host: string) {
    super(step, host, `${host} is down and left alone for a while, so nothing was sent.`);
  }
}
