import { helpText, parseCommand, type CommandName, type ParsedArgs } from './args.ts';
import { EXIT, exitStatusOf, sentenceOf } from './exit.ts';

type Command = (args: ParsedArgs, signal: AbortSignal) => Promise<void>;

/** Loaded when asked for: only some commands need the browser. */
const COMMANDS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  reconstruct: async () => (await import('./commands/reconstruct.ts')).reconstruct,
  flow: async () => (await import('./commands/flow.ts')).flow,
  track: async () => (await import('./commands/track.ts')).track,
  pointmap: async () => (await import('./commands/pointmap.ts')).pointmap,
  export: async () => (await import('./commands/export.ts')).exportScene,
  info: async () => (await import('./commands/info.ts')).info,
};

/** Runs one command to its end; every failure becomes one line on stderr and an exit status. */
export async function runCli(argv: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    const args = parseCommand(argv);
    if (!args) {
      process.stdout.write(`${helpText()}\n`);
      return EXIT.done;
    }
    const command = await COMMANDS[args.command]();
    await command(args, signal);
    return EXIT.done;
  } catch (error) {
    const status = exitStatusOf(error);
    const message = status === EXIT.failed ? `The run failed: ${sentenceOf(error)} Nothing was written.` : sentenceOf(error);
    process.stderr.write(`${message}\n`);
    if (argv.includes('--json')) process.stdout.write(`${JSON.stringify({ ok: false, error: message })}\n`);
    return status;
  }
}
