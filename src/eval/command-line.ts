import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The options of this process; asked for help it prints the usage and ends, and where they make no sense one sentence before it. */
export function readCommandLine<T extends NonNullable<ParseArgsConfig['options']>>(usage: string, options: T) {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { ...options, help: { type: 'boolean', short: 'h' } } as T });
    if (!('help' in values)) return { values, positionals };
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message.split('. ')[0] : String(error)}.\n${usage}`);
    process.exit(2);
  }
}
