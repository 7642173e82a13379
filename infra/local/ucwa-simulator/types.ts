import type { Operation, Step } from './steps.ts';

/** A user of the simulated organisation, with the rights and the settings that the user starts with. */
export interface SimulatedUser {
  /** The SIP address with its scheme, `sip:alice@contoso.com`. */
  readonly sip: string;
  /** The account, `CONTOSO\alice`; the address without its scheme is accepted as a UPN too, unless `upnRefused`. */
  readonly username: string;
  readonly password: string;
  /** Name of the home pool; default: the first pool. */
  readonly pool?: string;
  /** `false`: `me` has no `callForwardingSettings` link, and everything below it returns 403. Default true. */
  readonly enterpriseVoice?: boolean;
  /** `false`: the three `simultaneousRingTo…` links are absent, and their URLs return 403. Default true. */
  readonly simultaneousRing?: boolean;
  /** The value of `me.uri`; default: `sip`. */
  readonly meUri?: string;
  /** Whether delegates are configured; default true. */
  readonly delegates?: boolean;
  /** Whether a team is configured; default true. */
  readonly team?: boolean;
  /** Initial settings; each property given replaces a default. */
  readonly settings?: Partial<CallForwardingState>;
}

export type RingTarget = 'None' | 'Contact' | 'Delegates' | 'Team';

/** A user's call forwarding as the server holds it; each `contact` is a `tel:` or `sip:` URI, delays are seconds. */
export interface CallForwardingState {
  activePeriod: 'Always' | 'Workhours';
  activeSetting: 'None' | 'ImmediateForward' | 'SimultaneousRing';
  immediateForward: { target: 'None' | 'Contact' | 'Delegates' | 'Voicemail'; contact?: string };
  simultaneousRing: { target: RingTarget; ringDelay: number; contact?: string };
  unanswered: { target: 'None' | 'Contact' | 'Voicemail'; ringDelay: number; contact?: string };
}

/** One request as it was received, with the status of its response. */
export interface RecordedRequest {
  /** Milliseconds of the simulator's clock. */
  readonly at: number;
  readonly step: Step;
  /** Undefined for a path that belongs to no resource. */
  readonly operation?: Operation | undefined;
  /** `discovery` or the name of a pool. */
  readonly pool: string;
  readonly method: string;
  /** With its query, as sent. */
  readonly path: string;
  /** SIP address with its scheme; undefined before the user is known. */
  readonly user?: string | undefined;
  readonly status: number | 'reset' | 'hang';
  /** Number of requests in progress at this server when this one arrived, itself included. */
  readonly atOnce: number;
  readonly correlationId?: string | undefined;
  readonly contentType?: string | undefined;
  readonly contentLength?: string | undefined;
  readonly ifMatch?: string | undefined;
  readonly hasToken: boolean;
  readonly target?: string | undefined;
  readonly targetIn?: 'body' | 'query' | undefined;
  /** Of requests for an application. */
  readonly endpointId?: string | undefined;
  /** Of token requests. */
  readonly username?: string | undefined;
}

/** One invalid parameter of a request, in the `parameters` of an error. */
export interface InvalidParameter {
  readonly name: string;
  readonly reason: string;
}

/** An error; `body` replaces the one made of `code`, `subcode` and `parameters`. */
export interface StatusAnswer {
  readonly status: number;
  readonly code?: string;
  readonly subcode?: string;
  /** Default: the variant `errors`. */
  readonly format?: 'json' | 'xml' | 'html';
  readonly parameters?: readonly InvalidParameter[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A failure that is not a UCWA error: of the transport, of the body, of the token service. */
export type BrokenAnswer =
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'reset-in-body' }
  | { readonly kind: 'slow-body'; readonly bytesPerSecond: number }
  | { readonly kind: 'huge-body'; readonly bytes: number }
  | { readonly kind: 'broken-gzip' }
  | { readonly kind: 'malformed-json' }
  | { readonly kind: 'bad-links' }
  | { readonly kind: 'wrong-shape' }
  | {
      readonly kind: 'token-error';
      readonly error: string;
      readonly diagnostics?: string;
      readonly passiveAuthUri?: string;
    };

/**
 * A failure on demand. Of the requests that match `step`, `operation`, `user` and `pool` (each matches everything when left
 * out), the first `skip` pass and the next `times` fail.
 */
export interface Fault {
  /** Matches exactly: `read` does not include `read-back`. To match every read of a resource, give its `operation` alone. */
  readonly step?: Step;
  readonly operation?: Operation;
  /** SIP address of the user. */
  readonly user?: string;
  readonly pool?: string;
  /** Default 0. */
  readonly skip?: number;
  /** Default 1; `Infinity` fails until the faults are cleared. */
  readonly times?: number;
  /** True: the request takes effect before the failure is returned. Default false. */
  readonly applied?: boolean;
  readonly answer: StatusAnswer | BrokenAnswer;
}

/** Differences between real servers, each of which a client must support. */
export interface Variants {
  /** How links to the same origin are written; links to another origin are always absolute. */
  readonly hrefs: 'relative' | 'absolute' | 'double-slash';
  /** Links of an application carry a query that the client must send back byte for byte. */
  readonly linkQueries: boolean;
  readonly settings: 'embedded' | 'linked';
  readonly errors: 'json' | 'xml' | 'html';
  readonly challenge:
    | 'two-headers'
    | 'one-header'
    | 'unquoted-href'
    | 'none'
    | 'bearer-only'
    | 'no-password-grant'
    | 'with-authorization-uri';
  readonly byteOrderMark: boolean;
  /** Bodies are compressed for clients that accept it. */
  readonly gzip: boolean;
  readonly etag: 'header' | 'property';
  /** How the contact of a phone number is represented. */
  readonly numberForm:
    | 'tel'
    | 'sip-user-phone'
    | 'sip-skip-rnl'
    | 'person'
    | 'person-bare-digits'
    | 'forbidden';
  /** What `user` links for a user homed on another pool: `applications` there, or a `redirect` to that pool. */
  readonly homePool: 'link' | 'redirect';
  readonly discovery: 'user' | 'redirect' | 'redirect-chain' | 'redirect-loop' | 'http-redirect';
  /** `refused`: a target in the body returns 400; only one in the query is accepted. */
  readonly targetInBody: 'taken' | 'refused';
  /** Number of reads of a resource that still show the settings from before the last write. */
  readonly readBackDelayReads: number;
  /** After turning off, `target` keeps its value although `activeSetting` is None. */
  readonly rememberTarget: boolean;
  readonly unknownProperties: boolean;
  /**
   * Whether an immediate forward and unanswered calls have one target in common, as the routing document of MS-SIPRE has:
   * forwarding to a contact then sends unanswered calls there too.
   */
  readonly forwardingTarget: 'shared' | 'separate';
  /** Whether a POST that changes a setting keeps the active period. */
  readonly periodAfterPost: 'kept' | 'reset';
  /** The delay of unanswered calls where a request leaves it out. */
  readonly omittedDelay: 'kept' | 'default';
  /** How delegates are refused to a user who has none. */
  readonly noDelegates: 'conflict' | 'forbidden';
  /** Whether the links that direct unanswered calls are there while an immediate forward is on; their URLs return 403. */
  readonly linksWhileForwarding: 'shown' | 'hidden';
  /** A user name with `@` is refused with `invalid_grant`. */
  readonly upnRefused: boolean;
  /**
   * Where the registrar's challenge sends the password, and which hosts then accept the token: to the registrar itself; or to
   * the last pool, whose token is good on both, on the registrar alone, or on the last pool alone.
   */
  readonly tokenService: 'own-host' | 'other-pool' | 'other-pool-for-registrar' | 'other-pool-for-itself';
  /** How a wrong password is refused: with `invalid_grant` in JSON, or with a page. */
  readonly passwordRefusal: 'json-400' | 'json-401' | 'json-403' | 'page-401';
}

/** Options of a simulator; only `users` is required. */
export interface SimulatorOptions {
  readonly users: readonly SimulatedUser[];
  /** Reads a token of Entra, without judging audience and times; with it pools take such tokens beside passwords. */
  readonly readEntraToken?: (token: string) => Readonly<Record<string, unknown>> | undefined;
  /** Names of the pools, each an origin of its own; the first is the registrar. Default `['pool']`. */
  readonly pools?: readonly string[];
  readonly variants?: Partial<Variants>;
  /** Default 0. */
  readonly latencyMs?: number;
  /** Number of wrong passwords that locks an account; default 3. */
  readonly lockoutAfter?: number;
  /** Default 28364. */
  readonly tokenLifetimeSeconds?: number;
  /** How long an application lives without a request; default 7200. */
  readonly applicationLifetimeSeconds?: number;
  /** Default 3. */
  readonly applicationsPerUser?: number;
  /** Number of requests that a pool processes at once; further ones get 503. Default: unlimited. */
  readonly capacity?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** PEM texts; with them the servers use https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** 0 or undefined: any free port. */
  readonly ports?: { readonly discovery?: number; readonly pools?: readonly number[] };
  /** Number of recorded requests kept; default 100,000. */
  readonly requestLog?: number;
  /** Host names used in links; the servers listen on 127.0.0.1 in any case, which is the default. */
  readonly hosts?: { readonly discovery?: string; readonly pools?: readonly string[] };
}
