// The depth that is drawn: uncertain depths are evened out along what looks like one surface.

import type { Scene } from '../scene/scene.ts';
import { FrameCache } from './frame-cache.ts';

/** Reach of the evening out, px at a picture 384 px wide. */
const REACH = 14;
/** Difference of colour (0…1, largest channel) and share of depth that weigh as much as going REACH px. */
const COLOUR_STEP = 0.12;
const DEPTH_STEP = 0.15;
/** Smaller jumps, as a share of the depth, are no edge: where the picture has one too, and where it has none. */
const SLACK_AT_EDGE = 0.06;
const SLACK = 0.3;
/** Difference of colour that makes an edge, up to so many px beside that of the depth. */
const COLOUR_EDGE = 0.06;
const EDGE_SHIFT = 2;
/** Weight of the least certain pixel beside a certain one. */
const LEAST_WEIGHT = 0.1;

/**
 * Depth f32 [H·W], scene units, evened out within surfaces of one colour: an edge of the depth alone is mostly noise, one that the
 * picture has too is true. The more certain a pixel (u8, 255 = wholly) the less it moves; what moves and what stands stay apart.
 * Recursive edge-aware filter on 1/z, which is linear in the picture for every plane (domain transform, Gastal & Oliveira 2011).
 */
export function calmDepth(depth: Float32Array, rgb: Uint8Array, confidence: Uint8Array, mask: Uint8Array, W: number, H: number): Float32Array {
  const size = W * H;
  const weight = new Float32Array(size);
  const inverse = new Float32Array(size);
  let uncertain = false;
  for (let i = 0; i < size; i++) {
    if (depth[i] <= 0) continue;
    weight[i] = LEAST_WEIGHT + confidence[i] / 255;
    inverse[i] = 1 / depth[i];
    uncertain ||= confidence[i] < 255;
  }
  if (!uncertain) return depth;
  const [across, down] = [flowFrom(depth, rgb, mask, W, H, 1), flowFrom(depth, rgb, mask, W, H, W)];
  const smooth = evenOut(inverse, weight, across, down, W);
  // What the filter took away goes through it once more: so slopes stay slopes at the borders of a surface.
  const rest = new Float32Array(size);
  for (let i = 0; i < size; i++) rest[i] = inverse[i] - smooth[i];
  const back = evenOut(rest, weight, across, down, W);
  const out = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    if (depth[i] <= 0) continue;
    const own = (confidence[i] / 255) ** 2;
    const value = own * inverse[i] + (1 - own) * (smooth[i] + back[i]);
    out[i] = value > 0.5 * inverse[i] ? 1 / value : depth[i];
  }
  return out;
}

/** How much of the pixel `step` before it flows into each pixel in the first pass, 0…1. */
function flowFrom(depth: Float32Array, rgb: Uint8Array, mask: Uint8Array, W: number, H: number, step: number): Float32Array {
  const colour = new Float32Array(W * H);
  for (let i = step; i < W * H; i++) {
    const [p, q] = [i * 3, (i - step) * 3];
    colour[i] = Math.max(Math.abs(rgb[p] - rgb[q]), Math.abs(rgb[p + 1] - rgb[q + 1]), Math.abs(rgb[p + 2] - rgb[q + 2])) / 255;
  }
  const flow = new Float32Array(W * H);
  const pixel = 384 / (REACH * W);
  for (let i = step; i < W * H; i++) {
    const j = i - step;
    const [a, b] = [depth[i], depth[j]];
    // Nothing flows around the end of a line.
    if ((step === 1 && i % W === 0) || a <= 0 || b <= 0 || (mask[i] !== 0) !== (mask[j] !== 0)) continue;
    let near = 0;
    for (let k = i - EDGE_SHIFT * step; k <= i + EDGE_SHIFT * step; k += step) if (colour[k] > near) near = colour[k];
    const slack = near > COLOUR_EDGE ? SLACK_AT_EDGE : SLACK;
    const jump = a > b ? a / b - 1 : b / a - 1;
    flow[i] = Math.exp(-Math.SQRT2 * (pixel + colour[i] / COLOUR_STEP + (jump > slack ? (jump - slack) / DEPTH_STEP : 0)));
  }
  return flow;
}

/** Weighted means along rows and columns, there and back, twice. */
function evenOut(values: Float32Array, weight: Float32Array, across: Float32Array, down: Float32Array, W: number): Float32Array {
  const sum = values.slice();
  for (let i = 0; i < sum.length; i++) sum[i] *= weight[i];
  const total = weight.slice();
  blend(sum, total, across, 1, false);
  blend(sum, total, down, W, false);
  // Half the reach the second time, which hides the stripes of filtering along lines.
  blend(sum, total, across, 1, true);
  blend(sum, total, down, W, true);
  for (let i = 0; i < sum.length; i++) sum[i] = total[i] > 0 ? sum[i] / total[i] : 0;
  return sum;
}

/** `half`: over half the reach. */
function blend(sum: Float32Array, total: Float32Array, flow: Float32Array, step: number, half: boolean): void {
  for (let i = step; i < sum.length; i++) {
    const f = half ? flow[i] * flow[i] : flow[i];
    sum[i] += f * (sum[i - step] - sum[i]);
    total[i] += f * (total[i - step] - total[i]);
  }
  for (let i = sum.length - 1; i >= step; i--) {
    const f = half ? flow[i] * flow[i] : flow[i];
    sum[i - step] += f * (sum[i] - sum[i - step]);
    total[i - step] += f * (total[i] - total[i - step]);
  }
}

const frames = new FrameCache<Float32Array>();

/** The calm depth of one frame of a scene, f32 [H·W]. */
export function calmFrame({ depth, rgb, confidence, mask, width: W, height: H }: Scene, frame: number): Float32Array {
  const [from, to] = [frame * W * H, (frame + 1) * W * H];
  return frames.get(mask, [depth], frame, () =>
    calmDepth(depth.subarray(from, to), rgb.subarray(3 * from, 3 * to), confidence.subarray(from, to), mask.subarray(from, to), W, H));
}
