import {
  ConnectionError,
  PoolPausedError,
  RequestTimeoutError,
  UcwaError,
  UcwaResponseError,
} from '../errors.ts';
import { shownHost } from '../shown-host.ts';
import { TlsError } from '../transport/tls-error.ts';
import { UntrustedHostError } from '../transport/untrusted-host-error.ts';

/** How discovery failed that started at one of its roots. */
export interface RootFailure {
  readonly root: URL;
  readonly error: UcwaError;
}

/**
 * Discovery failed from every one of several roots. `cause` is the most telling of their failures, with its step and host;
 * the message has them all.
 */
export class DiscoveryError extends UcwaError {
  declare readonly cause: UcwaError;
  readonly failures: readonly RootFailure[];

  constructor(domain: string, failures: readonly RootFailure[], cause: UcwaError) {
    const each = failures.map(({ root, error }) => `From ${shownHost(root.host)}: ${error.message}`);
    const message = `Discovery of ${domain} failed from each of its ${failures.length} addresses. ${each.join(' ')}`;
    super(cause.step, cause.host, () => message, { cause });
    this.failures = failures;
  }
}

/** Returns the error of a discovery that failed from each root: the only one's own, or a {@link DiscoveryError}. */
export function discoveryError(
  domain: string,
  first: RootFailure,
  others: readonly RootFailure[],
): UcwaError {
  if (others.length === 0) return first.error;
  const mostTelling = others.reduce((most, next) => (weight(next) >= weight(most) ? next : most), first);
  return new DiscoveryError(domain, [first, ...others], mostTelling.error);
}

/** Returns the error that decides what to do: the most telling one of a {@link DiscoveryError}, any other itself. */
export function decisiveError(error: unknown): unknown {
  return error instanceof DiscoveryError ? error.cause : error;
}

/** Returns true if no name in DNS leads to any of the roots. */
export function hasNoName(error: unknown): boolean {
  if (error instanceof DiscoveryError) return error.failures.every((failure) => isNameMissing(failure.error));
  return error instanceof UcwaError && error.step === 'discovery' && isNameMissing(error);
}

/** Returns the hosts of the roots to which no name in DNS leads. */
export function hostsWithoutName(error: unknown): readonly string[] {
  if (!(error instanceof DiscoveryError)) return [];
  return error.failures
    .filter((failure) => isNameMissing(failure.error))
    .map(({ root }) => shownHost(root.host));
}

/**
 * What only an operator can correct tells most, since it does not pass. A name that does not exist tells least, since often
 * only one of the names is meant to exist; a 404 little more: many domains have a web site that answers under every name.
 */
function weight({ error }: RootFailure): number {
  if (error instanceof UntrustedHostError || error instanceof TlsError) return 4;
  if (isNameMissing(error)) return 0;
  if (error instanceof UcwaResponseError && error.status === 404) return 1;
  const isSilent =
    error instanceof ConnectionError ||
    error instanceof RequestTimeoutError ||
    error instanceof PoolPausedError;
  return isSilent ? 2 : 3;
}

function isNameMissing(error: UcwaError): boolean {
  return error instanceof ConnectionError && error.reason === 'ENOTFOUND';
}
