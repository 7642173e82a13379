import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearestName } from '../../shared/ring/model/unknown-name.ts';
import { UsageError } from './usage-error.ts';

/** Parses the arguments of a command. Throws {@link UsageError}, one line, for unknown ones. */
export function readArguments<Options extends NonNullable<ParseArgsConfig['options']>>(
  argv: readonly string[],
  options: Options,
) {
  const unknown = argv
    .slice(0, endOfOptions(argv))
    .map(optionName)
    .find((name) => isUnknown(name, options));
  if (unknown !== undefined) throw new UsageError(unknownText(unknown, Object.keys(options)));
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : '').split('\n');
    throw new UsageError(`${line} --help shows what the command takes.`);
  }
}

function endOfOptions(argv: readonly string[]): number {
  const end = argv.indexOf('--');
  return end === -1 ? argv.length : end;
}

/** Returns the name in `--name` and `--name=value`; undefined for what is no option. */
function optionName(argument: string): string | undefined {
  return /^--([^=]+)/.exec(argument)?.[1];
}

function isUnknown(name: string | undefined, options: object): boolean {
  return name !== undefined && !Object.hasOwn(options, name);
}

function unknownText(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const advice =
    nearest === undefined ? '--help shows what the command takes.' : `Did you mean --${nearest}?`;
  return `There is no option --${name}. ${advice}`;
}
