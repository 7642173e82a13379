/** UCWA's own words, verbatim. https://learn.microsoft.com/skype-sdk/ucwa/resources */

/**
 * The kinds of ring that reach a group of people, by the name that requests use: the `target` that a setting shows, and
 * the link that turns the ring on. A new kind is a new row.
 */
export const groupRings = {
  delegates: { target: 'Delegates', rel: 'simultaneousRingToDelegates' },
  team: { target: 'Team', rel: 'simultaneousRingToTeam' },
} as const;

export type GroupRing = keyof typeof groupRings;

/** Tells whether a text is the name of a group ring. */
export function isGroupRing(text: string): text is GroupRing {
  return Object.hasOwn(groupRings, text);
}

/** The names of the group rings, in the order of the table. */
export const groupRingNames: readonly GroupRing[] = Object.keys(groupRings).filter(isGroupRing);

/** Link relations that this client follows, those of the group rings apart. */
export const rel = {
  applications: 'applications',
  callForwardingSettings: 'callForwardingSettings',
  contact: 'contact',
  immediateForwardSettings: 'immediateForwardSettings',
  immediateForwardToContact: 'immediateForwardToContact',
  immediateForwardToDelegates: 'immediateForwardToDelegates',
  immediateForwardToVoicemail: 'immediateForwardToVoicemail',
  me: 'me',
  redirect: 'redirect',
  self: 'self',
  simultaneousRingSettings: 'simultaneousRingSettings',
  simultaneousRingToContact: 'simultaneousRingToContact',
  turnOffCallForwarding: 'turnOffCallForwarding',
  unansweredCallSettings: 'unansweredCallSettings',
  unansweredCallToContact: 'unansweredCallToContact',
  unansweredCallToVoicemail: 'unansweredCallToVoicemail',
  user: 'user',
} as const;

export type Rel = (typeof rel)[keyof typeof rel] | (typeof groupRings)[GroupRing]['rel'];

/** Values of `activeSetting` in callForwardingSettings. */
export const activeSetting = {
  none: 'None',
  immediateForward: 'ImmediateForward',
  simultaneousRing: 'SimultaneousRing',
} as const;

/** Values of `activePeriod` in callForwardingSettings. */
export const activePeriod = {
  always: 'Always',
  workHours: 'Workhours',
} as const;

/** Values of `target` in the sub-settings of callForwardingSettings, those of the group rings apart. */
export const settingTarget = {
  none: 'None',
  contact: 'Contact',
  voicemail: 'Voicemail',
} as const;

/** Subcodes of error bodies that decide about recovery; any other counts as its status alone. */
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

/** The property in which the token service says why it refuses. */
export const tokenErrorDescription = 'error_description';

/** Headers kept for diagnosis, in lower case: one with free text, and those that hold a single word. */
export const diagnosisHeaders = {
  text: 'x-ms-diagnostics',
  words: ['x-ms-server-fqdn', 'x-ms-correlation-id'],
} as const;

/** The longest target that UCWA accepts, in characters of the decoded URI with its scheme. */
export const targetMaxLength = 80;

/** Path of the token endpoint on a host whose challenge names none: the only URL that this client builds itself. */
export const documentedTokenPath = '/WebTicket/oauthtoken';
