import { describe, expect, it } from 'vitest';
import { UnexpectedContentError } from '../../../../shared/ucwa/errors.ts';
import {
  readForwardingSettings,
  readTargetSetting,
  type TargetSetting,
  type TargetSettingRel,
} from '../../../../shared/ucwa/forwarding-settings.ts';
import { parseResource } from '../../../../shared/ucwa/transport/resource.ts';
import { rel } from '../../../../shared/ucwa/vocabulary.ts';
import { responseWith } from '../../../support/ucwa/responses.ts';

const resourceOf = (content: object) => parseResource(responseWith({ text: JSON.stringify(content) }));
const settingsOf = (content: object) => readForwardingSettings(resourceOf(content));

describe('the active setting', () => {
  it.each([
    ['None', 'none'],
    ['ImmediateForward', 'forward'],
    ['SimultaneousRing', 'ring'],
    ['none', 'none'],
    ['IMMEDIATEFORWARD', 'forward'],
    ['simultaneousring', 'ring'],
    ['simultaneousRing', 'ring'],
  ])('%s means %s', (activeSetting, active) => {
    expect(settingsOf({ activeSetting, activePeriod: 'Always' }).active).toBe(active);
  });

  const words = ['', 'Off', 'SimultaneousRingToAll', 'Simultaneous Ring', 'toString', '__proto__'];
  const others = [null, 0, 1, true, [], ['None'], { target: 'None' }];
  const unusable: object[] = [...words, ...others].map((activeSetting) => ({ activeSetting }));

  it.each([{}, { ActiveSetting: 'None' }, ...unusable])('cannot be read from %j', (content) => {
    expect(() => settingsOf(content)).toThrow(UnexpectedContentError);
    expect(() => settingsOf(content)).toThrow('its activeSetting is missing or not known');
  });
});

describe('the active period', () => {
  it.each([
    ['Always', 'always'],
    ['always', 'always'],
    ['Workhours', 'workhours'],
    ['WorkHours', 'workhours'],
    ['WORKHOURS', 'workhours'],
    [undefined, undefined],
    [null, undefined],
  ])('%s is read as %s', (activePeriod, period) => {
    expect(settingsOf({ activeSetting: 'None', activePeriod }).period).toBe(period);
  });

  it.each(['', 'Weekends', 'constructor', 0, false, []])('cannot be read from %j', (activePeriod) => {
    expect(() => settingsOf({ activeSetting: 'None', activePeriod })).toThrow(
      'its activePeriod is not known',
    );
  });
});

describe('the target of a setting', () => {
  const { simultaneousRingSettings, immediateForwardSettings, unansweredCallSettings } = rel;
  const known: [TargetSettingRel, Record<string, TargetSetting['target']>][] = [
    [simultaneousRingSettings, { None: 'none', Contact: 'contact', Delegates: 'delegates', Team: 'team' }],
    [
      immediateForwardSettings,
      { None: 'none', Contact: 'contact', Delegates: 'delegates', Voicemail: 'voicemail' },
    ],
    [unansweredCallSettings, { None: 'none', Contact: 'contact', Voicemail: 'voicemail' }],
  ];
  const words = ['None', 'Contact', 'Delegates', 'Team', 'Voicemail', 'Nobody', '', 'toString'];
  const cases = known.flatMap(([name, meanings]) =>
    words.flatMap((word) =>
      [word, word.toLowerCase(), word.toUpperCase()].map(
        (target) => [name, target, Object.hasOwn(meanings, word) ? meanings[word] : 'unknown'] as const,
      ),
    ),
  );

  it.each(cases)('%s "%s" means %s', (name, target, expected) => {
    expect(readTargetSetting(resourceOf({ target }), name).target).toBe(expected);
  });

  it.each([{}, { target: null }, { target: 0 }, { target: ['Contact'] }])('in %j is unknown', (content) => {
    for (const [name] of known) expect(readTargetSetting(resourceOf(content), name).target).toBe('unknown');
  });
});

describe('the delay of a setting', () => {
  const delayOf = (ringDelay: unknown) =>
    readTargetSetting(resourceOf({ target: 'None', ringDelay }), rel.unansweredCallSettings).ringDelaySeconds;

  it.each([0, 5, 60, 86_400])('is %i seconds', (seconds) => {
    expect(delayOf(seconds)).toBe(seconds);
  });

  it.each([-1, 1.5, 86_401, 1e300, '20', null, true, []])(
    'is undefined where the server says %j',
    (value) => {
      expect(delayOf(value)).toBeUndefined();
    },
  );
});
