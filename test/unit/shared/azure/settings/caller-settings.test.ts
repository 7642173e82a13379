import { describe, expect, it } from 'vitest';
import { problemsOf, requiredSettings, settingsOf, wrongNames } from '../../../../support/azure/settings.ts';

const id = '5e1f0a11-2b3c-4d5e-8f60-71a2b3c4d5e6';
const entra = { CALLERS: 'entra', ENTRA_TENANT_ID: id, ENTRA_CLIENT_ID: id, ENTRA_AUDIENCE: id };

describe('callers', () => {
  it.each([undefined, 'keys', ' '])('have function keys where CALLERS is %j', (callers) => {
    expect(settingsOf({ CALLERS: callers }).callers).toEqual({ kind: 'keys' });
  });

  it('have tokens of the public cloud unless another is named', () => {
    const told = { tenantId: id, clientId: id, audience: id, sipClaim: undefined };
    const authority = 'https://login.microsoftonline.com';
    expect(settingsOf(entra).callers).toEqual({ kind: 'entra', entra: { ...told, authority } });
  });

  it.each(['Entra', 'ENTRA', ' entra', 'entra,keys', 'none', 'anonymous'])(
    'are not opened by the word %j',
    (callers) => {
      expect(wrongNames({ ...entra, CALLERS: callers })).toEqual(['CALLERS']);
    },
  );

  it('need every setting of the tenant, and hear of all that are missing at once', () => {
    expect(wrongNames({ CALLERS: 'entra' })).toEqual([
      'ENTRA_TENANT_ID',
      'ENTRA_CLIENT_ID',
      'ENTRA_AUDIENCE',
    ]);
  });

  it.each([
    ['ENTRA_TENANT_ID', 'contoso.com'],
    ['ENTRA_TENANT_ID', 'common'],
    ['ENTRA_CLIENT_ID', `${id}/..`],
    ['ENTRA_AUDIENCE', 'simring'],
    ['ENTRA_AUTHORITY', 'https://login.evil.example'],
    ['ENTRA_AUTHORITY', 'http://login.microsoftonline.com'],
    ['ENTRA_AUTHORITY', 'https://login.microsoftonline.com/tenant'],
    ['ENTRA_AUTHORITY', 'https://login.microsoftonline.com.evil.example'],
    ['ENTRA_AUTHORITY', 'http://127.0.0.1:7091'],
    ['ENTRA_SIP_CLAIM', 'two words'],
  ])('are refused where %s is %s, whose value is not told', (setting, value) => {
    const problems = problemsOf({ ...requiredSettings, ...entra, [setting]: value });
    expect(problems.map((problem) => problem.setting)).toEqual([setting]);
    expect(JSON.stringify(problems)).not.toContain(value);
  });

  it.each([
    ['ENTRA_AUTHORITY', 'https://login.microsoftonline.us/'],
    ['ENTRA_AUTHORITY', 'https://127.0.0.1:7091'],
    ['ENTRA_AUDIENCE', `api://${id}`],
    ['ENTRA_SIP_CLAIM', 'extn.msRTCSIP_PrimaryUserAddress'],
  ])('are taken where %s is %s', (setting, value) => {
    expect(wrongNames({ ...entra, [setting]: value })).toEqual([]);
  });
});
