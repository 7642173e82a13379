import { describe, expect, it } from 'vitest';
import { parseUser } from '../../../../../shared/ring/model/parse-request.ts';
import { success } from '../../../../../shared/runtime/result.ts';
import { refusalOf } from '../../../../support/ring/targets.ts';
import { refusedUsers, takenUsers } from '../../../../support/ring/words/users.ts';

const domains = { sipDomains: ['contoso.com'] };

describe('a user', () => {
  it.each(takenUsers)('%j is read as %s', (text, user) => {
    expect(parseUser(text, domains)).toEqual(success(user));
  });

  it.each(refusedUsers)('%j is refused, since it is or has %s', (text, reason) => {
    expect(parseUser(text, domains)).toEqual({
      ok: false,
      error: [{ pointer: '/user', code: 'invalid-request', detail: expect.stringContaining(reason) }],
    });
  });
});

describe('a contact', () => {
  it.each([
    ['bob@contoso\uff0ecom', undefined],
    [' \u200bsip:bob@contoso.com\u3000', undefined],
    ["'bob@contoso.com", 'The target begins with an apostrophe'],
    ['mailto:bob@contoso.com', 'The target is a mailto: address'],
    ['Bob <bob@contoso.com>', 'The target has a display name'],
    ['bob@m\u00fcnchen.example', 'The target has an internationalised domain'],
    ['\uff0b14255550123@contoso.com', 'a number in the form of a SIP address'],
    ['sip:1\u200b9005551234@contoso.com', 'a premium-rate number'],
    ['sip:9\u200b11@contoso.com', 'an emergency or service number'],
  ])('is read in the same forms as a user: %j', (text, reason) => {
    const detail = refusalOf(text)?.detail;
    if (reason === undefined) expect(detail).toBeUndefined();
    else expect(detail).toContain(reason);
  });
});
