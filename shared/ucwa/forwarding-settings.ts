import type { Resource } from './transport/resource.ts';
import {
  activeSetting,
  type GroupRing,
  groupRingNames,
  groupRings,
  rel,
  settingTarget,
} from './vocabulary.ts';

/**
 * A user's call forwarding settings at the time of one reading. Some servers embed the settings below it, others link
 * them. https://learn.microsoft.com/skype-sdk/ucwa/callforwardingsettings_ref
 */
export interface ForwardingSettings {
  readonly resource: Resource;
  /** The setting that is on; at most one is. */
  readonly active: 'none' | 'forward' | 'ring';
  readonly workHoursOnly: boolean;
}

/** One of the settings below: its target, and the delay after which calls go there. */
export interface TargetSetting {
  readonly resource: Resource;
  readonly target: 'none' | 'contact' | GroupRing | 'voicemail' | 'unknown';
  readonly ringDelaySeconds: number | undefined;
  /** The link of the target's contact. Servers may show it while the target is `none`. */
  readonly contact: URL | undefined;
}

/** Names one of the settings below. */
export type TargetSettingRel =
  | typeof rel.simultaneousRingSettings
  | typeof rel.immediateForwardSettings
  | typeof rel.unansweredCallSettings;

/** Reads callForwardingSettings from their resource. */
export function readForwardingSettings(resource: Resource): ForwardingSettings {
  return {
    resource,
    active: activeOf(resource.text('activeSetting')),
    workHoursOnly: resource.text('activePeriod')?.toLowerCase() === 'workhours',
  };
}

/** Reads one of the settings below from its resource. */
export function readTargetSetting(resource: Resource): TargetSetting {
  return {
    resource,
    target: targetOf(resource.text('target')),
    ringDelaySeconds: resource.number('ringDelay'),
    contact: resource.link(rel.contact),
  };
}

function activeOf(value: string | undefined): ForwardingSettings['active'] {
  if (value === activeSetting.simultaneousRing) return 'ring';
  return value === activeSetting.immediateForward ? 'forward' : 'none';
}

function targetOf(value: string | undefined): TargetSetting['target'] {
  if (value === undefined || value === settingTarget.none) return 'none';
  if (value === settingTarget.contact) return 'contact';
  if (value === settingTarget.voicemail) return 'voicemail';
  return groupRingNames.find((name) => groupRings[name].target === value) ?? 'unknown';
}
