// Pictures on disk as frames: JPEG and PNG decoded in plain JavaScript, no platform needed.

import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { resizeField } from '../../maths/resize.ts';
import { throwIfCancelled } from '../../scene/job.ts';
import type { Frame } from '../../scene/frame.ts';
import type { FrameSource } from '../../video/frame-source.ts';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** [H·W·4]. */
  readonly rgba: Uint8Array;
}

export function readPicture(path: string): Picture {
  const bytes = readFileSync(path);
  if (path.endsWith('.png')) {
    const { width, height, data } = PNG.sync.read(bytes);
    return { width, height, rgba: data };
  }
  const { width, height, data } = jpeg.decode(bytes, { useTArray: true, formatAsRGBA: true });
  return { width, height, rgba: data };
}

/** Grey values of a PNG with their full depth (8 or 16 bit). */
export function readGrey(path: string): { width: number; height: number; values: ArrayLike<number> } {
  const { width, height, data } = PNG.sync.read(readFileSync(path), { skipRescale: true });
  const rgba = data as unknown as ArrayLike<number>;
  return { width, height, values: Float32Array.from({ length: width * height }, (_, i) => rgba[4 * i]!) };
}

/** Picture t of a stack of them, u8 [T·H·W·3]. */
export function pictureAt(rgb: ArrayLike<number>, t: number, width: number, height: number): Picture {
  const rgba = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) rgba[4 * i + c] = rgb[3 * (t * width * height + i) + c]!;
  return { width, height, rgba };
}

/** A picture as a frame of the given size. */
export function toFrame(picture: Picture, index: number, timeSecs: number, width: number, height: number): Frame {
  const same = picture.width === width && picture.height === height;
  const rgba = same ? picture.rgba : Uint8ClampedArray.from(resizeField(picture.rgba, picture, { width, height }, 4));
  return { index, timeSecs, width, height, rgba };
}

/** Numbered pictures as a source of frames; `open` gives the picture of a frame. */
export function sourceOf(name: string, count: number, fps: number, size: { width: number; height: number }, open: (index: number) => Picture): FrameSource {
  return {
    info: { name, ...size, durationSecs: count / fps }, sha256: '',
    frames: Array.from({ length: count }, (_, index) => ({ index, timeSecs: index / fps })),
    async read(chosen, width, height, signal, onFrame) {
      const frames: Frame[] = [];
      for (const { index, timeSecs } of chosen) {
        throwIfCancelled(signal);
        frames.push(toFrame(open(index), index, timeSecs, width, height));
        onFrame(frames.length);
      }
      return frames;
    },
    dispose: () => {},
  };
}

export function sourceOfFiles(paths: readonly string[], fps: number): FrameSource {
  const first = readPicture(paths[0]!);
  return sourceOf(basename(dirname(dirname(paths[0]!))), paths.length, fps, { width: first.width, height: first.height }, (i) => readPicture(paths[i]!));
}
