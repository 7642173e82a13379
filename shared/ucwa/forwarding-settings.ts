import type { Resource } from './transport/resource.ts';
import { activeSetting, rel, settingTarget } from './vocabulary.ts';

/**
 * A user's call forwarding settings as one reading showed them. The settings below are embedded by some servers and
 * linked by others. https://learn.microsoft.com/skype-sdk/ucwa/callforwardingsettings_ref
 */
export interface ForwardingSettings {
  readonly resource: Resource;
  /** What is on; one setting at a time. */
  readonly active: 'none' | 'forward' | 'ring';
  readonly workHoursOnly: boolean;
}

/** One of the settings below: whom it leads to, after how many seconds. */
export interface TargetSetting {
  readonly resource: Resource;
  readonly target: 'none' | 'contact' | 'delegates' | 'team' | 'voicemail' | 'unknown';
  readonly ringDelaySeconds: number | undefined;
  /** Stands there even while the target is none; only a GET tells who it is. */
  readonly contact: URL | undefined;
}

export type TargetSettingRel =
  | typeof rel.simultaneousRingSettings
  | typeof rel.immediateForwardSettings
  | typeof rel.unansweredCallSettings;

export function readForwardingSettings(resource: Resource): ForwardingSettings {
  return {
    resource,
    active: activeOf(resource.text('activeSetting')),
    workHoursOnly: resource.text('activePeriod')?.toLowerCase() === 'workhours',
  };
}

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

const targets: Readonly<Record<string, TargetSetting['target']>> = {
  [settingTarget.none]: 'none',
  [settingTarget.contact]: 'contact',
  [settingTarget.delegates]: 'delegates',
  [settingTarget.team]: 'team',
  [settingTarget.voicemail]: 'voicemail',
};

function targetOf(value: string | undefined): TargetSetting['target'] {
  return value === undefined ? 'none' : (targets[value] ?? 'unknown');
}
