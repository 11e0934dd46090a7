// Changes to the masks of what moves: strokes of a brush, the same stroke in other frames, and masks from a threshold.

import type { Scene } from '../scene/scene.ts';
import type { Spot } from './pick.ts';
import { distanceToSegment } from './pick.ts';
import { dropSpecks, grow } from './surface.ts';

/** Both masks of some frames: u8 [H·W] each. */
export interface FrameMasks {
  readonly frame: number;
  readonly mask: Uint8Array;
  readonly maskNow: Uint8Array;
}

/** Parts of a mask smaller than this share of the picture are noise. */
const SPECK_SHARE = 0.0005;

/** u8 [H·W], 1 = under a round brush of that radius (px) drawn from one spot to the other. */
export function strokeOf(width: number, height: number, from: Spot, to: Spot, radius: number): Uint8Array {
  const out = new Uint8Array(width * height);
  const [left, right] = [Math.min(from.x, to.x) - radius, Math.max(from.x, to.x) + radius];
  const [top, bottom] = [Math.min(from.y, to.y) - radius, Math.max(from.y, to.y) + radius];
  for (let y = Math.max(0, Math.floor(top)); y <= Math.min(height - 1, bottom); y++) {
    for (let x = Math.max(0, Math.floor(left)); x <= Math.min(width - 1, right); x++) {
      if (distanceToSegment({ x: x + 0.5, y: y + 0.5 }, from, to) <= radius) out[y * width + x] = 1;
    }
  }
  // A brush smaller than a pixel still paints the one it is on.
  const [x, y] = [Math.floor(to.x), Math.floor(to.y)];
  if (x >= 0 && y >= 0 && x < width && y < height) out[y * width + x] = 1;
  return out;
}

/** Where the pixels of `area` in one frame are in the next one (`step` 1) or the one before (-1), by the flow between neighbours (f32 [T-1]·[H·W·2] px). */
export function carryByFlow(area: Uint8Array, flow: Float32Array, width: number, height: number, frame: number, step: 1 | -1): Uint8Array {
  const out = new Uint8Array(width * height);
  // Flow only runs forward: backward, every pixel asks where it leads to.
  const start = (step > 0 ? frame : frame - 1) * width * height * 2;
  for (let i = 0; i < out.length; i++) {
    if (step > 0 && !area[i]) continue;
    const x = Math.floor((i % width) + 0.5 + flow[start + 2 * i]);
    const y = Math.floor(Math.floor(i / width) + 0.5 + flow[start + 2 * i + 1]);
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    if (step > 0) out[y * width + x] = 1;
    else if (area[y * width + x]) out[i] = 1;
  }
  // What spreads apart leaves gaps of single pixels.
  return step > 0 ? close(out, width, height) : out;
}

function close(mask: Uint8Array, width: number, height: number): Uint8Array {
  const outside = grow(grow(mask, width, height, 1).map((m) => 1 - m), width, height, 1);
  return outside.map((m) => 1 - m);
}

export function masksOf({ width, height, mask, maskNow }: Scene, frame: number): FrameMasks {
  const [from, to] = [frame * width * height, (frame + 1) * width * height];
  return { frame, mask: mask.slice(from, to), maskNow: maskNow.slice(from, to) };
}

/** The scene with other masks at some frames. */
export function withMasks(scene: Scene, changed: readonly FrameMasks[]): Scene {
  const size = scene.width * scene.height;
  const [mask, maskNow] = [scene.mask.slice(), scene.maskNow.slice()];
  for (const own of changed) {
    mask.set(own.mask, own.frame * size);
    maskNow.set(own.maskNow, own.frame * size);
  }
  return { ...scene, mask, maskNow };
}

/** What is painted moves, and moves now; what is erased stands still. */
export function applyArea(masks: FrameMasks, area: Uint8Array, moves: boolean): FrameMasks {
  const set = (mask: Uint8Array) => mask.map((m, i) => (area[i] ? Number(moves) : m));
  return { frame: masks.frame, mask: set(masks.mask), maskNow: set(masks.maskNow) };
}

/** Masks of what the camera's motion leaves unexplained by more than so many px, without specks. */
export function thresholdMasks({ width, height }: Scene, errorPx: Float32Array, frame: number, px: number): FrameMasks {
  const size = width * height;
  const over = Uint8Array.from(errorPx.subarray(frame * size, (frame + 1) * size), (e) => Number(e > px));
  const least = Math.max(4, SPECK_SHARE * size);
  const mask = dropSpecks(close(dropSpecks(over, width, height, least), width, height), width, height, least);
  return { frame, mask, maskNow: mask.slice() };
}
