import { parseArgs } from 'node:util';
import { checkOptions, type Options } from '../scene/options.ts';
import { wrongUse } from './exit.ts';

export const USAGE = {
  reconstruct: 'reconstruct INPUT --out FILE.npz [--max-frames 48] [--size 384] [--start s --end s] [--focal px] [--tracks N] [--backend auto|webgpu|wasm] [--engine gauss-newton|tfjs] [--json]',
  flow: 'flow A.png B.png --out FILE.flo',
  track: 'track INPUT --queries Q.json --out FILE.npz',
  pointmap: 'pointmap A.png B.png --out FILE.npz',
  export: 'export FILE.npz --to FORMAT --out PATH [--axes y-up|z-up|opencv]',
  info: 'info FILE.npz [--trajectory FILE.txt]',
} as const;

export type CommandName = keyof typeof USAGE;

const FLAGS: Readonly<Record<CommandName, readonly string[]>> = {
  reconstruct: ['out', 'max-frames', 'size', 'start', 'end', 'focal', 'tracks', 'backend', 'engine', 'json'],
  flow: ['out'], track: ['queries', 'out'], pointmap: ['out'], export: ['to', 'out', 'axes'], info: ['trajectory'],
};
const REQUIRED: Readonly<Record<CommandName, readonly string[]>> = {
  reconstruct: ['out'], flow: ['out'], track: ['queries', 'out'], pointmap: ['out'], export: ['to', 'out'], info: [],
};
/** How many inputs: [least, most]. A shell may have spread a glob of images, so a sequence takes any number. */
const INPUTS: Readonly<Record<CommandName, readonly [number, number]>> = {
  reconstruct: [1, Infinity], flow: [2, 2], track: [1, Infinity], pointmap: [2, 2], export: [1, 1], info: [1, 1],
};

export interface ParsedArgs {
  readonly command: CommandName;
  readonly inputs: readonly string[];
  readonly flags: Readonly<Record<string, string | true>>;
}

/** Null when help was asked for. Throws wrong use in one line that says what and how. */
export function parseCommand(argv: readonly string[]): ParsedArgs | null {
  const [first, ...rest] = argv;
  if (first === undefined) throw wrongUse(`Which command? One of ${Object.keys(USAGE).join(', ')}. For example: ${asked('reconstruct')}`);
  if (argv.includes('--help') || argv.includes('-h') || first === 'help') return null;
  if (!(first in USAGE)) throw wrongUse(`There is no command "${first}"; the commands are ${Object.keys(USAGE).join(', ')}.`);
  const command = first as CommandName;
  const refuse = (what: string) => wrongUse(`${what}; use: ${asked(command)}`);

  const options = Object.fromEntries(FLAGS[command].map((name) => [name, { type: name === 'json' ? 'boolean' : 'string' } as const]));
  const { values, positionals, tokens } = parseArgs({ args: rest, options, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (!(token.name in options)) throw refuse(`${command} has no option ${token.rawName}`);
    if (options[token.name]!.type === 'string' && (token.value === undefined || token.value === '')) throw refuse(`Option ${token.rawName} needs a value`);
  }
  const [least, most] = INPUTS[command];
  if (positionals.length < least) throw refuse(`${command} needs ${least === 2 ? 'two images' : 'an input'}`);
  if (positionals.length > most) throw refuse(`${command} takes ${most === 2 ? 'two images' : 'one input'}, not ${positionals.length}`);
  const missing = REQUIRED[command].find((name) => values[name] === undefined);
  if (missing) throw refuse(`${command} needs --${missing}`);
  return { command, inputs: positionals, flags: values as Record<string, string | true> };
}

const asked = (command: CommandName): string => `npm run foursight -- ${USAGE[command]}`;

export function helpText(): string {
  return ['Foursight: an ordinary video becomes a 4D scene.', '', ...Object.values(USAGE).map((line) => `  npm run foursight -- ${line}`),
    '', 'INPUT is a video file, a folder of images, or a glob of images ("shots/*.png").',
    'Exit status: 0 done, 2 wrong use, 3 input cannot be read, 4 the run failed.'].join('\n');
}

/** The pipeline's options out of reconstruct's flags; throws plan/bad-option for a value out of range. */
export function readOptions(flags: ParsedArgs['flags']): Options {
  const number = (name: string): number | undefined => {
    const text = flags[name];
    if (typeof text !== 'string') return undefined;
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) throw wrongUse(`Option --${name} is "${text}"; it must be a number.`);
    return value;
  };
  const oneOf = <T extends string>(name: string, choices: readonly T[]): T | undefined => {
    const text = flags[name];
    if (text === undefined) return undefined;
    const chosen = choices.find((c) => c === text);
    if (!chosen) throw wrongUse(`Option --${name} is "${text}"; it must be one of ${choices.join(', ')}.`);
    return chosen;
  };
  const given = {
    maxFrames: number('max-frames'), size: number('size'), startSecs: number('start'), endSecs: number('end'), focalPx: number('focal'), tracks: number('tracks'),
    backend: oneOf('backend', ['auto', 'webgpu', 'wasm'] as const), engine: oneOf('engine', ['gauss-newton', 'tfjs'] as const),
  };
  return checkOptions(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
}
