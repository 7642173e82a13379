import type { SimulatorOptions, Variants } from '../types.ts';

/** The variants of the usual server. */
export const defaultVariants: Variants = {
  hrefs: 'relative',
  linkQueries: false,
  settings: 'embedded',
  errors: 'json',
  challenge: 'two-headers',
  byteOrderMark: false,
  gzip: true,
  etag: 'header',
  numberForm: 'tel',
  homePool: 'link',
  discovery: 'user',
  targetInBody: 'taken',
  readBackDelayReads: 0,
  rememberTarget: false,
  unknownProperties: false,
  forwardingTarget: 'shared',
  periodAfterPost: 'kept',
  omittedDelay: 'kept',
  noDelegates: 'conflict',
  linksWhileForwarding: 'shown',
  upnRefused: false,
  tokenService: 'own-host',
  passwordRefusal: 'json-400',
};

/** A simulator's options with their defaults; the mutable ones can be changed while it runs. */
export interface Configuration {
  readonly poolNames: readonly [string, ...string[]];
  readonly readEntraToken: SimulatorOptions['readEntraToken'];
  readonly lockoutAfter: number;
  readonly tokenLifetimeMs: number;
  readonly applicationLifetimeMs: number;
  readonly applicationsPerUser: number;
  readonly requestLog: number;
  readonly now: () => number;
  variants: Variants;
  latencyMs: number;
  capacity: number | undefined;
}

/** Fills in the defaults. Throws when there is no pool, or when pool names repeat or include `discovery`. */
export function configure(options: SimulatorOptions): Configuration {
  const [registrar, ...others] = options.pools ?? ['pool'];
  if (registrar === undefined) throw new Error('A simulator needs at least one pool.');
  const poolNames = [registrar, ...others] as const;
  if (new Set(['discovery', ...poolNames]).size <= poolNames.length) {
    throw new Error(`Names of pools must differ, and must not be "discovery": ${poolNames.join(', ')}.`);
  }
  return {
    poolNames,
    readEntraToken: options.readEntraToken,
    lockoutAfter: options.lockoutAfter ?? 3,
    tokenLifetimeMs: (options.tokenLifetimeSeconds ?? 28_364) * 1000,
    applicationLifetimeMs: (options.applicationLifetimeSeconds ?? 7200) * 1000,
    applicationsPerUser: options.applicationsPerUser ?? 3,
    requestLog: options.requestLog ?? 100_000,
    now: options.now ?? Date.now,
    variants: {
      ...defaultVariants,
      ...(options.readEntraToken === undefined ? {} : { challenge: 'with-authorization-uri' }),
      ...options.variants,
    },
    latencyMs: options.latencyMs ?? 0,
    capacity: options.capacity,
  };
}
