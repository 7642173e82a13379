import type { Resource } from './transport/resource.ts';
import {
  activePeriod,
  activeSetting,
  type GroupRing,
  groupRingNames,
  groupRings,
  rel,
  settingTarget,
} from './vocabulary.ts';

/**
 * A user's call forwarding settings at the time of one reading. Their sub-settings (simultaneous ring, immediate forward,
 * unanswered calls) are embedded by some servers and linked by others. https://learn.microsoft.com/skype-sdk/ucwa/callforwardingsettings_ref
 */
export interface ForwardingSettings {
  readonly resource: Resource;
  /** The setting that is on; at most one is. */
  readonly active: 'none' | 'forward' | 'ring';
  /** When the settings apply; undefined if the server does not say. */
  readonly period: Period | undefined;
}

/** The periods during which the settings can apply. */
export type Period = keyof typeof periodWords;

/** UCWA's words for the periods. */
export const periodWords = { always: activePeriod.always, workhours: activePeriod.workHours } as const;

/** One of the sub-settings: its target, and the delay after which calls go there. */
export interface TargetSetting {
  readonly resource: Resource;
  /** `unknown` if the server shows no target, or one that this setting cannot have. */
  readonly target: SettingTarget | 'unknown';
  readonly ringDelaySeconds: number | undefined;
  /** The link of the target's contact. Servers may show it while the target is `none`. */
  readonly contact: URL | undefined;
}

type SettingTarget = 'none' | 'contact' | GroupRing | 'voicemail';

/** Names one of the sub-settings. */
export type TargetSettingRel =
  | typeof rel.simultaneousRingSettings
  | typeof rel.immediateForwardSettings
  | typeof rel.unansweredCallSettings;

const activeSettings = inAnyCase([
  [activeSetting.none, 'none'],
  [activeSetting.immediateForward, 'forward'],
  [activeSetting.simultaneousRing, 'ring'],
]);

const activePeriods = inAnyCase([
  [periodWords.always, 'always'],
  [periodWords.workhours, 'workhours'],
]);

const noneOrContact = [
  [settingTarget.none, 'none'],
  [settingTarget.contact, 'contact'],
] as const;
const voicemail = [settingTarget.voicemail, 'voicemail'] as const;

/** The targets that each setting can have. */
const targets: Readonly<Record<TargetSettingRel, ReadonlyMap<string, SettingTarget>>> = {
  [rel.simultaneousRingSettings]: inAnyCase<SettingTarget>([
    ...noneOrContact,
    ...groupRingNames.map((name) => [groupRings[name].target, name] as const),
  ]),
  [rel.immediateForwardSettings]: inAnyCase<SettingTarget>([
    ...noneOrContact,
    [groupRings.delegates.target, 'delegates'],
    voicemail,
  ]),
  [rel.unansweredCallSettings]: inAnyCase<SettingTarget>([...noneOrContact, voicemail]),
};

/**
 * Reads callForwardingSettings from their resource. Throws UnexpectedContentError if the active setting is missing or not
 * known, or if the active period is not known: a ring that is on must not count as off.
 */
export function readForwardingSettings(resource: Resource): ForwardingSettings {
  const active = activeSettings.get(wordIn(resource, 'activeSetting'));
  if (active === undefined) throw resource.unusable('its activeSetting is missing or not known');
  const period = activePeriods.get(wordIn(resource, 'activePeriod'));
  if (period === undefined && resource.has('activePeriod')) {
    throw resource.unusable('its activePeriod is not known');
  }
  return { resource, active, period };
}

/** Reads one of the sub-settings from its resource. */
export function readTargetSetting(resource: Resource, name: TargetSettingRel): TargetSetting {
  return {
    resource,
    target: targets[name].get(wordIn(resource, 'target')) ?? 'unknown',
    ringDelaySeconds: resource.seconds('ringDelay'),
    contact: resource.link(rel.contact),
  };
}

/** Returns the meanings of UCWA's words, by the words in lower case. */
function inAnyCase<const Meaning extends string>(
  words: readonly (readonly [word: string, meaning: Meaning])[],
): ReadonlyMap<string, Meaning> {
  return new Map(words.map(([word, meaning]) => [word.toLowerCase(), meaning]));
}

function wordIn(resource: Resource, property: string): string {
  return resource.text(property)?.toLowerCase() ?? '';
}
