// What the tracker says of motion in the world, spread from its points over the picture (C4D: DynPT's mobility).

import type { Size } from '../../maths/resize.ts';
import type { TrackSet } from '../../scene/tracks.ts';

/** Reach of a track's word, standard deviation as a share of the longer side; nothing is said where all weights stay below `LEAST_WEIGHT`. */
const REACH_SHARE = 0.024;
const LEAST_WEIGHT = 1e-2;

/**
 * Mobility at each pixel of frame t: the mean of the tracks visible near it, the surer the heavier.
 * @param unknown value where there are none
 * @returns f32 [H·W], 0…1
 */
export function mobilityMap({ count, frameCount, uv, visible, confidence, mobility }: TrackSet, t: number, { width, height }: Size, unknown: number): Float32Array {
  const sigma = REACH_SHARE * Math.max(width, height);
  const radius = Math.ceil(3 * sigma);
  const sum = new Float32Array(width * height);
  const weight = new Float32Array(width * height);
  for (let n = 0; n < count; n++) {
    const k = n * frameCount + t;
    if (!visible[k]) continue;
    const u = uv[2 * k]!;
    const v = uv[2 * k + 1]!;
    for (let y = Math.max(0, Math.floor(v) - radius); y < Math.min(height, v + radius); y++) {
      for (let x = Math.max(0, Math.floor(u) - radius); x < Math.min(width, u + radius); x++) {
        const w = confidence[k]! * Math.exp(-((x + 0.5 - u) ** 2 + (y + 0.5 - v) ** 2) / (2 * sigma * sigma));
        sum[y * width + x]! += w * mobility[n]!;
        weight[y * width + x]! += w;
      }
    }
  }
  return sum.map((s, i) => (weight[i]! > LEAST_WEIGHT ? s / weight[i]! : unknown));
}
