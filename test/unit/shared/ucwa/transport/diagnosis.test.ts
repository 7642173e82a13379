import { Headers } from 'node-fetch';
import { describe, expect, it } from 'vitest';
import { diagnosisOf } from '../../../../../shared/ucwa/transport/diagnosis.ts';

/** Returns what is kept of the server's free text. */
function kept(text: string): string | undefined {
  return diagnosisOf(new Headers({ 'X-Ms-diagnostics': text }))['x-ms-diagnostics'];
}

describe('the diagnosis of a response', () => {
  it.each([
    '28032;source="fe01.contoso.com";reason="The web ticket is invalid."',
    '28020;source="10.corp.contoso.com";reason="No valid security token."',
    '1008;reason="Unable to resolve DNS SRV record";domain="contoso.com"',
    '28000;source="fe1";reason="Error 10060 at 10:15, 3 of 4 tries"',
  ])('keeps code, source and reason: %s', (text) => {
    expect(kept(text)).toBe(text);
  });

  it.each([
    'tel:+14255550123',
    'tel%3A%2B14255550123',
    'sip:+14255550123@contoso.com;user=phone',
    '+1 (425) 555-0123',
    '+1.425.555.0123',
    '020 7946 0018',
    '030/123-456',
    '555-0123',
  ])('keeps no phone number: %s', (number) => {
    const text = kept(`28000;source="fe1";reason="${number} cannot be rung"`);
    expect(text).toMatch(/^28000;source="fe1";reason=".*\[number\].* cannot be rung"$/);
    expect(text?.slice('28000;source="fe1"'.length)).not.toMatch(/\d{3}/);
  });

  it('is cut after 200 characters', () => {
    expect(kept(`28000;reason="${'x'.repeat(1_000)}"`)).toHaveLength(200);
  });

  it('keeps the name of a server and an id only if they look like one', () => {
    const good = { 'x-ms-server-fqdn': 'fe01.contoso.com', 'x-ms-correlation-id': '2147483781' };
    expect(diagnosisOf(new Headers(good))).toEqual(good);
    const echoed = {
      'x-ms-server-fqdn': 'tel:+14255550123',
      'x-ms-correlation-id': '+1 425 555 0123',
    };
    expect(diagnosisOf(new Headers(echoed))).toEqual({});
  });
});
