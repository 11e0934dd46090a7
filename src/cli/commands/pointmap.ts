import type { ParsedArgs } from '../args.ts';
import { readOptions } from '../args.ts';
import { expandInputs } from '../inputs.ts';
import { OutputFile } from '../output-file.ts';
import { runWithProgress } from '../run.ts';

/** Two images → two pointmaps in the first camera's frame, with their confidences. */
export async function pointmap({ inputs, flags }: ParsedArgs, signal: AbortSignal): Promise<void> {
  const files = (await Promise.all(inputs.map((input) => expandInputs([input])))).flat();
  const output = new OutputFile(String(flags.out));
  const { width, height } = await runWithProgress({ command: 'pointmap', files, output, options: readOptions(flags), signal });
  process.stdout.write(`${output.path}: pointmap of ${width}×${height} pixels.\n`);
}
