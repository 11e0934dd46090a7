import type { ParsedArgs } from '../args.ts';
import { readOptions } from '../args.ts';
import { expandInputs } from '../inputs.ts';
import { OutputFile } from '../output-file.ts';
import { runWithProgress } from '../run.ts';

/** Two images → dense flow from the first to the second, at the first one's size. */
export async function flow({ inputs, flags }: ParsedArgs, signal: AbortSignal): Promise<void> {
  const files = (await Promise.all(inputs.map((input) => expandInputs([input])))).flat();
  const output = new OutputFile(String(flags.out));
  const { width, height } = await runWithProgress({ command: 'flow', files, output, options: readOptions(flags), signal });
  process.stdout.write(`${output.path}: flow of ${width}×${height} pixels.\n`);
}
