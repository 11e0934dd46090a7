// Files of an export → one zip, piece by piece, so that a long export needs no second copy in memory.

import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { FoursightError } from '../scene/errors.ts';
import { throwIfCancelled, type CancelSignal } from '../scene/job.ts';
import type { Scene } from '../scene/scene.ts';
import { describeFiles } from './sidecar.ts';
import type { Exporter, ExportFile, ExportOptions } from './exporter.ts';

/** Already packed inside; packing again costs time and gains nothing. */
const PACKED = /\.(png|exr|npz|jpg|webp)$/;

/** All files of an export with its README.txt and export.json; `onProgress` hears the share done. */
export async function* exportFiles(scene: Scene, exporter: Exporter, options: ExportOptions, signal: CancelSignal, onProgress: (share: number) => void): AsyncGenerator<ExportFile> {
  yield* describeFiles(scene, exporter, options);
  for await (const step of exporter.write(scene, options)) {
    throwIfCancelled(signal);
    if (typeof step === 'number') onProgress(step);
    else yield step;
  }
  onProgress(1);
}

export async function zipFiles(files: AsyncIterable<ExportFile>, onPiece: (bytes: Uint8Array<ArrayBuffer>) => void): Promise<void> {
  let failure: Error | null = null;
  const zip = new Zip((error, bytes) => {
    if (error) failure ??= error;
    else onPiece(bytes as Uint8Array<ArrayBuffer>);
  });
  for await (const { path, bytes } of files) {
    const entry = PACKED.test(path) ? new ZipPassThrough(path) : new ZipDeflate(path, { level: 6 });
    zip.add(entry);
    entry.push(bytes, true);
    if (failure) throw new FoursightError('internal', `The archive could not be written: ${String(failure)}`);
  }
  zip.end();
}
