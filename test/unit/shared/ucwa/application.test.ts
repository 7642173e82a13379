import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applicationRequest, endpointId } from '../../../../shared/ucwa/application.ts';
import { sipUri } from '../../../support/ucwa/users.ts';

const user = fc.stringMatching(/^[a-z0-9.]{1,60}$/).map((name) => sipUri(`${name}@contoso.com`));

describe('the endpoint ids of a user', () => {
  it('are two different ids', () =>
    fc.assert(fc.property(user, (sip) => endpointId(sip, 0) !== endpointId(sip, 1))));

  it('are the same at each call', () =>
    fc.assert(
      fc.property(user, fc.constantFrom(0, 1), (sip, index) => {
        expect(endpointId(sip, index)).toBe(endpointId(sip, index));
      }),
    ));

  it('never change, so that an application left behind by a crash is found again', () => {
    const sip = sipUri('sip:alice@contoso.com');
    expect([endpointId(sip, 0), endpointId(sip, 1)]).toEqual([
      'b2bab85e-b295-8f56-02fa-7a55125d6a2d',
      'a693e92a-be6e-1904-0a70-6abd195aec5a',
    ]);
  });

  it('differ from those of every other user', () =>
    fc.assert(
      fc.property(fc.uniqueArray(user, { minLength: 2 }), (users) => {
        const ids = users.flatMap((sip) => [endpointId(sip, 0), endpointId(sip, 1)]);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    ));

  it('have the form of a UUID, well below 100 characters', () =>
    fc.assert(
      fc.property(user, fc.constantFrom(0, 1), (sip, index) => {
        expect(endpointId(sip, index)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
        );
      }),
    ));
});

describe('the request for an application', () => {
  it('has the three properties that UCWA requires', () => {
    const url = new URL('https://pool.contoso.com/applications');
    const sip = sipUri('alice@contoso.com');
    expect(applicationRequest(url, sip, 1, 'agent/1.0')).toEqual({
      step: 'application',
      method: 'POST',
      url,
      json: { culture: 'en-US', endpointId: endpointId(sip, 1), userAgent: 'agent/1.0' },
    });
  });
});
