import { describe, expect, it } from 'vitest';
import { UnexpectedContentError } from '../../../../shared/ucwa/errors.ts';
import { openClient, openSession, readRing } from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { links, startScriptedPool } from '../../../support/ucwa/scripted-pool.ts';

/** Reads the ring on a pool that shows these words. */
async function readWords(activeSetting: unknown, target: unknown, isLinked = false) {
  const ring = { target, ...links({ contact: '/contact', simultaneousRingToContact: '/ring' }) };
  const settings = {
    activePeriod: 'Always',
    activeSetting,
    ...links({ turnOffCallForwarding: '/off', ...(isLinked ? { simultaneousRingSettings: '/below' } : {}) }),
    ...(isLinked ? {} : { _embedded: { simultaneousRingSettings: ring } }),
  };
  const pool = await startScriptedPool({ 'GET /settings': { json: settings }, 'GET /below': { json: ring } });
  return readRing(openSession(openClient(pool)), 'read-back');
}

describe('settings that cannot be used', () => {
  it.each([undefined, null, 'Off', 7])('are those whose activeSetting is %j', async (activeSetting) => {
    const failure = await failureOf(readWords(activeSetting, 'None'));
    expect(failure).toBeInstanceOf(UnexpectedContentError);
    expect(failure).toMatchObject({ step: 'read-back' });
  });

  it.each([
    [undefined, false],
    ['Nobody', false],
    ['Voicemail', false],
    [7, true],
    [undefined, true],
  ])('are those whose ring is on with the target %j (linked: %s)', async (target, isLinked) => {
    const failure = await failureOf(readWords('SimultaneousRing', target, isLinked));
    expect(failure).toBeInstanceOf(UnexpectedContentError);
    expect(String(failure)).toContain('the target of the ring that is on is missing or not known');
  });
});

describe('settings that can be used', () => {
  it.each([undefined, 'Nobody'])('are those whose ring is off with the target %j', async (target) => {
    const { settings, ring } = await readWords('none', target);
    expect([settings.active, ring.target]).toEqual(['none', 'unknown']);
  });

  it('may have words in another case', async () => {
    const { settings, ring } = await readWords('simultaneousring', 'CONTACT');
    expect([settings.active, ring.target]).toEqual(['ring', 'contact']);
  });
});
