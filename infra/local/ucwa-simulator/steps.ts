/**
 * The steps of a client, in the order in which it takes them. They have the names that the product's log uses, so that a
 * step copied from a log line is a step here.
 */
export const steps = [
  'discovery',
  'challenge',
  'token',
  'home-pool',
  'application',
  'read',
  'write',
  'read-back',
  'contact',
  'clean-up',
  'other',
] as const;

/**
 * The purpose of a request:
 * - `discovery`: a root, and the redirects on the way to one with a `user`
 * - `challenge`: any request that needs a token and has none
 * - `token`: the request for a token
 * - `home-pool`: `user` with a token, and the redirect to the home pool
 * - `application`: the POST that creates an application
 * - `read`: a GET of call forwarding settings
 * - `write`: a POST or PUT that changes call forwarding
 * - `read-back`: a GET of call forwarding settings after a `write` in the same application, even if that write failed, until the
 *   next POST for this application
 * - `contact`: the contact that a setting links
 * - `clean-up`: the DELETE of an application
 * - `other`: everything else
 */
export type Step = (typeof steps)[number];

/** The resources that a request can concern, in UCWA's own words; finer than the steps. */
export const operations = [
  'root',
  'redirect',
  'user',
  'oauthtoken',
  'applications',
  'application',
  'me',
  'contact',
  'callForwardingSettings',
  'turnOffCallForwarding',
  'immediateForwardSettings',
  'immediateForwardToContact',
  'immediateForwardToDelegates',
  'immediateForwardToVoicemail',
  'simultaneousRingSettings',
  'simultaneousRingToContact',
  'simultaneousRingToDelegates',
  'simultaneousRingToTeam',
  'unansweredCallSettings',
  'unansweredCallToContact',
  'unansweredCallToVoicemail',
  'resetUnansweredCallSettings',
] as const;

/** The rel of the resource that a request concerns: `turnOffCallForwarding`, `simultaneousRingSettings`. */
export type Operation = (typeof operations)[number];
