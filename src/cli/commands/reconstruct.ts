import type { ParsedArgs } from '../args.ts';
import { readOptions } from '../args.ts';
import { expandInputs } from '../inputs.ts';
import { OutputFile } from '../output-file.ts';
import { runWithProgress } from '../run.ts';

/** A video or images → scene.npz. */
export async function reconstruct({ inputs, flags }: ParsedArgs, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const options = readOptions(flags);
  const files = await expandInputs(inputs);
  const output = new OutputFile(String(flags.out));
  const { frames, width, height, timings, peakMemoryBytes, summary, devices, warnings } =
    await runWithProgress({ command: 'reconstruct', files, output, options, signal });
  const secs = (performance.now() - started) / 1000;
  for (const warning of warnings) process.stderr.write(`Note: ${warning}\n`);
  if (flags.json) {
    const report = { ok: true, out: output.path, frames, width, height, timings: { ...timings, total: secs }, peakMemoryBytes, summary, devices, warnings };
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  const memory = peakMemoryBytes === null ? '' : `, at most ${(peakMemoryBytes / 2 ** 30).toFixed(1)} GB of memory`;
  process.stdout.write(`${output.path}: ${frames} frames of ${width}×${height} in ${secs.toFixed(0)} s${memory}.\n`);
  if (summary) process.stdout.write(`${summary.sentence}\n`);
}
