import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './ports.ts';

/** Parses the arguments of a command. Throws {@link UsageError} with the usage for unknown ones. */
export function readArguments<Options extends NonNullable<ParseArgsConfig['options']>>(
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : ''}\nUsage: ${usage}`);
  }
}
