/** The longest host name that DNS allows. A longer one is a server's mistake or malice, and must not flood logs and rows. */
export const hostMaxLength = 253;

/** Returns a host as errors and events show it: at most 253 characters, with an ellipsis where it was cut. */
export function shownHost(host: string): string {
  return host.length <= hostMaxLength ? host : `${host.slice(0, hostMaxLength - 1)}…`;
}
