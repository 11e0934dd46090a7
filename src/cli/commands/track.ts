import { readFile } from 'node:fs/promises';
import type { ParsedArgs } from '../args.ts';
import { readOptions } from '../args.ts';
import { unreadable } from '../exit.ts';
import { cannotRead, expandInputs } from '../inputs.ts';
import { OutputFile } from '../output-file.ts';
import { runWithProgress } from '../run.ts';

/** Query points → their tracks over all frames, at source size. */
export async function track({ inputs, flags }: ParsedArgs, signal: AbortSignal): Promise<void> {
  const queries = await readQueries(String(flags.queries));
  const files = await expandInputs(inputs);
  const output = new OutputFile(String(flags.out));
  const { frames } = await runWithProgress({ command: 'track', files, output, queries, options: readOptions(flags), signal });
  process.stdout.write(`${output.path}: ${queries.length} tracks over ${frames} frames.\n`);
}

/** [[frame, x, y], …] */
export async function readQueries(path: string): Promise<[number, number, number][]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => { throw cannotRead(path, error); });
  const refuse = (why: string) => unreadable(`Cannot read the queries in "${path}": ${why}; it must be a JSON list like [[0, 120.5, 64.5]] of frame, x, y in pixels of the source.`);
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw refuse('it is no JSON');
  }
  if (!Array.isArray(list) || list.length === 0) throw refuse('it is no list, or an empty one');
  return list.map((query: unknown, i) => {
    if (!Array.isArray(query) || query.length !== 3 || !query.every((v) => Number.isFinite(v))) throw refuse(`entry ${i} is not three numbers`);
    const [frame, x, y] = query as [number, number, number];
    if (!Number.isInteger(frame) || frame < 0) throw refuse(`entry ${i} names frame ${frame}, which is no frame number`);
    return [frame, x, y];
  });
}
