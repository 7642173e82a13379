import type { LocalUser } from './local-users.ts';

export interface Started {
  readonly environment: Readonly<Record<string, string>>;
  readonly users: readonly LocalUser[];
  /** Where the functions are; undefined where they are not started. */
  readonly url: string | undefined;
  readonly settings: string | undefined;
}

/** What is running, and commands to copy. */
export function whatToTry({ environment, users, url, settings }: Started): string {
  const services = ['UCWA_DISCOVERY_URL', 'KEY_VAULT_URL', 'SIP_DOMAINS'].flatMap((name) =>
    environment[name] === undefined ? [] : [`  ${name.padEnd(20)} ${environment[name]}`],
  );
  const written = settings === undefined ? [] : [`  settings written to   ${settings}`];
  const user = users[0]?.sip.slice('sip:'.length) ?? 'alice@contoso.com';
  const functions =
    url === undefined
      ? [
          'Services are running; the functions are not. What these need, --settings FILE writes: for func start, or as',
          'the environment of npm run start:functions.',
        ]
      : [
          `Functions: ${url}`,
          '',
          'Try:',
          `  curl ${url}/api/health`,
          `  curl -X PUT -H 'content-type: application/json' -d '{"target": "+1 (425) 555-0123"}' ${url}/api/users/${user}/simultaneous-ring`,
          `  curl ${url}/api/users/${user}/simultaneous-ring`,
          `  curl -X DELETE ${url}/api/users/${user}/simultaneous-ring`,
        ];
  return [...functions, '', ...services, ...written, '', 'Ctrl-C ends it.'].join('\n');
}
