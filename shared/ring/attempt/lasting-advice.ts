import { ConnectionError, RequestTimeoutError } from '../../ucwa/errors.ts';
import type { FailureName } from './decision-table.ts';

/** What to do about a failure that may pass by itself, where it does not; `host` is the server that failed. */
type Advice = (host: string) => string;

const services: Advice = (host) => `If this lasts, look at ${host}: its services and its event log.`;
const network: Advice = (host) =>
  `If this lasts, check that ${host} is up and that the network lets this app reach it: DNS, routes and firewalls.`;

const byName: Readonly<Partial<Record<FailureName, Advice>>> = {
  'callback-channel': (host) =>
    `This is a failure of UCWA itself. If it lasts, look at the Front End ${host}: its services and its event log.`,
  'application-gone': (host) =>
    `If this lasts, look at ${host}, which ends this app's session, and at how many other clients the user has open.`,
  'token-refused': (host) =>
    `If this lasts, look at ${host}, which refuses a token that was issued for it: its clock, its certificates and its event log.`,
  'ticket-of-another-pool': (host) =>
    `If this lasts, look at ${host} and the load balancer before it: requests may reach another pool than the one that issued the token.`,
  'pool-paused': (host) => `If this lasts, look at ${host} and the network on the way to it.`,
  'front-end-down': (host) =>
    `If this lasts, look at ${host}: a load balancer or reverse proxy there reaches no server behind it.`,
  busy: (host) => `If this lasts, look at ${host}: whether its services run, and how busy they are.`,
  'pool-gone': (host) =>
    `If this lasts, look at ${host}: it no longer has what discovery led to, as after the move of a user or a pool.`,
  'changed-meanwhile': () =>
    'If this lasts, find out what else changes the settings of this user at the same time.',
  'discovery-absent': (host) =>
    `Check that ${host} is a discovery address of the pool (UCWA_DISCOVERY_URL; without it, lyncdiscoverinternal and lyncdiscover of the domain), and that a reverse proxy there passes the path on.`,
  'server-failed': services,
  'no-answer': network,
  'unusable-answer': (host) =>
    `If this lasts, look at ${host}, and at what lies between, such as a reverse proxy: it may alter responses.`,
  'redirect-loop': (host) =>
    `If this lasts, look at the redirects of ${host} and of the reverse proxy before it.`,
  'sign-in-unjudged': (host) =>
    `If this lasts, look at the token service of ${host}: its event log and its directory.`,
  'other-answer': (host) =>
    `This is not a response of UCWA: look at ${host}, and at the reverse proxy before it.`,
  'out-of-time': (host) =>
    `If this lasts, look at ${host}, how busy it is, and the network on the way to it.`,
};

/** Returns what to do if a failure lasts; undefined for one that no server caused, or whose cause is known. */
export function lastingAdvice(
  name: FailureName,
  error: unknown,
  host: string | undefined,
): string | undefined {
  if (host === undefined) return undefined;
  const isSilent = error instanceof RequestTimeoutError || error instanceof ConnectionError;
  return (isSilent ? network : byName[name])?.(host);
}
