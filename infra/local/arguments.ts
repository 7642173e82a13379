import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './ports.ts';

/** Reads what a command was given. Throws {@link UsageError}, with how it is used, for what it does not know. */
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
