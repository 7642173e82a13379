/** The domains of the hosts that serve users homed in Microsoft 365. Microsoft publishes no complete list. */
const onlineDomains = ['online.lync.com', 'infra.lync.com'] as const;

/** Tells whether a host is one of Microsoft 365: what it serves is not ours to set. */
export function isOnlineHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  return onlineDomains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}
