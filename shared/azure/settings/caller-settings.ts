import { failed, type Result, success } from '../../runtime/result.ts';
import { isLoopback } from '../../ucwa/transport/trust.ts';
import type { SettingProblem } from './setting-problem.ts';

/** The Entra tenant whose tokens identify callers, and the application that they must be for. */
export interface EntraSettings {
  readonly tenantId: string;
  /** The application (client) id of our registration. */
  readonly clientId: string;
  /** The `aud` of tokens for us. */
  readonly audience: string;
  /** Where the tenant issues tokens: an origin, without a slash at the end. */
  readonly authority: string;
  /** The claim with a person's SIP address; without one nobody acts for themselves. */
  readonly sipClaim: string | undefined;
}

/** Who may call: holders of a function key, which the platform checks, or those that a tenant identifies. */
export type CallerSettings =
  | { readonly kind: 'keys' }
  | { readonly kind: 'entra'; readonly entra: EntraSettings };

/** The names of all settings of callers. */
export const callerSettingNames = [
  'CALLERS',
  'ENTRA_TENANT_ID',
  'ENTRA_CLIENT_ID',
  'ENTRA_AUDIENCE',
  'ENTRA_AUTHORITY',
  'ENTRA_SIP_CLAIM',
] as const;

/** The public cloud, US government and China. Elsewhere nobody should be trusted to say who calls. */
const authorities = [
  'https://login.microsoftonline.com',
  'https://login.microsoftonline.us',
  'https://login.partner.microsoftonline.cn',
];

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Parses the settings of callers. Only the exact word `entra` opens the routes to tokens, and only if all others are valid. */
export function parseCallerSettings(
  given: NodeJS.ProcessEnv,
): Result<CallerSettings, readonly SettingProblem[]> {
  const callers = given['CALLERS'] ?? 'keys';
  if (callers === 'keys') return success({ kind: 'keys' });
  if (callers !== 'entra') return failed([{ setting: 'CALLERS', detail: 'must be keys or entra.' }]);
  const tenantId = parseGuid(given, 'ENTRA_TENANT_ID');
  const clientId = parseGuid(given, 'ENTRA_CLIENT_ID');
  const audience = parseAudience(given);
  const authority = parseAuthority(given);
  const sipClaim = parseSipClaim(given);
  if (tenantId.ok && clientId.ok && audience.ok && authority.ok && sipClaim.ok) {
    const ids = { tenantId: tenantId.value, clientId: clientId.value };
    const rest = { audience: audience.value, authority: authority.value, sipClaim: sipClaim.value };
    return success({ kind: 'entra', entra: { ...ids, ...rest } });
  }
  const read = [tenantId, clientId, audience, authority, sipClaim];
  return failed(read.flatMap((one) => (one.ok ? [] : [one.error])));
}

type Parsed<T> = Result<T, SettingProblem>;

function parseGuid(given: NodeJS.ProcessEnv, setting: string): Parsed<string> {
  const text = given[setting]?.trim().toLowerCase();
  if (text === undefined) return failed({ setting, detail: missing });
  return guid.test(text)
    ? success(text)
    : failed({ setting, detail: 'must be an id in the form of a GUID.' });
}

const missing = 'is missing: CALLERS=entra needs it.';

function parseAudience(given: NodeJS.ProcessEnv): Parsed<string> {
  const setting = 'ENTRA_AUDIENCE';
  const text = given[setting]?.trim();
  if (text === undefined) return failed({ setting, detail: missing });
  if (guid.test(text.toLowerCase())) return success(text.toLowerCase());
  if (/^[a-z][a-z0-9+.-]*:\/\/[\x21-\x7e]+$/.test(text)) return success(text);
  const detail = 'must be the client id, or an identifier URI such as api://CLIENT_ID: the aud of tokens.';
  return failed({ setting, detail });
}

function parseAuthority(given: NodeJS.ProcessEnv): Parsed<string> {
  const setting = 'ENTRA_AUTHORITY';
  const url = URL.parse(given[setting] ?? 'https://login.microsoftonline.com');
  const isOrigin = url !== null && url.href === `${url.origin}/` && url.protocol === 'https:';
  if (isOrigin && (authorities.includes(url.origin) || isLoopback(url.hostname))) return success(url.origin);
  return failed({
    setting,
    detail: `must be ${authorities.slice(0, -1).join(', ')} or ${authorities.at(-1)}.`,
  });
}

function parseSipClaim(given: NodeJS.ProcessEnv): Parsed<string | undefined> {
  const setting = 'ENTRA_SIP_CLAIM';
  const text = given[setting]?.trim();
  if (text === undefined || /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/.test(text)) return success(text);
  return failed({ setting, detail: 'must be the name of a claim, such as onPremisesSipAddress.' });
}
