// What a flow leads to.

import type { FlowField } from '../scene/fields.ts';

/** Where the flow leads to no pixel, or does not return. */
export const NOWHERE = -1;

/** Samples a map [H·W] of the other frame along a flow: the value where each pixel goes; `NOWHERE` where that is unknown. */
export function followFlow(map: Float32Array, { width, height, uv, consistent }: FlowField): Float32Array {
  const out = new Float32Array(map.length).fill(NOWHERE);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!consistent[i]) continue;
      const tx = Math.round(x + uv[2 * i]!);
      const ty = Math.round(y + uv[2 * i + 1]!);
      if (tx >= 0 && ty >= 0 && tx < width && ty < height) out[i] = map[ty * width + tx]!;
    }
  }
  return out;
}
