import { localApps } from './entra/local-tenant.ts';
import type { LocalUser } from './local-users.ts';

export interface StartedSystem {
  readonly environment: Readonly<Record<string, string>>;
  readonly users: readonly LocalUser[];
  /** URL of the functions; undefined if they were not started. */
  readonly url: string | undefined;
  /** The file with the settings, if one was written. */
  readonly settings: string | undefined;
  /** URL of the tenant that identifies callers; absent where they need no token. */
  readonly entra?: string;
}

/** Returns the addresses of the running system, with commands to copy. */
export function describeStarted({ environment, users, url, settings, entra }: StartedSystem): string {
  const services = ['UCWA_DISCOVERY_URL', 'KEY_VAULT_URL', 'SIP_DOMAINS'].flatMap((name) =>
    environment[name] === undefined ? [] : [`  ${name.padEnd(20)} ${environment[name]}`],
  );
  const written = settings === undefined ? [] : [`  settings written to   ${settings}`];
  const user = users[0]?.sip.slice('sip:'.length) ?? 'alice@contoso.com';
  const functions =
    url === undefined
      ? [
          'Services are running, the functions are not. Start these with func start or npm run start:functions; the option',
          '--settings FILE writes the settings that they need.',
        ]
      : entra !== undefined
        ? withTokens(url, entra, user)
        : [
            `Functions: ${url}`,
            `Console:   ${url}/api/console`,
            '',
            'Try:',
            `  curl ${url}/api/health`,
            `  curl -X PUT -H 'content-type: application/json' -d '{"target": "+1 (425) 555-0123"}' ${url}/api/users/${user}/simultaneous-ring`,
            `  curl ${url}/api/users/${user}/simultaneous-ring`,
            `  curl -X DELETE ${url}/api/users/${user}/simultaneous-ring`,
          ];
  return [...functions, '', ...services, ...written, '', 'Ctrl-C ends it.'].join('\n');
}

/** The tenant's certificate is its own, which `-k` accepts. */
function withTokens(url: string, entra: string, user: string): readonly string[] {
  const ring = `${url}/api/users/${user}/simultaneous-ring`;
  return [
    `Functions: ${url}`,
    `Console:   ${url}/api/console`,
    `Tenant:    ${entra}`,
    '',
    'Callers need a token. Try:',
    `  curl -i ${ring}    # 401, and why`,
    `  DESK=$(curl -sk '${entra}/control/token?app=${localApps.desk.clientId}')    # may set anybody's ring`,
    `  curl -H "authorization: Bearer $DESK" -X PUT -H 'content-type: application/json' -d '{"target": "+1 (425) 555-0123"}' ${ring}`,
    `  SELF=$(curl -sk '${entra}/control/token?person=${user}')    # a person, for their own ring`,
    `  curl -H "authorization: Bearer $SELF" ${ring}`,
    `  curl -H "authorization: Bearer $SELF" ${url}/api/users    # 403, with the role that is missing`,
  ];
}
