/** Paths of the resources on an origin. Clients learn all of them from links. */
export const root = '/autodiscover/autodiscoverservice.svc/root';
/** The second redirect of a chain. */
export const nextRoot = `${root}/next`;
/** A redirect back to the start of discovery. */
export const loopingRoot = `${root}/loop`;
export const user = `${root}/user`;
export const userRedirect = `${user}/redirect`;
export const oauthToken = '/WebTicket/oauthtoken';
export const applications = '/ucwa/oauth/v1/applications';

/** Resources below an application's own path. */
export const me = '/me';
export const people = '/people/';
export const callForwardingSettings = `${me}/callForwardingSettings`;
export const turnOffCallForwarding = `${callForwardingSettings}/turnOffCallForwarding`;
export const immediateForwardSettings = `${callForwardingSettings}/immediateForwardSettings`;
export const simultaneousRingSettings = `${callForwardingSettings}/simultaneousRingSettings`;
export const unansweredCallSettings = `${callForwardingSettings}/unansweredCallSettings`;
