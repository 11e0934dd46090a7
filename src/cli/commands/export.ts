import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { DEFAULT_EXPORT, EXPORTERS, exportFiles, findExporter, WORLD_AXES, zipFiles, type Exporter, type ExportFile, type ExportOptions, type WorldAxes } from '../../exporters/index.ts';
import { readSceneNpz } from '../../scene/npz.ts';
import type { ParsedArgs } from '../args.ts';
import { wrongUse } from '../exit.ts';
import { cannotRead } from '../inputs.ts';
import { OutputFile } from '../output-file.ts';

/** Writes a scene.npz as another format: one file, a .zip, or a folder, whichever --out names. */
export async function exportScene({ inputs, flags }: ParsedArgs, signal: AbortSignal): Promise<void> {
  const exporter = findExporter(String(flags.to));
  if (!exporter) throw wrongUse(`export cannot write "${String(flags.to)}"; available formats: ${EXPORTERS.map((e) => e.name).join(', ')}.`);
  const [input] = inputs as [string];
  const out = resolve(String(flags.out));
  const shape = shapeOf(exporter, out);
  const options: ExportOptions = { ...DEFAULT_EXPORT, axes: axesOf(flags.axes) ?? DEFAULT_EXPORT.axes, layout: shape === 'file' ? 'merged' : 'sequence' };
  const bytes = await readFile(input).catch((error: NodeJS.ErrnoException) => { throw cannotRead(input, error); });
  const files = exportFiles(readSceneNpz(bytes), exporter, options, signal, () => {});
  if (shape === 'folder') await writeFolder(out, files);
  else if (shape === 'zip') await writeZip(out, files);
  else await writeSingle(out, files, exporter);
  process.stderr.write(`Wrote ${exporter.title} to ${out}\n`);
}

function axesOf(flag: string | true | undefined): WorldAxes | null {
  if (flag === undefined) return null;
  if (!(String(flag) in WORLD_AXES)) throw wrongUse(`Option --axes is "${String(flag)}"; it must be one of ${Object.keys(WORLD_AXES).join(', ')}.`);
  return flag as WorldAxes;
}

function shapeOf({ name, single }: Exporter, out: string): 'file' | 'zip' | 'folder' {
  const extension = extname(out).toLowerCase();
  if (extension === '.zip') return 'zip';
  if (single && extension === single.extension) return 'file';
  // Another format's ending is a slip, not the name of a folder.
  if (EXPORTERS.some((e) => e.single?.extension === extension) || ['.png', '.exr', '.json', '.py'].includes(extension)) {
    throw wrongUse(`--out: "${basename(out)}" does not fit ${name}; give ${single ? `a name ending in ${single.extension}, ` : ''}a .zip or a folder.`);
  }
  return 'folder';
}

async function writeFolder(out: string, files: AsyncIterable<ExportFile>): Promise<void> {
  await new OutputFile(join(dirname(out), 'x')).check();
  const present = await readdir(out).catch(() => null);
  if (present && present.length > 0) throw wrongUse(`--out: the folder "${out}" is not empty; give a new one.`);
  const temporary = join(dirname(out), `.${basename(out)}.${process.pid}.part`);
  try {
    for await (const { path, bytes } of files) {
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      await writeFile(join(temporary, path), bytes);
    }
    if (present) await rmdir(out);
    await rename(temporary, out);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function writeZip(out: string, files: AsyncIterable<ExportFile>): Promise<void> {
  const output = new OutputFile(out);
  await output.check();
  try {
    const pieces: Uint8Array[] = [];
    await zipFiles(files, (piece) => pieces.push(piece));
    await output.append(Readable.from(pieces.map((p) => Buffer.from(p))));
    await output.commit();
  } finally {
    await output.discard();
  }
}

/** The file that was asked for, and its description beside it. */
async function writeSingle(out: string, files: AsyncIterable<ExportFile>, { single }: Exporter): Promise<void> {
  const [main, sidecar] = [new OutputFile(out), new OutputFile(`${out}.export.json`)];
  await main.check();
  try {
    for await (const { path, bytes } of files) {
      const target = path === single!.path ? main : path === 'export.json' ? sidecar : null;
      await target?.append(Readable.from([Buffer.from(bytes)]));
    }
    await main.commit();
    await sidecar.commit();
  } finally {
    await main.discard();
    await sidecar.discard();
  }
}
