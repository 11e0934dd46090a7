// A thing that moves along its epipolar lines passes for a static one at a wrong depth: through the wall, or hovering.

import type { Size } from '../../maths/resize.ts';
import { median } from '../../maths/robust.ts';

/** How far a static point may stand behind or before what prior and surroundings lead one to expect, in log depth. */
const FARTHEST_BEHIND = 0.22;
const FARTHEST_BEFORE = 0.45;
/** How far an outline of the prior may lie beside that of the picture. */
const OUTLINE_PX = 2;
/** Samples across the longer side, and radius of the surroundings in samples. */
const SAMPLES_ACROSS = 64;
const SURROUNDINGS = 9;

/**
 * Depth held within reach of what the prior, shifted to the surroundings' median, expects; what then remains of the residual is motion.
 * @param reach factor on how far: a good prior leaves little room.
 * @returns f32 [H·W] log depth
 */
export function plausibleDepth(logDepth: Float32Array, prior: Float32Array, reach: number, { width, height }: Size): Float32Array {
  const step = Math.max(1, Math.round(Math.max(width, height) / SAMPLES_ACROSS));
  const w = Math.ceil(width / step);
  const h = Math.ceil(height / step);
  const offset = Float32Array.from({ length: w * h }, (_, k) => {
    const i = Math.min(height - 1, Math.floor(k / w) * step + (step >> 1)) * width + Math.min(width - 1, (k % w) * step + (step >> 1));
    return logDepth[i]! - prior[i]!;
  });
  const around = Float32Array.from(offset, (_, k) => {
    const near: number[] = [];
    const x = k % w;
    const y = Math.floor(k / w);
    for (let v = Math.max(0, y - SURROUNDINGS); v <= Math.min(h - 1, y + SURROUNDINGS); v += 2) {
      for (let u = Math.max(0, x - SURROUNDINGS); u <= Math.min(w - 1, x + SURROUNDINGS); u += 2) near.push(offset[v * w + u]!);
    }
    return median(near);
  });
  return logDepth.map((log, i) => {
    const x = i % width;
    const y = Math.floor(i / width);
    const shift = around[Math.floor(y / step) * w + Math.floor(x / step)]!;
    let nearest = Infinity;
    let farthest = -Infinity;
    for (let v = Math.max(0, y - OUTLINE_PX); v <= Math.min(height - 1, y + OUTLINE_PX); v++) {
      for (let u = Math.max(0, x - OUTLINE_PX); u <= Math.min(width - 1, x + OUTLINE_PX); u++) {
        nearest = Math.min(nearest, prior[v * width + u]!);
        farthest = Math.max(farthest, prior[v * width + u]!);
      }
    }
    return Math.max(nearest + shift - reach * FARTHEST_BEFORE, Math.min(farthest + shift + reach * FARTHEST_BEHIND, log));
  });
}
