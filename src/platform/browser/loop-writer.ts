// Looping pictures for chats: GIF, which everything shows, and WebP, which is smaller and truer. Never larger than chats take.

import { encodeGif } from './gif.ts';
import type { VideoWriter } from './video-file.ts';
import { joinWebp } from './webp.ts';

export type LoopFormat = 'gif' | 'webp';

const MOST_BYTES = 8e6;
const WEBP_QUALITY = 0.8;
/** Shrinking aims a little below the bound, and ends here, px of the shorter side. */
const AIM = 0.95;
const LEAST_PX = 64;
/** Shortest time that can be told, ms. */
const TICK = { gif: 10, webp: 1 };

/** Whether the browser packs canvases as WebP; where it cannot it hands over PNG. */
export async function canMakeWebp(): Promise<boolean> {
  const canvas = new OffscreenCanvas(1, 1);
  // One without a context cannot be packed at all.
  canvas.getContext('2d');
  return (await canvas.convertToBlob({ type: 'image/webp' })).type === 'image/webp';
}

/** Frames are kept until the end: only then is it known how large all of them are. */
export function createLoopWriter(format: LoopFormat, fps: number): VideoWriter {
  const frames: ImageData[] = [];
  return {
    add: async (canvas) => { frames.push(canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)); },
    finish: async () => {
      const delays = delaysOf(frames.length, fps, TICK[format]);
      const pack = async (pictures: readonly ImageData[]) => (format === 'gif' ? encodeGif(pictures, delays) : joinWebp(await each(pictures, toWebp), pictures[0].width, pictures[0].height, delays));
      let scale = 1;
      let bytes = await pack(frames);
      while (bytes.length > MOST_BYTES && scale * Math.min(frames[0].width, frames[0].height) > LEAST_PX) {
        scale *= AIM * Math.sqrt(MOST_BYTES / bytes.length);
        bytes = await pack(await each(frames, (frame) => shrink(frame, scale)));
      }
      return new Blob([bytes], { type: `image/${format}` });
    },
    cancel: async () => { frames.length = 0; },
  };
}

/** How long each frame is on show, ms: whole ticks, and right in the sum. */
export function delaysOf(count: number, fps: number, tick: number): number[] {
  const until = (frame: number) => Math.round((frame * 1000) / fps / tick) * tick;
  return Array.from({ length: count }, (_, i) => until(i + 1) - until(i));
}

/** One after the other: all at once they would fill the memory. */
async function each<T>(frames: readonly ImageData[], change: (frame: ImageData) => Promise<T>): Promise<T[]> {
  const changed: T[] = [];
  for (const frame of frames) changed.push(await change(frame));
  return changed;
}

async function shrink(frame: ImageData, scale: number): Promise<ImageData> {
  const [width, height] = [frame.width, frame.height].map((v) => Math.max(1, Math.round(v * scale)));
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(await createImageBitmap(frame), 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

async function toWebp(frame: ImageData): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(frame.width, frame.height);
  canvas.getContext('2d')!.putImageData(frame, 0, 0);
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/webp', quality: WEBP_QUALITY })).arrayBuffer());
}
