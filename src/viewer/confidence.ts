// How certain the pixels are: the base of the sliders that leave out the least certain ones.

import type { Scene } from '../scene/scene.ts';

/** Pixels per confidence 0…255, of those with a depth. */
export interface ConfidenceSpread {
  readonly still: Float64Array;
  readonly moving: Float64Array;
}

/** The lowest bit of a confidence is not drawn, so it does not count here either. */
const DRAWN_BITS = 254;

export function spreadConfidence({ depth, confidence, mask }: Scene): ConfidenceSpread {
  const [still, moving] = [new Float64Array(256), new Float64Array(256)];
  for (let i = 0; i < depth.length; i++) if (depth[i] > 0) (mask[i] ? moving : still)[confidence[i] & DRAWN_BITS]++;
  return { still, moving };
}

/** The confidence 0…254 under which at most `percent` of the pixels lie. */
export function levelAt(counts: Float64Array, percent: number): number {
  const most = (percent / 100) * counts.reduce((a, b) => a + b, 0);
  let [level, below] = [0, 0];
  while (level < 255 && below + counts[level] <= most) below += counts[level++];
  return level & DRAWN_BITS;
}

/** How many pixels are left at a percentile, and how many there are. */
export function countShown(counts: Float64Array, percent: number): { shown: number; total: number } {
  const level = levelAt(counts, percent);
  return { shown: counts.reduce((sum, n, k) => sum + (k >= level ? n : 0), 0), total: counts.reduce((a, b) => a + b, 0) };
}

const smoothed = new WeakMap<Uint8Array, Uint8Array>();

/** The mean around each pixel: a cut through it leaves out whole regions instead of a maze of single pixels. */
export function smoothConfidence({ confidence, width: W, height: H, frameCount: T }: Scene): Uint8Array {
  const known = smoothed.get(confidence);
  if (known) return known;
  const reach = Math.max(1, Math.round(W / 100));
  let from = confidence;
  for (const [along, across, length] of [[1, W, W], [W, 1, H]]) {
    const to = new Uint8Array(confidence.length);
    for (let line = 0; line < (T * W * H) / length; line++) {
      const start = along === 1 ? line * across : Math.floor(line / W) * W * H + (line % W);
      let [sum, count] = [0, 0];
      for (let k = 0; k < Math.min(reach, length); k++, count++) sum += from[start + k * along];
      for (let k = 0; k < length; k++) {
        if (k + reach < length) {
          sum += from[start + (k + reach) * along];
          count++;
        }
        if (k - reach > 0) {
          sum -= from[start + (k - reach - 1) * along];
          count--;
        }
        to[start + k * along] = Math.round(sum / count);
      }
    }
    from = to;
  }
  smoothed.set(confidence, from);
  return from;
}
