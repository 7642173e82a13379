import { readArguments } from '../arguments.ts';
import { UsageError } from '../usage-error.ts';

export const usage = `Usage: npm run credentials -- import FILE [--replace] [--report FILE] [--settings FILE]
       npm run credentials -- missing FILE [--settings FILE]
       npm run credentials -- verify FILE (--url URL [--key-file FILE] | --queue) [--settings FILE]
       npm run credentials -- name ADDRESS
FILE is a CSV file with the columns user, username and password, or - for standard input. KEY_VAULT_URL names the vault;
verify takes the function key from SIMRING_KEY or --key-file, or sends to the queue with the settings of the functions.`;

export interface Arguments {
  readonly command: 'import' | 'missing' | 'verify' | 'name';
  /** The file, or the address for `name`. */
  readonly subject: string;
  readonly replace: boolean;
  readonly report: string | undefined;
  readonly settings: string | undefined;
  readonly url: string | undefined;
  readonly keyFile: string | undefined;
  readonly queue: boolean;
}

const commands = ['import', 'missing', 'verify', 'name'] as const;
/** The options of one command alone. */
const commandOf = {
  replace: 'import',
  report: 'import',
  url: 'verify',
  'key-file': 'verify',
  queue: 'verify',
} as const;

/** Reads the arguments; `help` where the usage was asked for. Throws UsageError, one line, where they are wrong. */
export function readCommand(given: readonly string[]): Arguments | 'help' {
  const { values, positionals } = readArguments(given, {
    replace: { type: 'boolean' },
    report: { type: 'string' },
    settings: { type: 'string' },
    url: { type: 'string' },
    'key-file': { type: 'string' },
    queue: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (values.help === true) return 'help';
  const [name, subject, ...others] = positionals;
  const command = commands.find((one) => one === name);
  if (command === undefined) {
    const what = name === undefined ? 'Name a command' : `There is no command ${name}`;
    throw new UsageError(
      `${what}: import, missing, verify and name are known. --help shows what each takes.`,
    );
  }
  if (subject === undefined || others.length > 0) {
    const what = command === 'name' ? 'address' : 'file';
    throw new UsageError(`The command ${command} takes one ${what}. --help shows how.`);
  }
  for (const option of ['replace', 'report', 'url', 'key-file', 'queue'] as const) {
    if (values[option] !== undefined && commandOf[option] !== command) {
      throw new UsageError(`The option --${option} is for ${commandOf[option]} alone.`);
    }
  }
  const { replace = false, report, settings, url, queue = false, 'key-file': keyFile } = values;
  return { command, subject, replace, report, settings, url, keyFile, queue };
}
