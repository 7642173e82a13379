/** A person the simulator knows, with the rights and the settings that person starts with. */
export interface SimulatedUser {
  /** The SIP address with its scheme, `sip:alice@contoso.com`. */
  readonly sip: string;
  /** What signs in, `CONTOSO\alice`; the address itself is taken as a UPN too, unless `upnRefused`. */
  readonly username: string;
  readonly password: string;
  /** Name of the home pool; the first pool unless said. */
  readonly pool?: string;
  /** `false`: `me` has no `callForwardingSettings` link, and what lies below answers 403. Default true. */
  readonly enterpriseVoice?: boolean;
  /** `false`: the three `simultaneousRingTo…` links are absent, and answer 403. Default true. */
  readonly simultaneousRing?: boolean;
  /** What `me.uri` says, where it is not `sip`. */
  readonly meUri?: string;
  /** Whether delegates are configured; default true. */
  readonly delegates?: boolean;
  /** Whether a team is configured; default true. */
  readonly team?: boolean;
  /** Initial settings, laid over the defaults part by part. */
  readonly settings?: Partial<CallForwardingState>;
}

export type RingTarget = 'None' | 'Contact' | 'Delegates' | 'Team';

/** A person's call forwarding as the server holds it; each `contact` is a `tel:` or `sip:` URI, delays are seconds. */
export interface CallForwardingState {
  activePeriod: 'Always' | 'Workhours';
  activeSetting: 'None' | 'ImmediateForward' | 'SimultaneousRing';
  immediateForward: { target: 'None' | 'Contact' | 'Delegates' | 'Voicemail'; contact?: string };
  simultaneousRing: { target: RingTarget; ringDelay: number; contact?: string };
  unanswered: { target: 'None' | 'Contact' | 'Voicemail'; ringDelay: number; contact?: string };
}

/** All steps of a client, in the order it takes them. */
export const steps = [
  'discovery',
  'discovery-redirect',
  'challenge',
  'token',
  'home-pool',
  'home-pool-redirect',
  'create-application',
  'read-settings',
  'read-linked-settings',
  'set-ring',
  'turn-off',
  'set-unanswered',
  'read-contact',
  'delete-application',
  'other',
] as const;

/**
 * What a request is for. `challenge` is any request without a token that needs one; `home-pool` the GET of `user`
 * with a token; `set-ring` the three POSTs `simultaneousRingTo…`.
 */
export type Step = (typeof steps)[number];

/** One request as it came in and how it was answered. */
export interface RecordedRequest {
  /** Milliseconds of the simulator's clock. */
  readonly at: number;
  readonly step: Step;
  /** `discovery` or the name of a pool. */
  readonly pool: string;
  readonly method: string;
  /** With its query, as sent. */
  readonly path: string;
  /** SIP address with its scheme, when known. */
  readonly user?: string | undefined;
  readonly status: number | 'reset' | 'hang';
  /** How many requests its server had at work when it came, which is one of them. */
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

/** What is wrong with a parameter of a request, in the `parameters` of an error. */
export interface InvalidParameter {
  readonly name: string;
  readonly reason: string;
}

/** An error answer; `body` replaces the one made of `code`, `subcode` and `parameters`. */
export interface StatusAnswer {
  readonly status: number;
  readonly code?: string;
  readonly subcode?: string;
  /** The variant `errors` unless said. */
  readonly format?: 'json' | 'xml' | 'html';
  readonly parameters?: readonly InvalidParameter[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A failure below or beside UCWA's errors: in the transport, in the body, of the token service. */
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

/** A failure on demand: of the requests that match all that is given, `skip` pass, then `times` fail. */
export interface Fault {
  readonly step?: Step;
  /** SIP address of the user. */
  readonly user?: string;
  readonly pool?: string;
  /** Default 0. */
  readonly skip?: number;
  /** Default 1; `Infinity` fails until the faults are cleared. */
  readonly times?: number;
  /** The operation is carried out before the failing answer is given. Default false. */
  readonly applied?: boolean;
  readonly answer: StatusAnswer | BrokenAnswer;
}

/** Ways in which real servers differ, all of which a client must bear. */
export interface Variants {
  /** How links of the same origin are written; those to another origin are always absolute. */
  readonly hrefs: 'relative' | 'absolute' | 'double-slash';
  /** Links of an application carry a query that must come back byte for byte. */
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
  /** Bodies are compressed for those who ask for it. */
  readonly gzip: boolean;
  readonly etag: 'header' | 'property';
  /** How the contact of a number that was set is shown. */
  readonly numberForm:
    | 'tel'
    | 'sip-user-phone'
    | 'sip-skip-rnl'
    | 'person'
    | 'person-bare-digits'
    | 'forbidden';
  /** What `user` says of a person homed elsewhere: `applications` there, or a `redirect` to there. */
  readonly homePool: 'link' | 'redirect';
  readonly discovery: 'user' | 'redirect' | 'redirect-chain' | 'redirect-loop' | 'http-redirect';
  /** `refused`: a target in the body gets 400, only one in the query is taken. */
  readonly targetInBody: 'taken' | 'refused';
  /** Settings just written show only after so many reads of them. */
  readonly readBackDelayReads: number;
  /** After turning off, `target` stays beside `activeSetting` None. */
  readonly rememberTarget: boolean;
  readonly unknownProperties: boolean;
  /** A user name with `@` gets `invalid_grant`. */
  readonly upnRefused: boolean;
}

/** How a simulator is set up; only `users` is needed. */
export interface SimulatorOptions {
  readonly users: readonly SimulatedUser[];
  /** Names of the pools, each an origin of its own; the first is the registrar. Default `['pool']`. */
  readonly pools?: readonly string[];
  readonly variants?: Partial<Variants>;
  /** Default 0. */
  readonly latencyMs?: number;
  /** Wrong passwords until an account is locked; default 3. */
  readonly lockoutAfter?: number;
  /** Default 28364. */
  readonly tokenLifetimeSeconds?: number;
  /** How long an application lives without a request; default 7200. */
  readonly applicationLifetimeSeconds?: number;
  /** Default 3. */
  readonly applicationsPerUser?: number;
  /** Requests at once on a pool; more get 503. Unlimited unless said. */
  readonly capacity?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** PEM texts; the servers then speak https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** 0 or nothing: any free port. */
  readonly ports?: { readonly discovery?: number; readonly pools?: readonly number[] };
  /** Recorded requests kept at most; default 100,000. */
  readonly requestLog?: number;
  /** Host names used in links; default 127.0.0.1, where the servers listen in any case. */
  readonly hosts?: { readonly discovery?: string; readonly pools?: readonly string[] };
}
