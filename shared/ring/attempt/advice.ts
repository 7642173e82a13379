import {
  PasswordRefusedError,
  SignInUnjudgedError,
  UcwaResponseError,
  UserUnknownError,
} from '../../ucwa/errors.ts';
import { isOnlineHost } from '../../ucwa/online-host.ts';
import { decisiveError, hasNoName, hostsWithoutName } from '../../ucwa/sign-in/discovery-error.ts';
import { TlsError, type TlsProblem } from '../../ucwa/transport/tls-error.ts';
import { UntrustedHostError } from '../../ucwa/transport/untrusted-host-error.ts';
import type { FailureCode } from '../model/failure-code.ts';
import { remedyOf } from '../ports/credential-store.ts';
import { classify, type Failure, type FailureName } from './decision-table.ts';
import { failedHost } from './failed-host.ts';
import { lastingAdvice } from './lasting-advice.ts';
import { SignInPausedError } from './sign-in-limit.ts';

/** What to do, by the name of the failure or else by its code. Whether a request is tried again is not known here. */
const advice: Readonly<Partial<Record<FailureCode | FailureName, string>>> = {
  'user-not-enabled':
    'Enable Enterprise Voice for this user and allow simultaneous ring in the voice policy, then try again.',
  'nobody-configured': 'Set up delegates or a team for this user first, then try again.',
  'ucwa-rejected': 'To correct the cause, look up this status and subcode in the reference of UCWA.',
  'not-effective':
    "Try again. If it happens again, set the ring in the user's own client: if it does not stay there either, look at the voice policy (Get-CsVoicePolicy), and at what else sets this user's call forwarding.",
  'credential-missing':
    "Check the user's address first. If it is right, put the user's credential into Key Vault under that name, then try again.",
  'credential-invalid': 'Set the secret again.',
  'credential-rejected':
    'Set the secret again with the right user name and password. If both are right and the account was locked, unlock it and set the same value again. Where a user name like an e-mail address is refused, DOMAIN\\name may be accepted.',
  'user-not-found':
    'Check the address first. If it is right, enable the user on the pool (Enable-CsUser, then Enterprise Voice); for a user of Microsoft 365, set the ring there, in Teams.',
  'sign-in-unsupported':
    'The password was not judged. Compare what Get-CsAuthConfig and Get-CsWebServiceConfiguration show on the pool with "What the pool must have" in infra/README.md, which says how to let it take passwords.',
  'delegation-refused':
    'Sign in again, with what the tenant asks for, such as a second factor, and send the request with the new token.',
  'delegation-misconfigured':
    "Have an administrator of the tenant mend the app's registration: with AADSTS65001 its consent to User.ReadWrite of Skype for Business, with AADSTS70021 to AADSTS700213 its federated credential for the app's managed identity, with AADSTS500011 the pool's host as a service principal name; with another code check all three.",
  'delegation-unavailable':
    "If this lasts, check the app's network on the way to the tenant, and its identity.",
  'identity-mismatch':
    "Either this user's secret holds the user name of another account, so correct it; or this user's address has changed, so use the new one and put the secret under its name. `npm run credentials -- name ADDRESS` prints that name.",
  'front-answer':
    'Something in front of UCWA answers, such as a reverse proxy with pre-authentication or a web filter: let requests of this app through to the pool without a sign-in page.',
  'not-begun': 'If this lasts, look at the storage account: it took too long to claim the user.',
  'no-slot': 'If this lasts, raise UCWA_CONCURRENCY.',
  'ucwa-unavailable': 'If this lasts, look at how fast the servers of the pool respond.',
  'vault-refused': "Check the vault's network rules and the rights of this app's identity.",
  'vault-unavailable': "If this lasts, look at the vault's health and the app's network on the way to it.",
};

/** Returns what to do about a failure; undefined only where the instance stopped, which passes by itself. */
export function adviceFor(failure: Failure, error: unknown): string | undefined {
  const sentences = [needlessNames(error), adviceOn(failure, error)];
  return sentences.filter((sentence) => sentence !== undefined).join(' ') || undefined;
}

/** A failure for which there was no time left is advised on as if it had ended the attempt. */
function adviceOn(failure: Failure, error: unknown): string | undefined {
  const { name, code } = classify(error) ?? failure;
  const decisive = decisiveError(error);
  return (
    adviceByReason(error) ?? advice[name] ?? lastingAdvice(name, decisive, failedHost(error)) ?? advice[code]
  );
}

/** Not all addresses that discovery tries are meant to exist. */
function needlessNames(error: unknown): string | undefined {
  const [host] = hasNoName(error) ? [] : hostsWithoutName(error);
  return host && `${host} needs no name in DNS as long as another address of the domain works.`;
}

function adviceByReason(error: unknown): string | undefined {
  if (hasNoName(error)) return nameAdvice;
  const decisive = decisiveError(error);
  if (decisive instanceof PasswordRefusedError) return refusalAdviceFor(decisive.reason ?? '');
  if (decisive instanceof UntrustedHostError) return trustAdvice(decisive);
  if (decisive instanceof TlsError) return tlsAdvice[decisive.problem];
  if (decisive instanceof SignInUnjudgedError) return adviceForCause(decisive.cause);
  if (isRedirectBeforeSignIn(decisive)) return `${advice['front-answer']} ${redirectAdvice}`;
  if (decisive instanceof UserUnknownError && decisive.reason === 'homed-online') return onlineAdvice;
  if (decisive instanceof SignInPausedError) return decisive.remedy;
  return remedyOf(decisive);
}

/** Only a failure that may pass is told: what the token service refuses without a verdict has another cause than its status. */
function adviceForCause(cause: unknown): string | undefined {
  const failure = classify(cause);
  return failure?.code === 'ucwa-unavailable' ? adviceOn(failure, cause) : undefined;
}

/** Only before sign-in is a redirect to a trusted host followed. */
function isRedirectBeforeSignIn(error: unknown): boolean {
  const isBefore = error instanceof UcwaResponseError && ['discovery', 'challenge'].includes(error.step);
  return isBefore && error.status >= 300 && error.status < 400;
}

const redirectAdvice =
  'If the host that it redirects to is one of yours and not that of a sign-in page, add it to UCWA_TRUSTED_HOSTS.';

const nameAdvice =
  'Check that DNS leads this app to one of these names, or set UCWA_DISCOVERY_URL to the discovery address of the pool.';

const onlineAdvice =
  "Set this user's ring in Microsoft 365, in Teams: this app changes only users of Skype for Business Server.";

/** What to do about a refused password, by the reason that the server gave for it; the first that matches. */
const refusalAdvice: readonly (readonly [reason: RegExp, advice: string])[] = [
  [/disabled/i, 'Enable the account, then set the secret again; the same value is enough.'],
  [/lock(?:ed|out)/i, 'Unlock the account, then set the secret again; the same value is enough.'],
  [
    /(?:must|has to|needs? to|required to) (?:be )?chang|change (?:the|your|its) password/i,
    'Sign in once as this account to change its password, or clear "must change password at next logon"; then set the secret to the password that holds.',
  ],
  [
    /account (?:has |is )?expired|expired account/i,
    'Extend the time for which the account is valid, then set the secret again; the same value is enough.',
  ],
  [/expired/i, "Change the account's password, then set the secret to the new one."],
];

function refusalAdviceFor(reason: string): string | undefined {
  return refusalAdvice.find(([pattern]) => pattern.test(reason))?.[1];
}

function trustAdvice({ host, problem, linkedBy = 'the pool' }: UntrustedHostError): string {
  if (isOnlineHost(host)) {
    return 'It belongs to Microsoft 365, so discovery leads there: set UCWA_DISCOVERY_URL to the discovery address of the pool on premises.';
  }
  if (problem === 'scheme') {
    return `Make the reverse proxy, or whatever else ends TLS before ${linkedBy}, keep https:// in the links that it returns.`;
  }
  if (problem === 'user-info') return 'Correct the addresses that the pool publishes.';
  return `If ${host} is one of your hosts, add it, or its domain, to UCWA_TRUSTED_HOSTS.`;
}

const tlsAdvice: Readonly<Record<TlsProblem, string>> = {
  issuer:
    'If the authority is your own, put its certificates into UCWA_CA_CERTIFICATES, intermediates included; otherwise make the server send its intermediate certificates.',
  period: 'Renew the certificate of the server or reverse proxy.',
  name: 'Issue a certificate that contains this name, or use a name that the certificate contains: in UCWA_DISCOVERY_URL for discovery, in the addresses that the pool publishes for others.',
  certificate: 'Issue a valid certificate for the server or reverse proxy.',
  version: 'Enable TLS 1.2 or later at the server or reverse proxy.',
  plain: 'Correct the port, or enable TLS on it.',
};
