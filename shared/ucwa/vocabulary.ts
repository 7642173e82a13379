/** UCWA's own words, verbatim. https://learn.microsoft.com/skype-sdk/ucwa/resources */

/** Link relations that this client follows. */
export const rel = {
  applications: 'applications',
  callForwardingSettings: 'callForwardingSettings',
  contact: 'contact',
  immediateForwardSettings: 'immediateForwardSettings',
  me: 'me',
  redirect: 'redirect',
  self: 'self',
  simultaneousRingSettings: 'simultaneousRingSettings',
  simultaneousRingToContact: 'simultaneousRingToContact',
  simultaneousRingToDelegates: 'simultaneousRingToDelegates',
  simultaneousRingToTeam: 'simultaneousRingToTeam',
  turnOffCallForwarding: 'turnOffCallForwarding',
  unansweredCallSettings: 'unansweredCallSettings',
  unansweredCallToContact: 'unansweredCallToContact',
  user: 'user',
} as const;

export type Rel = (typeof rel)[keyof typeof rel];

/** Subcodes of error bodies that decide what happens next; any other counts as its status alone. */
export const subcode = {
  alreadyExists: 'AlreadyExists',
  applicationNotFound: 'ApplicationNotFound',
  callbackChannelError: 'CallbackChannelError',
  inactiveApplicationExpired: 'InactiveApplicationExpired',
  invalidExchangeServerVersion: 'InvalidExchangeServerVersion',
  noDelegatesConfigured: 'NoDelegatesConfigured',
  noTeamMembersConfigured: 'NoTeamMembersConfigured',
  tooManyApplications: 'TooManyApplications',
  userAgentNotAllowed: 'UserAgentNotAllowed',
} as const;

/** Errors of the token endpoint. https://learn.microsoft.com/skype-sdk/ucwa/authenticationinucwa */
export const tokenError = {
  invalidGrant: 'invalid_grant',
  serverError: 'server_error',
  unsupportedGrantType: 'unsupported_grant_type',
} as const;

/** Values of `activeSetting` of callForwardingSettings. */
export const activeSetting = {
  none: 'None',
  immediateForward: 'ImmediateForward',
  simultaneousRing: 'SimultaneousRing',
} as const;

/** Values of `target` of the settings below callForwardingSettings. */
export const settingTarget = {
  none: 'None',
  contact: 'Contact',
  delegates: 'Delegates',
  team: 'Team',
  voicemail: 'Voicemail',
} as const;

/** Headers kept for diagnosis, in lower case: free text, and words. */
export const diagnosisHeaders = {
  text: 'x-ms-diagnostics',
  words: ['x-ms-server-fqdn', 'x-ms-correlation-id'],
} as const;

/** The longest target that UCWA takes, in characters of the URI, decoded, scheme included. */
export const targetMaxLength = 80;

/** The token endpoint of a host that challenges without naming one: the only URL that this client ever makes. */
export const documentedTokenPath = '/WebTicket/oauthtoken';

/** What a step of the protocol is called in errors, logs and counts. */
export type Step =
  | 'discovery'
  | 'challenge'
  | 'token'
  | 'home-pool'
  | 'application'
  | 'read'
  | 'write'
  | 'read-back'
  | 'contact'
  | 'clean-up';
